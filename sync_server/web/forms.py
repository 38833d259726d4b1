"""What browsers send back: the fields of a form, the version it was read at, ids in addresses."""

from collections.abc import Mapping

from litestar.datastructures import UploadFile

from protocol.case import CaseState, TimelineEntry
from sync_server.web.access import ForeignForm
from sync_server.web.messages import Web
from sync_server.web.problems import NoSuchThing


async def read_form(request: Web) -> dict[str, str]:
    """The text fields of a form; of a name that comes twice, the last."""
    read = await request.form()
    return {name: value for name, value in read.multi_items() if isinstance(value, str)}


def version_of(form: Mapping[str, str]) -> int:
    """The case's version when the form was made. Raises ForeignForm."""
    text = form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ForeignForm("this form is out of date; open the page again and send it again")
    return int(text)


def mark_of(form: Mapping[str, str]) -> int:
    """The entry that changed last what the form is about; -1 for none. Raises ForeignForm."""
    return -1 if form.get("version") == "-1" else version_of(form)


def moved(state: CaseState, version: int, found: int) -> list[TimelineEntry]:
    """What came to a case since a form was made at ``version``, as the log has it now."""
    newest = sorted(state.timeline, key=lambda one: one.index if one.index is not None else -1)
    return newest[-(found - version) :] if found > version else []


def record_id(text: str) -> bytes:
    """A hash of 32 bytes in an address. Raises NoSuchThing."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise NoSuchThing("there is nothing at this address; start from the list of cases")
    return found


async def read_files(request: Web) -> tuple[dict[str, str], dict[str, bytes]]:
    """The text fields of a form, and the bytes of its files; a file's name and the type that it
    claims are nobody's business."""
    read = await request.form()
    texts = {name: value for name, value in read.multi_items() if isinstance(value, str)}
    files = {
        name: await value.read()
        for name, value in read.multi_items()
        if isinstance(value, UploadFile)
    }
    return texts, files
