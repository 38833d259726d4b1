"""What goes wrong over HTTP, in one table (RFC 9457, ``application/problem+json``).

    {"type": "/problems/wrong_offset", "title": "偏移不符", "status": 409, "detail": "…", "at": …}

``detail`` is the error's own sentence in the client's language: what was expected, what came,
what to do next. ``at`` is the server's time in ms. An error that is not in the table is a
fault of ours: it is logged, and its words stay inside.
"""

from typing import Any, NamedTuple

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from protocol import errors
from sync_server import words
from sync_server.devices import codes
from sync_server.keys import keyring
from sync_server.log import factrows, guard, journal, sequencer
from sync_server.store.blobs import BadChecksum, NoRoom, TooMuch, Verifying, WrongBytes, WrongOffset

PROBLEM = "application/problem+json"

log = structlog.get_logger(__name__)


class Problem(NamedTuple):
    """A row of the table: HTTP status, the name in ``type``, the title (a msgid)."""

    status: int
    name: str
    title: str


class NoSuchThing(errors.Refused):
    """There is nothing at this address."""


class NotAllowed(errors.Refused):
    """The bearer's token is missing, wrong or expired."""


class WrongType(errors.Refused):
    """A body of another type than this address takes."""


class WrongTus(errors.Refused):
    """Another version of tus than this server speaks."""


class Gone(errors.Refused):
    """An upload that has ended, or whose time is over."""


class TooSlow(errors.Refused):
    """A body of which nothing came for too long."""


# The first row whose class fits; subclasses stand before their bases.
TABLE: tuple[tuple[type[errors.FujieError], Problem], ...] = (
    (errors.TooLarge, Problem(413, "too_large", "Too large")),
    (TooMuch, Problem(413, "too_large", "Too large")),
    (errors.Stale, Problem(401, "stale", "The clocks differ")),
    (guard.Replayed, Problem(409, "replayed", "Sent before")),
    (errors.UnknownSigner, Problem(401, "unknown_key", "Unknown key")),
    (errors.BadSignature, Problem(401, "bad_signature", "The signature does not hold")),
    (errors.Unverified, Problem(401, "not_verified", "The signature does not hold")),
    (NotAllowed, Problem(401, "not_allowed", "Not allowed")),
    (codes.BadCode, Problem(403, "bad_code", "The one-time code does not work")),
    (journal.Changed, Problem(409, "changed", "Changed meanwhile")),
    (WrongOffset, Problem(409, "wrong_offset", "Wrong offset")),
    (BadChecksum, Problem(460, "checksum_mismatch", "The checksum does not match")),
    (WrongBytes, Problem(460, "blob_mismatch", "Not the blob that the record names")),
    (WrongType, Problem(415, "wrong_type", "Wrong type of body")),
    (WrongTus, Problem(412, "wrong_tus_version", "Wrong version of tus")),
    (Gone, Problem(410, "gone", "Expired")),
    (TooSlow, Problem(408, "too_slow", "Nothing came")),
    # No refusal but "later": whoever asked goes on to something else and comes back.
    (Verifying, Problem(503, "verifying", "Being verified")),
    (NoRoom, Problem(507, "no_room", "No room left")),
    (NoSuchThing, Problem(404, "not_found", "Not found")),
    (factrows.NotHeld, Problem(404, "not_found", "Not found")),
    (sequencer.NotDurable, Problem(503, "not_durable", "Not saved")),
    (keyring.NoKey, Problem(503, "no_key", "A key of the server is missing")),
    (errors.Refused, Problem(409, "refused", "Refused")),
    (errors.Malformed, Problem(400, "malformed", "Malformed")),
)

OURS = Problem(500, "fault", "A fault of this server")
STATUS_TITLES = {404: "Not found", 405: "Not allowed", 413: "Too large"}


def problem_of(error: errors.FujieError) -> Problem:
    """The row for an error."""
    return next((row for kind, row in TABLE if isinstance(error, kind)), OURS)


def answer_error(request: Request[Any, Any, Any], error: errors.FujieError) -> Response[bytes]:
    """The answer to a deliberate error."""
    row = problem_of(error)
    language = words.language_of(request.headers.get("accept-language", ""))
    return _answer(request, row, words.explain(error, language), language)


def answer_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """The answer to what the framework refuses: unknown addresses, methods, sizes. Who asks for a
    page, at an address that is nobody's, gets a page."""
    if "text/html" in request.headers.get("accept", ""):
        page: Response[bytes] = request.app.state.site.refused(request, error.status_code)
        return page
    title = STATUS_TITLES.get(error.status_code, "Refused")
    row = Problem(error.status_code, f"http_{error.status_code}", title)
    language = words.language_of(request.headers.get("accept-language", ""))
    return _answer(request, row, words.translate(title, language), language)


def answer_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The answer to a fault of ours. What it was goes to the log, never to the client."""
    path = request.scope.get("path_template", "")  # the address itself may name a person
    log.error("fault", path=path, kind=type(error).__name__, exc_info=error)
    language = words.language_of(request.headers.get("accept-language", ""))
    detail = words.translate("nothing was changed; try again, and tell the operator", language)
    return _answer(request, OURS, detail, language)


def _answer(
    request: Request[Any, Any, Any], row: Problem, detail: str, language: str
) -> Response[bytes]:
    body = {
        "type": f"/problems/{row.name}",
        "title": words.translate(row.title, language),
        "status": row.status,
        "detail": detail,
        "at": request.app.state.services.clock.now(),
    }
    return Response(msgspec.json.encode(body), status_code=row.status, media_type=PROBLEM)
