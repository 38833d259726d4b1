"""A case file holds, and whatever is changed in it is refused by the check that it concerns."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bagit
import msgspec
import pytest

from protocol import bag, casefile, casekeys, credential, envelope, statements
from protocol.__main__ import HOLDS, REFUSED, UNREADABLE, main
from protocol.casecheck import TITLES, Check, Level, holds, verify_zip
from protocol.casefile import CaseFileParts, CaseRecord
from protocol.casetrust import read_trust
from protocol.checkpoint import sign_note
from protocol.errors import Malformed
from protocol.package import Member, write_package
from protocol.vocabulary import DocumentKind, Outcome, Role
from tests import acts
from tests.casefiles import blob, case_parts, case_record, packed, verdict
from tests.cast import Inspection, Recorded, seeded, spot_fine
from tests.vectors import casefile as generator
from tests.worlds import World

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "casefile.json").read_text("utf-8")
)
Whole = tuple[World, Inspection, CaseFileParts]


@pytest.fixture(scope="module")
def case() -> Whole:
    world = World()
    inspection = world.inspection()
    return world, inspection, case_parts(world, inspection)


def failed(data: bytes, world: World) -> list[str]:
    """The checks that do not hold, without those that did not run."""
    checks = verdict(data, world).values()
    return [check.name for check in checks if check.level in (Level.FAILS, Level.LACKS)]


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def member(name: str, data: bytes) -> Member:
    return Member(name, len(data), zlib.crc32(data), lambda: [data])


def repacked(files: dict[str, bytes]) -> bytes:
    """A package in canonical form that holds these files, whatever they are."""
    out = io.BytesIO()
    write_package(
        out,
        [member(name, d) for name, d in files.items()],
    )
    return out.getvalue()


def resealed(files: dict[str, bytes], world: World) -> bytes:
    """The same, with manifests and note made again by the log's own key: what a dishonest
    operator could hand out."""
    payload = {n.removeprefix("case/"): d for n, d in files.items() if n.startswith("case/data/")}
    info = files["case/bag-info.txt"].decode().splitlines()
    info[2] = f"Payload-Oxum: {sum(map(len, payload.values()))}.{len(payload)}"
    tags = {
        bag.DECLARATION: bag.BAGIT,
        bag.INFO: ("\n".join(info) + "\n").encode(),
        bag.PAYLOAD: bag.manifest({n: hashlib.sha256(d).digest() for n, d in payload.items()}),
    }
    tag_manifest = bag.manifest({n: hashlib.sha256(d).digest() for n, d in tags.items()})
    case, _, built = casefile.read_note_text(
        files[f"case/{casefile.NOTE}"].decode().split("\n\n")[0] + "\n"
    )
    note = sign_note(
        casefile.note_text(case, tag_manifest, built), world.log.origin, world.log_signer
    )
    tags |= {bag.TAGS: tag_manifest, casefile.NOTE: note}
    return repacked({f"case/{n}": d for n, d in {**payload, **tags}.items()})


# ── vectors ──────────────────────────────────────────────────────────────────────────────


def checked(file: str) -> list[Check]:
    trust = read_trust(json.dumps(VECTORS["trust"]).encode())
    return verify_zip(io.BytesIO(base64.b64decode(file)), trust)


def test_the_vectors_are_what_their_generator_writes() -> None:
    assert generator.build() == VECTORS


def test_the_good_vector_holds() -> None:
    assert holds(checked(VECTORS["good"]))


@pytest.mark.parametrize("name", VECTORS["bad"])
def test_each_bad_vector_is_refused_by_its_check(name: str) -> None:
    bad = VECTORS["bad"][name]
    refused = [c.name for c in checked(bad["file"]) if c.level in (Level.FAILS, Level.LACKS)]
    assert refused == [bad["check"]]


# ── what holds ───────────────────────────────────────────────────────────────────────────


def test_a_whole_case_holds_in_every_check(case: Whole) -> None:
    world, _, parts = case
    checks = verify_zip(io.BytesIO(packed(parts)), read_trust(world.trust_json()))
    assert holds(checks)
    assert [check.name for check in checks] == list(TITLES)
    assert all(check.zh and check.en and check.title_zh != check.title_en for check in checks)


def test_the_same_parts_give_the_same_bytes_in_any_order(case: Whole) -> None:
    _, _, parts = case
    turned = {name: getattr(parts, name)[::-1] for name in ("records", "blobs", "keys")}
    assert packed(parts) == packed(parts, **turned)


def test_other_programs_read_the_package_as_zip_and_as_bag(case: Whole, tmp_path: Path) -> None:
    _, _, parts = case
    with zipfile.ZipFile(io.BytesIO(packed(parts))) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path)
    bag = bagit.Bag(str(tmp_path / "case"))
    assert bag.validate()
    assert bag.version_info == (1, 0)


def test_links_of_other_matters_come_alone_and_tell_nothing() -> None:
    world, parts = generator.smallest()
    checks = verdict(packed(parts), world)
    assert holds(list(checks.values()))
    assert "另有 1 环" in checks["complete"].zh


def test_statements_of_unknown_kinds_are_carried_and_their_blobs_checked(case: Whole) -> None:
    world = World()
    opened = world.state(acts.opening(world), world.shen, world.lu)
    reference = world.blob(b"something new", "application/x-new")
    body = json.dumps(
        {
            "kind": "hologram_taken",
            "agency": opened.statement.agency,
            "at": world.now,
            "salt": world.salt(),
            "case": opened.hex,
            "parts": [{"sha256": reference.sha256, "size": 13, "media_type": "application/x-new"}],
        }
    ).encode()
    signed = envelope.sign(envelope.STATEMENT_TYPE, body, [world.shen.signer])
    link = world.link(envelope.record_hash(signed), opened.link.case_tag, world.device)
    new = Recorded(opened.statement, signed, link, world.admit(link))
    inspection = Inspection(
        opened, [], opened, new, new, [opened], {reference.sha256: b"something new"}
    )
    parts = case_parts(world, inspection)
    records = [case_record(world, opened), case_record(world, new)]
    assert failed(packed(parts, records=records), world) == []
    assert failed(packed(parts, records=records, blobs=[]), world) == ["blobs"]


# ── bytes ────────────────────────────────────────────────────────────────────────────────


def test_every_byte_of_a_small_case_file_is_guarded() -> None:
    world, parts = generator.smallest()
    data, trust = packed(parts), read_trust(world.trust_json())
    accepted = []
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1 << (place % 8)
        if holds(verify_zip(io.BytesIO(damaged), trust)):
            accepted.append(place)
    assert accepted == []


def test_bytes_of_a_whole_case_file_are_guarded(case: Whole) -> None:
    world, _, parts = case
    data = packed(parts)
    choose = random.Random(20261118)
    for place in choose.sample(range(len(data)), 1500):
        damaged = bytearray(data)
        damaged[place] ^= choose.randrange(1, 256)
        assert failed(bytes(damaged), world), place


@pytest.mark.parametrize("size", [0, 1, 29, 30, 1000, -1, -22, -23, -500])
def test_a_truncated_file_is_refused(case: Whole, size: int) -> None:
    world, _, parts = case
    assert failed(packed(parts)[:size], world) in (["package"], ["structure"])


def test_bytes_before_or_after_the_file_are_refused(case: Whole) -> None:
    world, _, parts = case
    data = packed(parts)
    assert failed(data + b"\n", world) == ["package"]
    assert failed(b"#!" + data, world) == ["package"]


def test_another_zip_of_the_same_files_is_refused(case: Whole) -> None:
    world, _, parts = case
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members(packed(parts)).items():
            archive.writestr(name, content)
    assert failed(out.getvalue(), world) == ["package"]


# ── files, with every checksum of the zip in order ───────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("case/data/blobs/readme.txt", "structure"),
        ("case/data/note.txt", "structure"),
        ("case/data/records/0.link", "structure"),
        ("case/data/records/000099.link", "structure"),
        ("case/tagmanifest-md5.txt", "structure"),
        ("case/data/blobs/" + "0" * 64, "manifests"),
        ("other/bagit.txt", "package"),
    ],
)
def test_a_file_that_is_not_listed_is_refused(case: Whole, name: str, check: str) -> None:
    world, _, parts = case
    assert failed(repacked({**members(packed(parts)), name: b"x"}), world) == [check]


@pytest.mark.parametrize(
    "name", ["case/../x", "/x", "case//x", "case/.x", "case/x y", "case/é", "case/a\\b", "case/"]
)
def test_odd_names_cannot_even_be_written(name: str) -> None:
    with pytest.raises((Malformed, UnicodeEncodeError)):
        repacked({name: b""})


def test_each_file_is_needed(case: Whole) -> None:
    world, _, parts = case
    files = members(packed(parts))
    for name in files:
        left = {other: data for other, data in files.items() if other != name}
        expected = ["manifests"] if ".dsse.json" in name or "/blobs/" in name else ["structure"]
        assert failed(repacked(left), world) == expected, name


def test_each_file_is_bound_to_its_content(case: Whole) -> None:
    world, _, parts = case
    files = members(packed(parts))
    for name, content in files.items():
        changed = content[:-1] + bytes([content[-1] ^ 1])
        found = failed(repacked({**files, name: changed}), world)
        assert found in (["manifests"], ["signature"], ["structure"]), name


def test_a_note_by_another_log_is_refused(case: Whole) -> None:
    world, _, parts = case
    assert failed(packed(parts, log=seeded("another log")), world) == ["signature"]
    assert failed(packed(parts, origin="other.example/log"), world) == ["signature"]


# ── parts, packed and signed by the log itself ───────────────────────────────────────────


def without(parts: CaseFileParts, number: int) -> list[CaseRecord]:
    return [record for place, record in enumerate(parts.records) if place != number]


def test_a_link_that_is_left_out_shows(case: Whole) -> None:
    world, _, parts = case
    checks = verdict(packed(parts, records=without(parts, 3)), world)
    assert not checks["links"].ok
    assert "缺环" in checks["links"].zh
    assert "expected link" in checks["links"].en


def test_a_statement_that_is_left_out_is_said_to_be_missing(case: Whole) -> None:
    world, _, parts = case
    records = list(parts.records)
    records[5] = replace(records[5], statement=None)
    check = verdict(packed(parts, records=records), world)["complete"]
    assert check.level is Level.LACKS
    assert "5" in check.zh


def test_the_case_cannot_be_judged_without_its_opening(case: Whole) -> None:
    world, _, parts = case
    records = [replace(parts.records[0], statement=None), *parts.records[1:]]
    assert failed(packed(parts, records=records), world) == ["records"]


def test_swapped_receipts_are_refused(case: Whole) -> None:
    world, _, parts = case
    files = members(packed(parts))
    one, two = (f"case/data/records/00000{n}.tlog-proof" for n in (2, 3))
    files[one], files[two] = files[two], files[one]
    assert failed(resealed(files, world), world) == ["receipts"]


def test_a_receipt_of_another_record_is_refused(case: Whole) -> None:
    world, _, parts = case
    stranger = world.registrations[-1]
    records = [replace(parts.records[0], receipt=world.receipt(stranger)), *parts.records[1:]]
    assert failed(packed(parts, records=records), world) == ["receipts"]


def test_a_head_by_another_key_is_refused(case: Whole) -> None:
    world, _, parts = case
    twin = replace(world.log, signer=seeded("another log"))
    assert failed(packed(parts, checkpoint=twin.checkpoint()), world) == ["checkpoint"]


def test_receipts_under_an_older_head_are_refused(case: Whole) -> None:
    world, _, parts = case
    older = world.log.checkpoint(len(world.log.entries) - 1)
    assert failed(packed(parts, checkpoint=older), world) == ["receipts"]


def test_a_substituted_key_is_refused(case: Whole) -> None:
    world, _, parts = case
    false_issuer = seeded("false issuer")
    officer = replace(world.shen.claims, public_key=seeded("false").verifier.public_key)
    forged = credential.issue_officer(false_issuer, officer)
    keys = [
        casekeys.officer_key(world.shen.claims, forged) if key.holder.startswith("沈知远") else key
        for key in parts.keys
    ]
    assert failed(packed(parts, keys=keys), world) == ["keys"]


def test_a_key_under_another_holder_is_refused(case: Whole) -> None:
    world, _, parts = case
    keys = [
        casekeys.officer_key(world.lu.claims, world.shen.credential)
        if key.holder.startswith("陆清和")
        else key
        for key in parts.keys
    ]
    assert failed(packed(parts, keys=keys), world) == ["keys"]


def test_a_statement_by_nobody_with_a_certificate_is_refused(case: Whole) -> None:
    world, _, parts = case
    keys = [key for key in parts.keys if not key.holder.startswith("陆清和")]
    assert failed(packed(parts, keys=keys), world) == ["records"]


def test_an_agency_that_the_reader_does_not_trust_is_refused(case: Whole) -> None:
    world, _, parts = case
    trust = json.dumps({"log": world.log.key.text(), "roots": {}}).encode()
    checks = verify_zip(io.BytesIO(packed(parts)), read_trust(trust))
    assert [check.name for check in checks if check.level is Level.FAILS] == ["keys"]


def test_another_statement_in_the_place_of_one_is_refused(case: Whole) -> None:
    world, _, parts = case
    records = list(parts.records)
    records[2] = replace(records[2], statement=records[1].statement)
    assert failed(packed(parts, records=records), world) == ["records"]


def test_one_signature_less_is_another_record(case: Whole) -> None:
    world, inspection, parts = case
    signed = inspection.decision.envelope
    shorter = replace_signatures(signed, signed.signatures[:1])
    records = [
        replace(record, statement=shorter) if record.statement == signed else record
        for record in parts.records
    ]
    assert failed(packed(parts, records=records), world) == ["records"]


def replace_signatures(
    signed: envelope.Envelope, signatures: tuple[envelope.Signature, ...]
) -> envelope.Envelope:
    return envelope.Envelope(signed.payload_type, signed.body, signatures)


def test_a_missing_blob_is_said_to_be_missing(case: Whole) -> None:
    world, _, parts = case
    check = verdict(packed(parts, blobs=parts.blobs[1:]), world)["blobs"]
    assert check.level is Level.LACKS
    assert parts.blobs[0].sha256.hex() in check.zh


def test_a_blob_that_no_statement_names_is_refused(case: Whole) -> None:
    world, _, parts = case
    stray = blob(hashlib.sha256(b"stray").digest(), b"stray")
    assert failed(packed(parts, blobs=[*parts.blobs, stray]), world) == ["blobs"]


def test_a_blob_under_another_name_cannot_be_built(case: Whole) -> None:
    _, _, parts = case
    false = blob(parts.blobs[0].sha256, b"other bytes")
    with pytest.raises(Malformed, match="run fsck"):
        packed(parts, blobs=[false, *parts.blobs[1:]])


def test_a_blob_with_other_bytes_is_refused(case: Whole) -> None:
    world, _, parts = case
    files = members(packed(parts))
    name = next(name for name in files if "/blobs/" in name)
    files[name] = files[name][:-1] + b"?"
    assert "blobs" in failed(resealed(files, world), world)


# ── what the law asks of a case ──────────────────────────────────────────────────────────


def told(make: Callable[[World, str], list[Recorded]]) -> tuple[World, bytes]:
    """A case of an opening and what ``make`` states after it."""
    world = World()
    opened = world.state(acts.opening(world), world.shen, world.lu)
    records = [opened, *make(world, opened.hex)]
    seen = {name for r in records for name in names_of(r)}
    blobs = {name: data for name, data in world.blobs.items() if name in seen}
    inspection = Inspection(opened, [], opened, opened, opened, records, blobs)
    return world, packed(case_parts(world, inspection))


def names_of(record: Recorded) -> list[str]:
    return [one.sha256 for one in casefile.blobs_named(record.envelope.body)]


def spot_decision(world: World, case: str) -> statements.DocumentIssued:
    kind = DocumentKind.SPOT_DECISION
    return acts.document(world, case, kind, "126", spot_fine())


def test_a_decision_by_one_officer_is_found() -> None:
    world, data = told(lambda w, c: [w.state(spot_decision(w, c), w.shen, w.device)])
    assert failed(data, world) == ["officers"]


def test_a_text_that_is_not_what_was_signed_is_found() -> None:
    def make(world: World, case: str) -> list[Recorded]:
        honest, other = spot_decision(world, case), spot_decision(world, case)
        swapped = msgspec.structs.replace(honest, content=other.content)
        return [world.state(swapped, world.shen, world.lu)]

    world, data = told(make)
    assert failed(data, world) == ["documents"]


def test_a_hand_over_another_text_is_found() -> None:
    def make(world: World, case: str) -> list[Recorded]:
        issued = spot_decision(world, case)
        hand = acts.signed(world, Role.PARTY, "0" * 64)
        return [world.state(msgspec.structs.replace(issued, party_act=hand), world.shen, world.lu)]

    world, data = told(make)
    assert failed(data, world) == ["documents"]


def published(*by: str, **changes: object) -> tuple[World, bytes]:
    def make(world: World, case: str) -> list[Recorded]:
        decided = world.state(spot_decision(world, case), world.shen, world.lu)
        statement = msgspec.structs.replace(acts.publication(world, case, decided), **changes)
        return [decided, world.state_office(statement, *(getattr(world, name) for name in by))]

    return told(make)


def test_a_publication_by_one_person_is_found() -> None:
    world, data = published("publisher")
    assert failed(data, world) == ["disclosure"]
    world, data = published("publisher", "reviewer")
    assert failed(data, world) == []


def test_a_publication_that_is_silent_about_a_piece_is_found() -> None:
    world, data = published("publisher", "reviewer", masked=[])
    assert failed(data, world) == ["disclosure"]


def test_an_act_after_the_certificate_ended_is_found() -> None:
    def make(world: World, case: str) -> list[Recorded]:
        world.now = world.device.claims.valid_until
        return [
            world.state(
                statements.InspectionClosed(**world.said(case), outcome=Outcome.NO_PROBLEM),
                world.shen,
                world.device,
            )
        ]

    world, data = told(make)
    checks = verdict(data, world)
    assert not checks["records"].ok
    assert "有效期" in checks["records"].zh


def test_a_statement_of_another_case_is_refused() -> None:
    def make(world: World, case: str) -> list[Recorded]:
        return [world.state(acts.opening(world, cause="另一事由"), world.shen, world.lu)]

    world, data = told(make)
    assert failed(data, world) == ["records"]


# ── the program ──────────────────────────────────────────────────────────────────────────


@pytest.fixture
def trust(case: Whole, tmp_path: Path) -> Path:
    path = tmp_path / "trust.json"
    path.write_bytes(case[0].trust_json())
    return path


def test_the_program_explains_each_check_in_both_languages(
    case: Whole, trust: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(packed(case[2]))
    assert main([str(path), "--trust", str(trust)]) == HOLDS
    chinese = capsys.readouterr().out
    assert main([str(path), "--trust", str(trust), "--lang", "en"]) == HOLDS
    english = capsys.readouterr().out
    assert "案卷成立。" in chinese
    assert "The case file holds." in english
    assert all(f"{zh} [{name}]" in chinese for name, (zh, _) in TITLES.items())
    assert all(f"{en} [{name}]" in english for name, (_, en) in TITLES.items())
    assert not any("一" <= char <= "鿿" for char in english)


def test_the_program_answers_other_programs_in_json(
    case: Whole, trust: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(packed(case[2], records=without(case[2], 3)))
    assert main([str(path), "--trust", str(trust), "--json"]) == REFUSED
    answer = json.loads(capsys.readouterr().out)
    assert answer["holds"] is False
    levels = {check["name"]: check["level"] for check in answer["checks"]}
    assert levels["keys"] == "holds"
    assert levels["links"] == "fails"
    assert levels["receipts"] == "not_run"


def test_an_unpacked_case_file_is_checked_as_well(
    case: Whole, trust: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(case[2]))) as archive:
        archive.extractall(tmp_path)
    assert main([str(tmp_path / "case"), "--trust", str(trust)]) == HOLDS
    (tmp_path / "case" / "data" / "extra").symlink_to("/")
    assert main([str(tmp_path / "case"), "--trust", str(trust)]) == UNREADABLE
    capsys.readouterr()


def test_what_cannot_be_read_is_not_called_false(
    trust: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.zip"), "--trust", str(trust)]) == UNREADABLE
    trust.write_text('{"log": 5}')
    assert main([str(tmp_path), "--trust", str(trust)]) == UNREADABLE
    assert "fujie-verify:" in capsys.readouterr().err
