"""Vectors of case files; run it to write ``casefile.json``.

    python -m tests.vectors.casefile                leaves no diff

The good one is the smallest case: opened by two officers, then closed. The bad ones are what a
careless tool or a dishonest operator, who holds the log's key, could hand out; each names the
check that must say so. Files are base64, as they would lie on a disk.
"""

import base64
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from protocol import casekeys, credential, statements
from protocol.casefile import CaseFileParts
from protocol.vocabulary import Outcome
from tests import acts
from tests.casefiles import case_parts, packed
from tests.cast import Inspection, seeded
from tests.worlds import World


def smallest() -> tuple[World, CaseFileParts]:
    """Opened by two officers, an act of another case in between, closed."""
    world = World()
    opened = world.state(acts.opening(world), world.shen, world.lu)
    world.state(acts.opening(world, cause="另一事由"), world.shen, world.lu)
    closing = statements.InspectionClosed(**world.said(opened.hex), outcome=Outcome.NO_PROBLEM)
    closed = world.state(closing, world.shen)
    inspection = Inspection(opened, [], opened, closed, closed, [opened, closed], {})
    return world, case_parts(world, inspection)


def build() -> dict[str, Any]:
    """The vectors."""
    world, parts = smallest()
    good = packed(parts)
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    bad = {name: {"file": _b64(data), "check": check} for name, data, check in _bad(world, parts)}
    return {
        "trust": json.loads(world.trust_json()),
        "case": parts.case.hex(),
        "good": _b64(good),
        "names": "\n".join(files) + "\n",
        "note": files["case/fujie-casefile.note"].decode(),
        "bag_info": files["case/bag-info.txt"].decode(),
        "bad": bad,
    }


def _bad(world: World, parts: CaseFileParts) -> list[tuple[str, bytes, str]]:
    good = packed(parts)
    flipped = good.replace(b"BagIt-Version: 1.0", b"BagIt-Version: 1.1")
    first, other, last = parts.records
    stranger = world.receipt(world.registrations[-1])
    return [
        ("one byte changed", flipped, "package"),
        ("cut short", good[:-1], "package"),
        ("packed by another program", _deflated(good), "package"),
        ("note by another key", packed(parts, log=seeded("another log")), "signature"),
        ("head by another key", packed(parts, checkpoint=_other_head(world)), "checkpoint"),
        ("key certified by a stranger", packed(parts, keys=_forged(world, parts)), "keys"),
        ("a link left out", packed(parts, records=[first, last]), "links"),
        (
            "receipt of another record",
            packed(parts, records=[replace(first, receipt=stranger), other, last]),
            "receipts",
        ),
        (
            "another statement in its place",
            packed(parts, records=[first, other, replace(last, statement=first.statement)]),
            "records",
        ),
        (
            "a statement held back",
            packed(parts, records=[first, other, replace(last, statement=None)]),
            "complete",
        ),
    ]


def _other_head(world: World) -> bytes:
    return replace(world.log, signer=seeded("another log")).checkpoint()


def _forged(world: World, parts: CaseFileParts) -> list[casekeys.KeyEntry]:
    forged = credential.issue_officer(seeded("stranger"), world.shen.claims)
    false = casekeys.officer_key(world.shen.claims, forged)
    return [false if key.keyid == false.keyid else key for key in parts.keys]


def _deflated(data: bytes) -> bytes:
    """The same files, stored by Python's zipfile with its own idea of a header."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name))
    return out.getvalue()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def render() -> str:
    """The whole text of ``casefile.json``."""
    return json.dumps(build(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    path = Path(__file__).with_name("casefile.json")
    path.write_text(render(), encoding="utf-8")
