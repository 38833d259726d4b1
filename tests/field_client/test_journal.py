"""How a statement is made: durable, in one chain, each number once, all or nothing."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from sqlmodel import Session, col, select

from field_client.errors import NumberGone, RuleBlocks
from field_client.inspection import Inspection
from field_client.store.journal import Saved
from field_client.store.rescue import rescued
from field_client.store.tables import (
    DraftRow,
    JournalRow,
    LinkRow,
    NumberBlockRow,
    Stage,
    StatementRow,
)
from protocol import chain, envelope
from protocol.case import fold
from protocol.chain import Head, Link
from protocol.statements import MediaCaptured, SignatureTaken, SignRefused, StatementTaken
from protocol.vocabulary import DocumentKind, Role
from tests.cast import DECISION_NUMBER, NUMBER
from tests.field_client.county import FieldTablet, hand

DECISION = DocumentKind.SPOT_DECISION

KILLED = """
import sys
from pathlib import Path
from tests.field_client import victim
victim.{act}(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def links(tablet: FieldTablet) -> list[Link]:
    with tablet.tablet.vault.session() as session:
        rows = session.exec(select(LinkRow.link).order_by(col(LinkRow.sequence))).all()
    return [chain.decode_link(row) for row in rows]


def head(tablet: FieldTablet) -> Head:
    with tablet.tablet.vault.session() as session:
        row = session.exec(select(JournalRow)).one()
    return Head(row.length, row.head_hash)


def prepared(tablet: FieldTablet, inspection: Inspection):
    desk = tablet.desk(inspection)
    typed = {"facts": "7种散装商品未标明价格。", "evidence": "当事人的陈述", "fine": "500"}
    return desk.prepare(DECISION, desk.answers(DECISION) | typed)


def issue(tablet: FieldTablet, inspection: Inspection, ready) -> Saved:
    party = hand("周明禾", Role.PARTY)
    return tablet.desk(inspection).issue(ready, party, tablet.hands())[0]


def kill_when_told(tablet: FieldTablet, act: str, lines: int) -> list[str]:
    """Run an officer's act in a program of its own and SIGKILL it after so many lines."""
    tablet.tablet.close()
    program = subprocess.Popen(
        [sys.executable, "-c", KILLED.format(act=act), str(tablet.folder), str(tablet.media)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    told = [program.stdout.readline().strip() for _ in range(lines)]
    program.kill()
    program.wait()
    return told


def test_what_was_acknowledged_survives_sigkill(tablet: FieldTablet) -> None:
    """The program is killed while it works; every record that it told of is there, in order."""
    told = kill_when_told(tablet, "state_for_ever", 12)
    again = FieldTablet.start(
        tablet.folder, tablet.clock, tablet.county, tablet.media, tablet.typesetter
    )
    tablet.tablet = again.tablet
    found = links(tablet)
    assert [one.record.hex() for one in found][: len(told)] == told
    assert chain.follow(found) == head(tablet)
    with tablet.tablet.vault.session() as session:
        for row in session.exec(select(StatementRow)).all():
            assert envelope.record_hash(envelope.decode(row.envelope)) == row.record_hash


def test_a_recording_that_was_cut_by_sigkill_is_rescued(tablet: FieldTablet) -> None:
    """It waits for a record that names it, and is not sent before."""
    kill_when_told(tablet, "record_for_ever", 3)
    again = FieldTablet.start(
        tablet.folder, tablet.clock, tablet.county, tablet.media, tablet.typesetter
    )
    tablet.tablet, tablet.shen = again.tablet, again.shen
    with tablet.tablet.vault.session() as session:
        case = session.exec(select(StatementRow.case_id)).first()
    assert case is not None
    inspection = tablet.tablet.office.resume(case, tablet.officers)
    (found,) = inspection.rescued()
    assert found.ref.size > 0
    assert found.began_at < found.ended_at
    assert tablet.tablet.sync.status().blobs_outstanding == _blobs_of_records(inspection)
    saved = inspection.keep_rescued(found, tablet.about(), tablet.shen)
    assert isinstance(saved.statement, MediaCaptured)
    assert saved.statement.blob == found.ref
    assert rescued(tablet.tablet.vault, case) == []
    assert tablet.tablet.sync.status().blobs_outstanding == _blobs_of_records(inspection)


def _blobs_of_records(inspection: Inspection) -> int:
    return len(inspection.state.blobs)


def test_every_link_follows_the_one_before(tablet: FieldTablet) -> None:
    """Two inspections in turn are one chain; each record bears its own case's tag."""
    first, second = tablet.open(), tablet.open()
    for inspection in (first, second, first):
        inspection.show_cards("周明禾")
    found = links(tablet)
    assert chain.follow(found) == head(tablet)
    assert [found.index(one) for one in found if one.case_tag == found[0].case_tag] == [0, 2, 4]
    assert tablet.stages() == [Stage.SAVED] * 5


def test_the_state_kept_from_save_to_save_is_the_state_that_is_read(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    journal = tablet.tablet.journal
    journal.case_state(inspection.case)
    tablet.hear(inspection)
    tablet.decide(inspection)
    kept = journal.case_state(inspection.case)
    assert kept == fold(journal.records(inspection.case), inspection.case.hex())
    assert len(kept.records) == 5


def test_many_threads_make_one_chain(tablet: FieldTablet, inspection: Inspection) -> None:
    """No two statements take one place, and each thread's are all there."""
    before = len(links(tablet))
    threads = [
        threading.Thread(target=lambda: [tablet.hear(inspection) for _ in range(4)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = links(tablet)
    assert len(found) == before + 16
    assert chain.follow(found) == head(tablet)
    assert len(inspection.state.statements) == 16


def test_the_issuing_statement_alone_takes_the_number(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Preparing, previewing and judging take none."""
    tablet.hear(inspection)
    journal = tablet.tablet.journal
    for _ in range(3):
        assert prepared(tablet, inspection).number == DECISION_NUMBER
    issued = issue(tablet, inspection, prepared(tablet, inspection))
    assert tablet.content_of(issued).number == DECISION_NUMBER
    assert journal.next_number(DECISION, 2026).serial == 127


def test_a_block_that_lends_the_seal_is_used_before_one_that_never_did(
    tablet: FieldTablet,
) -> None:
    """Tablets of earlier days have blocks for inspections that lend none; the next one does."""
    journal, kind = tablet.tablet.journal, DocumentKind.INSPECTION_NOTICE
    with tablet.tablet.vault.transaction() as session:
        old = session.exec(select(NumberBlockRow).where(NumberBlockRow.document == kind)).one()
        lent = old.sealed_until
        old.sealed_until = None
        session.add(NumberBlockRow(**old.model_dump() | {"grant_record": b"\1" * 32}))
        new = session.get(NumberBlockRow, b"\1" * 32)
        new.next, new.last, new.sealed_until = old.last + 1, old.last + 50, lent
        first, other = old.next, old.last + 1
    assert journal.next_number(kind, 2026).serial == other
    tablet.opened_and_notified()
    assert journal.next_number(kind, 2026).serial == other + 1
    with tablet.tablet.vault.transaction() as session:
        session.get(NumberBlockRow, b"\1" * 32).sealed_until = 1  # over long ago
    assert journal.next_number(kind, 2026).serial == first


def test_two_forms_race_for_a_number_and_one_gets_it(tablet: FieldTablet) -> None:
    """The other hears so, stays a draft, and gets the next one."""
    first, second = tablet.opened_and_notified(), tablet.opened_and_notified()
    tablet.hear(first)
    tablet.hear(second)
    one, other = prepared(tablet, first), prepared(tablet, second)
    issue(tablet, first, one)
    with pytest.raises(NumberGone):
        issue(tablet, second, other)
    assert second.state.documents == ()
    late = tablet.content_of(issue(tablet, second, prepared(tablet, second)))
    assert late.number == "云市监当罚〔2026〕127号"


def test_two_inspections_never_bear_one_number(tablet: FieldTablet) -> None:
    """The form that was filled first is late: it asks for the next label."""
    late = tablet.opening()
    assert late.number == NUMBER
    tablet.open()
    with pytest.raises(NumberGone):
        tablet.tablet.office.open(late, tablet.officers)
    assert tablet.opening().number == "云市监检〔2026〕319号"


def test_a_used_up_block_stops_decisions_and_no_inspection(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """Without a block an inspection is named by tablet and time."""
    tablet.hear(inspection)
    with tablet.tablet.vault.transaction() as session:
        for block in session.exec(select(NumberBlockRow)).all():
            block.next = block.last + 1
            session.add(block)
    with pytest.raises(NumberGone, match="Connect it at the office"):
        prepared(tablet, inspection)
    assert tablet.opening().number.startswith("YX-T07-")
    judged = tablet.desk(inspection).judge(DECISION, {"facts": "…", "fine": "500"})
    assert "fetch_numbers" in [one.fix for one in judged]


def test_what_a_rule_stops_is_not_saved(tablet: FieldTablet) -> None:
    """Neither statement nor link nor number nor case."""
    tablet.open()
    state = (links(tablet), head(tablet), tablet.opening().number)
    with pytest.raises(RuleBlocks) as blocked:
        tablet.tablet.office.open(tablet.opening(item="SJ-0000"), tablet.officers)
    assert blocked.value.judgements[0].rule.id == "IN-1"
    assert (links(tablet), head(tablet), tablet.opening().number) == state


def test_a_failure_inside_the_transaction_leaves_nothing(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """And the next statement takes the place."""
    journal, before = tablet.tablet.journal, links(tablet)
    said = journal.stamp(
        StatementTaken, inspection.case, told="…", defence="…", reply="…", waived=False
    )
    signers = inspection.signers

    def fails(session: Session) -> object:
        raise OSError("no such luck")

    with pytest.raises(OSError, match="luck"):
        journal.save(said, signers, keeps=[fails])
    assert links(tablet) == before
    assert inspection.state.statements == ()
    assert journal.save(said, signers).link.sequence == len(before)


def test_a_draft_stays_with_its_case(tablet: FieldTablet) -> None:
    """Another case never shows it, and issuing removes it and no other."""
    first, second = tablet.opened_and_notified(), tablet.opened_and_notified()
    tablet.hear(first)
    tablet.desk(first).keep(DECISION, {"facts": "甲店", "fine": "300"})
    tablet.desk(second).keep(DECISION, {"facts": "乙店"})
    assert tablet.desk(first).answers(DECISION)["facts"] == "甲店"
    assert tablet.desk(second).answers(DECISION)["facts"] == "乙店"
    issue(tablet, first, prepared(tablet, first))
    with tablet.tablet.vault.session() as session:
        left = session.exec(select(DraftRow.case_id)).all()
    assert left == [second.case]


def test_listeners_hear_of_a_record_when_it_is_durable(tablet: FieldTablet) -> None:
    """What they are told can be read by anybody."""
    heard: list[bool] = []

    def listen(saved: Saved) -> None:
        with tablet.tablet.vault.session() as session:
            heard.append(session.get(StatementRow, saved.record) is not None)

    tablet.tablet.journal.on_saved(listen)
    tablet.open()
    assert heard == [True]


def test_answers_survive_a_kill_between_two_keys(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    """What was typed is there after a restart."""
    tablet.desk(inspection).keep(DECISION, {"facts": "写到一半"})
    tablet.restart()
    again = tablet.tablet.office.resume(inspection.case, tablet.officers)
    assert tablet.desk(again).answers(DECISION)["facts"] == "写到一半"


def page_record(tablet: FieldTablet, inspection: Inspection, concerning: bytes) -> SignatureTaken:
    act = SignRefused(role=Role.PARTY, reason="不认可本页内容", over="ab" * 32, at=1)
    return tablet.tablet.journal.stamp(
        SignatureTaken, inspection.case, concerning=concerning.hex(), page=1, act=act
    )


def test_what_follows_a_statement_names_it_and_comes_in_the_same_step(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    journal = tablet.tablet.journal
    told = journal.stamp(StatementTaken, inspection.case, told="拟罚款", defence="无", reply="知悉")
    before, heard = head(tablet).length, []
    journal.on_saved(heard.append)
    saved = journal.save(
        told,
        inspection.signers,
        follow=lambda record: [page_record(tablet, inspection, record)],
    )
    assert head(tablet).length == before + 2
    assert [type(one.statement) for one in heard] == [StatementTaken, SignatureTaken]
    assert heard[1].statement.concerning == saved.record.hex()
    state = journal.case_state(inspection.case)
    assert state == fold(journal.records(inspection.case), inspection.case.hex())


def test_when_what_follows_fails_nothing_of_it_is_saved(
    tablet: FieldTablet, inspection: Inspection
) -> None:
    journal = tablet.tablet.journal
    told = journal.stamp(StatementTaken, inspection.case, told="拟罚款", defence="无", reply="知悉")
    before = head(tablet)

    def broken(record: bytes) -> list[SignatureTaken]:
        raise RuleBlocks("A rule stops this: {words}", words="", judgements=())

    with pytest.raises(RuleBlocks):
        journal.save(told, inspection.signers, follow=broken)
    assert head(tablet) == before
    assert journal.case_state(inspection.case).statements == ()
    journal.save(told, inspection.signers)
    assert head(tablet).length == before.length + 1
