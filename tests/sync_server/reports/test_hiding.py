"""An agency hands over evidence made to hide something, with the report that follows from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import msgspec
import pytest

from protocol.__main__ import main as verify
from protocol.auditing import bundle
from protocol.auditing import county as auditing
from protocol.auditing.bundle import EvidenceFacts, Journal
from protocol.auditing.checking import verify_report
from protocol.auditing.context import context_of
from protocol.auditing.evidence import Evidence
from protocol.casetrust import Trust, read_trust
from protocol.chain import decode_link
from protocol.checkpoint import open_note
from protocol.errors import FujieError
from protocol.findings import document
from protocol.findings.document import Json
from protocol.package import ZipPackage
from protocol.receipt import Entry
from protocol.witness import WitnessKey, cosign, with_lines
from tests.cast import AGENCY, seeded
from tests.sync_server.reports.simulated import County
from tests.sync_server.reports.test_evidence import (
    Parts,
    changed,
    joined,
    links_of,
    of,
    parts_of,
    trusted,
    written,
    wrong,
)

Rows = list[tuple[int, bytes]]


@pytest.fixture(scope="module")
def parts(county: County) -> Parts:
    return parts_of(written(county)[1])


@pytest.fixture(scope="module")
def trust(county: County) -> Trust:
    return read_trust(trusted(county))


def following(parts: Parts, trust: Trust) -> Parts:
    """The parts with the report that follows from them."""
    package = ZipPackage(BytesIO(joined(parts)), bundle.BASE)
    evidence = Evidence(package, trust.head(parts[bundle.CHECKPOINT]))
    made = auditing.report(context_of(evidence, AGENCY))
    return parts | {bundle.REPORT: document.encode(made)}


def codes(parts: Parts) -> set[str]:
    found = document.findings_of(json.loads(parts[bundle.REPORT]))
    return {one["code"] for _, one in found}


def office(county: County, folder: str = bundle.JOURNALS) -> str:
    return folder + county.services.sequencer.offices[0].hex()


def entries(parts: Parts) -> tuple[str, Rows]:
    name = next(one for one in parts if one.startswith(bundle.ENTRIES))
    return name, msgspec.msgpack.decode(parts[name], type=Rows)


def twice(made: Json) -> None:
    found = made["devices"][1]["findings"]
    found.insert(0, found[0] | {"zh": "没有问题"})


def reordered(made: Json) -> None:
    made["devices"][1]["findings"].reverse()


@pytest.mark.parametrize(("change", "check"), [(twice, "findings"), (reordered, "parts")])
def test_what_is_told_twice_or_in_another_order_is_told(
    parts: Parts, trust: Trust, change: Callable[[Json], None], check: str
) -> None:
    made = json.loads(parts[bundle.REPORT])
    change(made)
    assert check in wrong(joined(parts), trust, made)


def test_a_name_that_stands_twice_in_the_json_is_told(parts: Parts, trust: Trust) -> None:
    """Some programs read the first, others the last."""
    told = parts[bundle.REPORT].replace(b'"log":', b'"log":[],"log":', 1)
    assert set(wrong(joined(parts | {bundle.REPORT: told}), trust)) == {"parts"}


def test_a_tablets_records_are_never_those_of_another_agency(
    county: County, parts: Parts, trust: Trust
) -> None:
    name = of(county, 3)
    theirs = [decode_link(data).record for _, data in links_of(parts, name)]
    assert "overridden" in codes(following(changed(parts, name, others=theirs), trust))
    silent = {one: data for one, data in parts.items() if one != of(county, 3, bundle.STATEMENTS)}
    assert "statement_missing" in codes(following(changed(silent, name, others=theirs), trust))


@pytest.mark.parametrize("data", [None, b"older"])
def test_reference_data_are_the_newest_that_the_office_stated(
    parts: Parts, trust: Trust, data: bytes | None
) -> None:
    """Without them no case would lack anything."""
    forged = following(changed(parts, bundle.FACTS, reference=data), trust)
    assert json.loads(forged[bundle.REPORT])["cases"] == []
    assert set(wrong(joined(forged), trust)) == {"links"}


def test_a_report_as_of_now_speaks_of_the_whole_log(parts: Parts, trust: Trust) -> None:
    """The last entries, with their links, were taken out, and the time is that of now."""
    size = msgspec.msgpack.decode(parts[bundle.FACTS], type=EvidenceFacts).size - 5
    gone = {Entry.decode(data).link_hash for place, data in entries(parts)[1] if place >= size}
    forged = changed(parts, bundle.FACTS, size=size)
    for name in [one for one in parts if one.startswith(bundle.JOURNALS)]:
        kept = [row for row in links_of(parts, name) if decode_link(row[1]).hash() not in gone]
        head = decode_link(kept[-1][1]).hash() if kept else b""
        forged = changed(forged, name, links=kept, length=len(kept), head=head)
    assert set(wrong(joined(following(forged, trust)), trust)) == {"log"}


def test_what_does_not_lead_to_the_signed_head_proves_nothing(parts: Parts, trust: Trust) -> None:
    """Entries were taken out, and the report says itself that the log was altered."""
    name, rows = entries(parts)
    forged = following(parts | {name: bundle.packed(rows[:-8])}, trust)
    assert "log_inconsistent" in codes(forged)
    assert "entries" in wrong(joined(forged), trust)


def test_links_are_looked_at_where_they_say_that_they_are(
    county: County, parts: Parts, trust: Trust
) -> None:
    """The end of a journal under another one's name, or behind links of the same places."""
    name = of(county, 3)
    links = links_of(parts, name)
    kept, rest = links[:3], links[3:]
    head = decode_link(kept[-1][1]).hash()
    shorter = changed(parts, name, links=kept, length=3, head=head)
    other = Journal(journal=b"\xab" * 16, links=rest)
    forged = following(shorter | {bundle.JOURNALS + "ab" * 16: bundle.packed(other)}, trust)
    assert f"{len(rest)} entries" in wrong(joined(forged), trust)["links"]
    behind = [(place, data) for place, (_, data) in enumerate(rest[:3])] + kept
    with pytest.raises(FujieError, match="each once"):
        following(changed(shorter, name, links=behind), trust)
    again = shorter | {bundle.JOURNALS + "zz": shorter[name]}
    assert "log" in wrong(joined(again), trust)


