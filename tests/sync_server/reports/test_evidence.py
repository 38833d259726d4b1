"""A report and its evidence, judged by ``fujie-verify`` alone, which has no server at hand."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import msgspec
import pytest

from protocol.__main__ import main as verify
from protocol.auditing import bundle
from protocol.auditing import county as auditing
from protocol.auditing.bundle import EvidenceFacts, Journal
from protocol.auditing.checking import verify_report
from protocol.casecheck import Level
from protocol.casetrust import Trust, read_trust
from protocol.chain import decode_link
from protocol.errors import Refused
from protocol.findings import document
from protocol.findings.document import Json
from protocol.package import Member, ZipPackage, write_package
from sync_server.__main__ import main as serve
from sync_server.commands import reporting
from sync_server.reports import evidence, moments
from sync_server.reports.rows import context_of
from tests.cast import AGENCY, seeded
from tests.sync_server.reports.simulated import County, simulated
from tests.sync_server.reports.test_report import FIRST_DAY

Parts = dict[str, bytes]


def written(county: County, as_of: str = "") -> tuple[Json, bytes]:
    """The report, and its evidence."""
    services = county.services
    moment = moments.as_of(services, as_of) if as_of else moments.now(services)
    context = context_of(services, AGENCY, moment)
    made, out = auditing.report(context), BytesIO()
    evidence.write(services, context, made, out)
    return json.loads(document.encode(made)), out.getvalue()


def trusted(county: County) -> bytes:
    """What a reader believes, from a source of the own."""
    root = county.services.facts.registry.agencies[AGENCY].root
    return json.dumps(
        {"log": county.services.log_key, "roots": {AGENCY: root.public_key.hex()}}
    ).encode()


@pytest.fixture(scope="module")
def now(county: County) -> tuple[Json, bytes]:
    return written(county)


@pytest.fixture(scope="module")
def trust(county: County) -> Trust:
    return read_trust(trusted(county))


def parts_of(data: bytes) -> Parts:
    package = ZipPackage(BytesIO(data), bundle.BASE)
    return {name: b"".join(package.chunks(name)) for name in package.names()}


def joined(parts: Parts) -> bytes:
    out = BytesIO()
    write_package(
        out,
        [
            Member(f"{bundle.BASE}/{name}", len(data), crc32(data), lambda data=data: [data])
            for name, data in parts.items()
        ],
    )
    return out.getvalue()


def wrong(data: bytes, trust: Trust, report: Json | None = None) -> dict[str, str]:
    """The checks that do not hold, with their words."""
    told = None if report is None else document.encode(report)
    checks = verify_report(BytesIO(data), trust, told)
    return {x.name: x.en for x in checks if x.level in (Level.FAILS, Level.LACKS)}


@pytest.mark.parametrize("as_of", ["", FIRST_DAY, "60"])
def test_a_report_follows_from_its_evidence(county: County, trust: Trust, as_of: str) -> None:
    """As of now, as of a day, as of a size."""
    made, data = written(county, as_of)
    assert made["as_of"]["size"] > 0
    assert wrong(data, trust, made) == {}
    assert wrong(data, trust) == {}


def test_a_part_of_a_report_follows_from_the_evidence_of_the_whole(
    now: tuple[Json, bytes], trust: Trust
) -> None:
    made, data = now
    for part in ({"device": "YX-T02"}, {"unit": made["units"][0]["name"]}, {"since": 1}):
        assert wrong(data, trust, document.scoped(made, **part)) == {}


def left_out(made: Json) -> None:
    made["devices"][1]["findings"].pop(0)


def invented(made: Json) -> None:
    one = copy.deepcopy(made["devices"][1]["findings"][0])
    made["devices"][0]["findings"].append(one | {"id": "ab" * 32})


def altered(made: Json) -> None:
    made["devices"][1]["findings"][0]["severity"] = "watch"


def settled(made: Json) -> None:
    made["devices"][1]["findings"][0]["state"] = "settled"


def counted(made: Json) -> None:
    made["counts"]["complete"] = made["counts"]["devices"]


def excused(made: Json) -> None:
    for one in made["cases"]:
        one["complete"] = not one["complete"]


def forgotten(made: Json) -> None:
    made["devices"].pop(2)


@pytest.mark.parametrize(
    ("change", "check", "words"),
    [
        (left_out, "findings", "1 left out: YX-T02 invalid_holder"),
        (invented, "findings", "1 not borne out: YX-T01 invalid_holder"),
        (altered, "findings", "(severity)"),
        (settled, "findings", "(state)"),
        (counted, "parts", "counts"),
        (excused, "parts", "cases"),
        (forgotten, "findings", "1 left out: YX-T03 silent_device"),
    ],
)
def test_a_report_that_says_something_else_is_told_where(
    now: tuple[Json, bytes],
    trust: Trust,
    change: Callable[[Json], None],
    check: str,
    words: str,
) -> None:
    made, data = copy.deepcopy(now[0]), now[1]
    change(made)
    assert words in wrong(data, trust, made)[check]


def test_another_log_another_agency_another_size_are_refused(
    county: County, now: tuple[Json, bytes]
) -> None:
    made, data = now
    other = json.loads(trusted(county))
    other["roots"] = {AGENCY: seeded("nobody").verifier.public_key.hex()}
    assert set(wrong(data, read_trust(json.dumps(other).encode()), made)) == {"people"}
    smaller = made | {"as_of": made["as_of"] | {"size": made["as_of"]["size"] - 1}}
    assert set(wrong(data, read_trust(trusted(county)), smaller)) == {"log"}
    newer = made | {"rules": "99"}
    assert set(wrong(data, read_trust(trusted(county)), newer)) == {"package"}


def changed(parts: Parts, name: str, **facts: Any) -> Parts:
    """The parts with one journal, or the facts, altered."""
    kind = EvidenceFacts if name == bundle.FACTS else Journal
    read = msgspec.msgpack.decode(parts[name], type=kind)
    return parts | {name: bundle.packed(msgspec.structs.replace(read, **facts))}


def of(county: County, place: int, folder: str = bundle.JOURNALS) -> str:
    """The part about a tablet's journal."""
    return folder + county.tablets[place].journal.hex()


