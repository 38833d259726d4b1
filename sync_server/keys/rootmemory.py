"""What an agency's root named as successors, kept beside its key: it outlives every server.

    <root>/<agency>.successions.dsse.jsonl      one signed succession a line, the earliest first

A log has one successor, opened once: of two, tablets would follow one each. So whoever opens one
looks here first, also when all that the lost server knew is gone.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from protocol import envelope as dsse
from protocol.checkpoint import VerifierKey
from protocol.errors import Refused
from protocol.succession import Succession
from sync_server.store.files import write_durably

MEMORY = "successions.dsse.jsonl"


def remembered(root: Path, origin: str) -> str | None:
    """The successor of this log that a root in this folder named already."""
    agencies = [file.name.removesuffix(f".{MEMORY}") for file in sorted(root.glob(f"*.{MEMORY}"))]
    said = [one for agency in agencies for one in _said(root, agency)]
    return next((one.successor for one in said if one.predecessor == origin), None)


def expect_first(root: Path, agency: str, origin: str, successor: str) -> None:
    """Raise Refused if the root named another successor of ``origin``."""
    for said in _said(root, agency):
        if said.predecessor == origin and said.successor != successor:
            raise Refused(
                "the root of agency {agency} named {successor} as the successor of {origin}; a "
                "log has one: go on with that name, from the copy of it that is left",
                agency=agency,
                successor=said.successor,
                origin=origin,
            )


def expect_its_key(root: Path, agency: str, origin: str, key: VerifierKey | None) -> None:
    """Raise Refused if the successor of ``origin`` was named with another key than the one that is
    here: then it was opened elsewhere, and tablets may follow it."""
    for said in _said(root, agency):
        if said.predecessor == origin and (key is None or key.text() not in said.keys):
            raise Refused(
                "{successor} was opened already, with a key that is not in this folder; restore "
                "the newest backup of {successor} itself",
                successor=said.successor,
            )


def remember(root: Path, agency: str, signed: bytes) -> None:
    """Note what the root signed, before anybody else sees it."""
    lines = [*_lines(root, agency), dsse.encode_json(dsse.decode(signed))]
    write_durably(_file(root, agency), b"".join(one + b"\n" for one in lines))


def _said(root: Path, agency: str) -> list[Succession]:
    lines = map(dsse.decode_json, _lines(root, agency))
    return [msgspec.json.decode(line.body, type=Succession) for line in lines]


def _lines(root: Path, agency: str) -> list[bytes]:
    path = _file(root, agency)
    return path.read_bytes().splitlines() if path.exists() else []


def _file(root: Path, agency: str) -> Path:
    return root / f"{agency}.{MEMORY}"