def test_another_records_statement_changes_nothing_about_people(
    county: County, parts: Parts, trust: Trust
) -> None:
    """A suspension is said to be another agency's; an older registration stands in its place."""
    name = office(county, bundle.STATEMENTS)
    rows = msgspec.msgpack.decode(parts[name], type=list[tuple[bytes, bytes]])
    suspended = next(row for row in rows if b"suspended" in row[1])
    valid = next(row for row in rows if b"officer_registered" in row[1] and row != suspended)
    swapped = [(record, valid[1] if record == suspended[0] else data) for record, data in rows]
    forged = changed(parts, office(county), others=[suspended[0]])
    assert "statement_damaged" in codes(following(forged | {name: bundle.packed(swapped)}, trust))


def test_how_much_rests_on_the_servers_word_is_counted(
    county: County, parts: Parts, trust: Trust
) -> None:
    """Of an agency alone on its server nothing is another's."""

    def said(parts: Parts) -> str:
        checks = verify_report(BytesIO(joined(parts)), trust)
        return next(one.en for one in checks if one.name == "links")

    assert "of 0 not the content" in said(parts)
    name = office(county, bundle.STATEMENTS)
    rows = msgspec.msgpack.decode(parts[name], type=list[tuple[bytes, bytes]])
    gone = next(row for row in rows if b"suspended" in row[1])
    hidden = parts | {name: bundle.packed([row for row in rows if row != gone])}
    assert "of 1 not the content" in said(changed(hidden, office(county), others=[gone[0]]))


def test_a_reader_who_asks_for_witnesses_gets_a_head_that_they_saw(
    county: County, parts: Parts, trust: Trust
) -> None:
    witness = seeded("a witness")
    key = WitnessKey("w1.example", witness.verifier.public_key)
    told = json.loads(trusted(county)) | {"witnesses": [key.text()], "quorum": 1}
    asked = read_trust(json.dumps(told).encode())
    assert set(wrong(joined(parts), asked)) == {"witnesses"}
    note = parts[bundle.CHECKPOINT]
    text = open_note(note, trust.keys).text
    lines = [cosign(text, key.name, witness, county.clock.now())]
    seen = parts | {bundle.WITNESSED: with_lines(note, lines)}
    assert wrong(joined(seen), asked) == {}


def test_names_that_a_report_brings_cannot_draw_on_the_readers_screen(
    county: County, parts: Parts, tmp_path: Any, capsys: Any
) -> None:
    made = copy.deepcopy(json.loads(parts[bundle.REPORT]))
    made["\x1b[2J\n报告成立。"] = 1
    file, trust_file = tmp_path / "e.zip", tmp_path / "trust.json"
    file.write_bytes(joined(parts | {bundle.REPORT: document.encode(made)}))
    trust_file.write_bytes(trusted(county))
    assert verify(("--bundle", str(file), "--trust", str(trust_file))) == 1
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "报告成立。" not in out.splitlines()
