"""A record of a kind that this server does not know: kept, passed on, and read after an update."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from protocol import __main__ as verifier
from protocol import envelope, statements
from protocol.case import fold
from protocol.chain import NO_CASE, case_tag
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.messages import PushItem, UploadWanted
from protocol.receipt import Reason, Verdict
from protocol.reference import Parameters
from protocol.statements import Unknown
from sync_server.cases import casefiles
from sync_server.clock import system_clock
from sync_server.commands import checking, exporting, serving
from sync_server.projections.runner import Projections
from sync_server.reports import integrity
from sync_server.services import reading, writing
from tests import acts
from tests.cast import DEVICE, Inspection
from tests.later import later
from tests.sync_server.conftest import Server, tablet_of
from tests.sync_server.tablet import Tablet

MINUTES = b"the minutes of the hearing"


@dataclass
class Heard:
    """A server that holds a case with a record of a kind from the future."""

    server: Server
    tablet: Tablet
    case: Inspection
    body: bytes
    signed: envelope.Envelope

    @property
    def record(self) -> bytes:
        return envelope.record_hash(self.signed)


def body_of(tablet: Tablet, kind: str, **own: Any) -> bytes:
    """A body as a newer program writes it."""
    common = tablet.world.said() | {"kind": kind}
    return json.dumps(common | own, ensure_ascii=False).encode()


def minutes() -> dict[str, object]:
    return {
        "sha256": hashlib.sha256(MINUTES).hexdigest(),
        "size": len(MINUTES),
        "media_type": "text/plain",
    }


def told(
    tablet: Tablet, body: bytes, tag: bytes, *by: Signer
) -> tuple[envelope.Envelope, PushItem]:
    """The body signed and linked on the tablet's journal."""
    signed = envelope.sign(envelope.STATEMENT_TYPE, body, list(by))
    link = tablet.world.link(envelope.record_hash(signed), tag, tablet.world.device)
    return signed, PushItem(link=link.encode(), statement=envelope.encode(signed))


@pytest.fixture
def heard(start_server: Callable[..., Server], enrolled_county: Path) -> Heard:
    """An inspection, and behind it a hearing that only a later edition knows."""
    server = start_server(enrolled_county)
    tablet = tablet_of(server)
    tablet.world.now = system_clock().now()  # the tablet's certificate begins today
    case = tablet.world.inspection()
    tablet.push(tablet.links(case))
    officers = (tablet.world.shen.signer, tablet.world.lu.signer)
    body = body_of(tablet, "hearing_held", case=case.opened.hex, where="三楼", minutes=minutes())
    signed, item = told(tablet, body, case.opened.link.case_tag, *officers)
    (entry,) = tablet.check([item], tablet.push([item]))
    assert (entry.verdict, entry.reasons) == (Verdict.FLAGGED, (Reason.UNREADABLE_YET,))
    for data in {data for data in case.blobs.values() if data} | {MINUTES}:
        tablet.upload(data)
    server.stop()
    return Heard(server, tablet, case, body, signed)


def findings(heard: Heard) -> list[tuple[str, str]]:
    """Code and remedy of what the integrity report says of the tablet's records."""
    with reading(heard.server.settings, system_clock()) as services:
        device = services.facts.registry.device_named(DEVICE)
        assert device is not None
        made = integrity.report(services, device, Parameters())
    return [(one.code, one.remedy_zh) for one in made.findings if one.code == "flagged"]


def updated(heard: Heard) -> None:
    """The first start of a newer program."""
    assert serving.migrate(heard.server.settings, lambda _: None) == 0


# ── before the update ────────────────────────────────────────────────────────────────────


def test_it_is_kept_with_its_blobs_and_holds(heard: Heard) -> None:
    """The bytes are those that were signed; fsck has nothing to say."""
    with reading(heard.server.settings, system_clock()) as services:
        data = services.facts.envelope(heard.record)
        assert data is not None
        assert envelope.decode(data) == heard.signed
        assert envelope.decode(data).body == heard.body
        assert services.blobs.has(hashlib.sha256(MINUTES).digest())
    (summary,) = heard.server.fsck()
    assert summary.endswith("hold")