def links_of(parts: Parts, name: str) -> list[tuple[int, bytes]]:
    return msgspec.msgpack.decode(parts[name], type=Journal).links


def test_evidence_from_which_something_was_taken_is_not_whole(
    county: County, now: tuple[Json, bytes], trust: Trust
) -> None:
    """A journal, its last links with another head, its statements, the log's entries."""
    made, parts = now[0], parts_of(now[1])
    name = of(county, 1)
    without = {one: data for one, data in parts.items() if one != name}
    assert "12 entries of the log have no link" in wrong(joined(without), trust, made)["links"]
    links = links_of(parts, name)
    last = decode_link(links[-3][1])
    shorter = changed(parts, name, links=links[:-2], length=10, head=last.hash())
    assert "2 entries of the log have no link" in wrong(joined(shorter), trust, made)["links"]
    silent = {one: data for one, data in parts.items() if one != of(county, 1, bundle.STATEMENTS)}
    said = wrong(joined(silent), trust, made)["findings"]
    assert "left out: YX-T02 statement_missing" in said
    entries = next(one for one in parts if one.startswith(bundle.ENTRIES))
    rows = msgspec.msgpack.decode(parts[entries], type=list[tuple[int, bytes]])
    fewer = parts | {entries: bundle.packed(rows[:-1])}
    assert set(wrong(joined(fewer), trust, made)) == {"log"}


def test_a_statement_in_anothers_place_is_told(
    county: County, now: tuple[Json, bytes], trust: Trust
) -> None:
    made, parts = now[0], parts_of(now[1])
    name = of(county, 0, bundle.STATEMENTS)
    rows = msgspec.msgpack.decode(parts[name], type=list[tuple[bytes, bytes]])
    forged = parts | {name: bundle.packed([(rows[0][0], rows[1][1]), *rows[1:]])}
    assert "YX-T01 statement_damaged" in wrong(joined(forged), trust, made)["findings"]


def test_a_record_by_somebody_whom_no_certificate_names_is_told(
    county: County, now: tuple[Json, bytes], trust: Trust
) -> None:
    """The evidence lacks what made the officers of a tablet known."""
    made, parts = now[0], parts_of(now[1])
    name = bundle.STATEMENTS + county.services.sequencer.offices[0].hex()
    rows = msgspec.msgpack.decode(parts[name], type=list[tuple[bytes, bytes]])
    theirs = tuple(one.cert_no.encode() for one in county.tablets[3].officers)
    kept = [row for row in rows if not (b"officer_credentialed" in row[1] and any(
        one in row[1] for one in theirs))]  # fmt: skip
    assert len(rows) - len(kept) == 2
    said = wrong(joined(parts | {name: bundle.packed(kept)}), trust, made)
    assert "no signature holds on 7 accepted records" in said["records"]
    assert "office statement_missing" in said["findings"]