def test_the_case_tells_that_there_is_something_it_cannot_read(heard: Heard) -> None:
    """In the timeline of the case, by the name of its kind; nothing else changes."""
    with reading(heard.server.settings, system_clock()) as services:
        state = Projections(services.db, services.facts).state(heard.case.opened.hash)
    (entry,) = [one for one in state.timeline if one.kind == "hearing_held"]
    assert "暂不能识读" in entry.zh
    assert "hearing_held" in entry.detail_zh
    known = [one for one in state.records if not isinstance(one.statement, Unknown)]
    assert fold(known, state.case).documents == state.documents


def test_the_report_asks_for_an_update(heard: Heard) -> None:
    """Not for an explanation of the officers: nothing is wrong with what they signed."""
    assert findings(heard) == [("flagged", "内容原样保存。请更新中心的程序，更新后自动重新识读。")]


def test_it_leaves_in_the_case_file_as_it_came(
    heard: Heard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An old fujie-verify finds all of it proved, and says what it cannot read."""
    file, trust = exported(heard, tmp_path)
    assert verifier.main([str(file), "--trust", str(trust), "--lang", "zh"]) == 0
    assert "本程序暂不能识读" in capsys.readouterr().out
    with later():
        assert verifier.main([str(file), "--trust", str(trust), "--lang", "zh"]) == 0
        assert "暂不能识读" not in capsys.readouterr().out


def exported(heard: Heard, folder: Path) -> tuple[Path, Path]:
    """The case file and what a verifier has to trust."""
    file, trust = folder / "case.zip", folder / "trust.json"
    with reading(heard.server.settings, system_clock()) as services:
        casefiles.write_casefile(services, heard.case.opened.hash, file)
    assert exporting.trust(heard.server.settings, trust, lambda _: None) == 0
    return file, trust


# ── after the update ─────────────────────────────────────────────────────────────────────


def test_an_updated_server_judges_it_anew_and_its_entry_stays(heard: Heard) -> None:
    """The finding is gone, the record has its meaning, and the verdict in the log is the same."""
    with later():
        updated(heard)
        assert findings(heard) == []
        with reading(heard.server.settings, system_clock()) as services:
            read = services.facts.record(heard.record)
            assert read is not None
            assert read.statement.where == "三楼"  # type: ignore[union-attr]
            assert len(read.signers) == 2
            (linked,) = services.facts.links_of([heard.record])
            assert linked.verdict is Verdict.FLAGGED
        (summary,) = heard.server.fsck()
    assert summary.endswith("hold")


def test_a_case_that_only_a_newer_program_could_open_is_opened_by_it(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old server took ``case_opened`` as unknown, of no case. After the update it opens one."""
    tablet = heard.tablet
    known = statements.READERS["case_opened"]
    monkeypatch.delitem(statements.READERS, "case_opened")
    updated(heard)  # back to what the old program knew
    body = body_of(
        tablet,
        "case_opened",
        number="云市监立〔2026〕41号",
        cause="未标明价格",
        party={"name": "某", "party_class": "citizen"},
        source="complaint",
        handlers=[tablet.world.shen.cert_no],
        handling_unit="综合行政执法大队",
    )
    heard.server.start()
    # Its tag is that of the case that it opens, which an old program cannot know to check.
    salt, by = bytes.fromhex(json.loads(body)["salt"]), tablet.world.shen.signer
    record = envelope.record_hash(envelope.sign(envelope.STATEMENT_TYPE, body, [by]))
    signed, item = told(tablet, body, case_tag(salt, record), by)
    tablet.push([item])
    heard.server.stop()
    assert cases(heard) == {heard.case.opened.hash}
    monkeypatch.setitem(statements.READERS, "case_opened", known)
    with pytest.raises(Refused, match="migrate"):
        checking.fsck(heard.server.settings, lambda _: None, lambda _: None)
    updated(heard)
    assert cases(heard) == {heard.case.opened.hash, envelope.record_hash(signed)}
    (summary,) = heard.server.fsck()
    assert summary.endswith("hold")


def cases(heard: Heard) -> set[bytes]:
    with reading(heard.server.settings, system_clock()) as services:
        return set(services.facts.cases())


def test_a_start_that_knows_no_more_reads_nothing_again(heard: Heard) -> None:
    """The numbers of late statements, by which cases are folded again, stay."""

    def late() -> int:
        ((count,),) = heard.server.sql("SELECT count(*) FROM late")
        return int(count)

    before = late()
    updated(heard)
    assert late() == before
    with later():
        updated(heard)
        again = late()
        updated(heard)
        assert again == late() > before


def test_pages_fold_a_case_again_that_is_read_by_now(heard: Heard) -> None:
    """The timeline tells it by its kind's own words, or by its kind."""
    with writing(heard.server.settings, system_clock()) as services:
        projections = Projections(services.db, services.facts)
        projections.catch_up()
    with later(), writing(heard.server.settings, system_clock()) as services:
        projections = Projections(services.db, services.facts)
        projections.catch_up()
        state = projections.state(heard.case.opened.hash)
        assert any(statements.kind_of(one.statement) == "hearing_held" for one in state.records)
        assert not any(isinstance(one.statement, Unknown) for one in state.records)


def test_an_unknown_field_travels_with_its_record(
    start_server: Callable[..., Server], enrolled_county: Path, tmp_path: Path
) -> None:
    """Accepted as what is known of it, and exported to the byte."""
    server = start_server(enrolled_county)
    tablet = tablet_of(server)
    opened = tablet.world.state(acts.opening(tablet.world), tablet.world.shen, tablet.world.lu)
    body = body_of(
        tablet, "inspection_closed", case=opened.hex, outcome="no_problem", weather={"sky": ["晴"]}
    )
    officers = (tablet.world.shen.signer, tablet.world.lu.signer)
    signed, item = told(tablet, body, opened.link.case_tag, *officers)
    first = PushItem(link=opened.link.encode(), statement=envelope.encode(opened.envelope))
    entries = tablet.check([first, item], tablet.push([first, item]))
    assert {entry.verdict for entry in entries} == {Verdict.ACCEPTED}
    server.stop()
    case = Inspection(opened, [], opened, opened, opened, [opened], {})
    heard = Heard(server, tablet, case, body, signed)
    file, trust = exported(heard, tmp_path)
    assert verifier.main([str(file), "--trust", str(trust)]) == 0
    assert json.dumps({"sky": ["晴"]}, ensure_ascii=False).encode() in body
    with reading(server.settings, system_clock()) as services:
        kept = services.facts.envelope(heard.record)
    assert kept is not None
    assert envelope.decode(kept).body == body


def test_an_unknown_kind_outside_cases_belongs_to_none(heard: Heard) -> None:
    """It is kept, and no page of a case knows of it."""
    tablet = heard.tablet
    heard.server.start()
    body = body_of(tablet, "weather_noted", sky="晴")
    _, item = told(tablet, body, NO_CASE, tablet.signer)
    (entry,) = tablet.check([item], tablet.push([item]))
    assert entry.verdict is Verdict.FLAGGED
    heard.server.stop()
    assert cases(heard) == {heard.case.opened.hash}


def test_a_server_two_editions_on_admits_todays_tablet(
    start_server: Callable[..., Server], enrolled_county: Path
) -> None:
    """Every record of a whole inspection, with nothing to say against any."""
    with later():
        server = start_server(enrolled_county)
        tablet = tablet_of(server)
        items = tablet.links(tablet.world.inspection())
        entries = tablet.check(items, tablet.push(items))
        assert [entry.verdict for entry in entries] == [Verdict.ACCEPTED] * len(items)
        server.stop()


def test_a_number_beyond_all_bounds_holds_up_nothing(heard: Heard) -> None:
    """In a name that nobody knows: the record is flagged, the file that it names is asked for, and
    what comes behind it is admitted."""
    tablet = heard.tablet
    heard.server.start()
    seen = {"sha256": "ab" * 32, "size": 3, "media_type": "image/png"}
    body = body_of(tablet, "weather_noted", sky="晴", seen=seen)
    far = body.replace('"晴"'.encode(), b"1e999999")
    items = [told(tablet, one, NO_CASE, tablet.signer)[1] for one in (far, body)]
    entries = tablet.check(items, tablet.push(items))
    assert [entry.verdict for entry in entries] == [Verdict.FLAGGED] * 2
    wanted = UploadWanted(sha256=b"\xab" * 32, size=3)
    assert tablet.post("/v1/uploads", wanted).status_code == 200
    heard.server.stop()