@pytest.mark.parametrize("part", [bundle.FACTS, bundle.CHECKPOINT, bundle.REPORT])
def test_evidence_that_cannot_be_read_is_refused_by_name(
    now: tuple[Json, bytes], trust: Trust, part: str
) -> None:
    parts = parts_of(now[1])
    assert wrong(joined(parts | {part: b"\xc1"}), trust)
    assert wrong(joined({name: data for name, data in parts.items() if name != part}), trust)
    assert set(wrong(now[1][:-1], trust)) == {"package"}
    assert "another version" not in wrong(joined(changed(parts, bundle.FACTS, format="x")), trust)


@pytest.mark.parametrize("seed", range(6))
def test_no_byte_of_evidence_or_report_makes_the_verifier_break(
    now: tuple[Json, bytes], trust: Trust, seed: int
) -> None:
    """It judges, or refuses: bytes of some parts, and of the report, are others."""
    random, parts = Random(seed), parts_of(now[1])
    told = bytearray(document.encode(now[0]))
    for name in random.sample(sorted(parts), 4):
        data = bytearray(parts[name])
        for _ in range(3):
            data[random.randrange(len(data))] ^= 1 << random.randrange(8)
        parts[name] = bytes(data)
    told[random.randrange(len(told))] ^= 1
    checks = verify_report(BytesIO(joined(parts)), trust, bytes(told))
    assert not all(one.ok for one in checks)


@pytest.mark.parametrize("told", [b"", b"{}", b"[]", b'{"devices":[{"device":1}]}', b"\xff"])
def test_what_is_no_report_is_refused(now: tuple[Json, bytes], trust: Trust, told: bytes) -> None:
    whole = {**now[0], "log": [{"id": [], "code": "x", "severity": "act"}]}
    for one in (told, json.dumps(whole).encode(), json.dumps(now[0] | {"devices": 7}).encode()):
        (first, *_) = verify_report(BytesIO(now[1]), trust, one)
        assert (first.name, first.level) == ("package", Level.FAILS)


def test_the_two_programs_by_their_commands(
    county: County, tmp_path: Path, monkeypatch: Any, capfdbinary: Any
) -> None:
    """The server writes report and evidence; the verifier judges them, in either language."""
    monkeypatch.setenv("FUJIE_DATA", str(county.services.settings.data))
    file, told, believed = (tmp_path / name for name in ("e.zip", "r.json", "trust.json"))
    asked = ("report", "--as-of", FIRST_DAY, "--format", "json", "--bundle", str(file))
    assert serve(asked) == 1
    told.write_bytes(capfdbinary.readouterr().out)
    believed.write_bytes(trusted(county))
    assert file.stat().st_mode & 0o777 == 0o600
    judged = ("--bundle", str(file), "--report", str(told), "--trust", str(believed))
    assert verify(judged) == 0
    assert "报告成立" in capfdbinary.readouterr().out.decode()
    made = json.loads(told.read_bytes())
    left_out(made)
    told.write_bytes(document.encode(made))
    assert verify((*judged, "--lang", "en")) == 1
    assert "does not hold: findings" in capfdbinary.readouterr().out.decode()
    with pytest.raises(SystemExit):
        verify(("--evidence", *judged[1:]))
    assert "name that with --bundle" in capfdbinary.readouterr().err.decode()
    assert verify((*judged, "--json")) == 1
    assert not json.loads(capfdbinary.readouterr().out)["holds"]
    assert serve(asked) == 2  # never over a file that is there
    assert "e.zip" in capfdbinary.readouterr().err.decode()


def test_evidence_as_of_now_beside_a_server_that_took_in_more_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its links would be newer than its head."""
    with simulated(tmp_path / "data", 1) as county:
        services, write = county.services, evidence.write
        context = context_of(services, AGENCY, moments.now(services))

        def beside(*told: Any) -> None:
            county.day()
            write(*told)

        monkeypatch.setattr(evidence, "write", beside)
        with pytest.raises(Refused, match=f"--as-of {context.moment.size}"):
            reporting.keep(services, context, auditing.report(context), tmp_path / "e.zip")
        assert not (tmp_path / "e.zip").exists()
