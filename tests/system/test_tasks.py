"""Tasks and approvals between the office and a tablet: by the commands, over the real server."""

from __future__ import annotations

import io

import pytest

from field_client.errors import ReasonEmpty, ReasonNeeded, RuleBlocks
from field_client.inspection import Inspection
from field_client.tasks import Task, open_tasks
from protocol import statements
from protocol.rules import Level, missing, retold
from protocol.vocabulary import ApprovalSubject, DocumentKind, Outcome, TaskSource
from sync_server import demo
from sync_server.__main__ import main
from sync_server.cases import assigning
from sync_server.cases.publishing import Signatory
from sync_server.keys.accounts import Accounts
from tests.cast import party
from tests.field_client.county import LU, SHEN, SHOP, County, FieldTablet

NUMBER = "云市监检任〔2026〕57号"
HEAD, HANDLER = "gumingyuan", "hejingting"
PASSWORDS = {one.account: one.password for one in demo.STAFF}
Patch = pytest.MonkeyPatch


def command(county: County, patch: Patch, account: str, *arguments: str) -> int:
    """A command of the office, with the server stopped as it has to be."""
    running = county.services is not None
    county.stop()
    patch.setenv("FUJIE_DATA", str(county.folder))
    patch.setenv("FUJIE_ORIGIN", county.origin)
    patch.setattr("sys.stdin", io.StringIO(PASSWORDS[account] + "\n"))
    patch.setattr("sync_server.commands.tasks.system_clock", lambda: county.clock)
    code = main([*arguments, "--account", account])
    if running:
        county.start()
    return code


def person(county: County, account: str) -> Signatory:
    """Somebody of the office, with the key that the password opens."""
    assert county.services is not None
    accounts = Accounts(county.services.db, county.services.clock)
    return accounts.signer(account, PASSWORDS[account])


def assign(
    county: County,
    patch: Patch,
    tablet: FieldTablet,
    *more: str,
    account: str = HEAD,
    number: str = NUMBER,
) -> int:
    """The task of the story, with more words; later ones replace earlier ones."""
    item = tablet.tablet.shelf.current.items[0].code
    words = ("--item", item, "--party", party().name, "--code", party().id_code, "--place", SHOP)
    people = ("--officer", SHEN, "--officer", LU, "--approval", "顾明远 2026-07-06 批准")
    return command(county, patch, account, "assign-task", number, *words, *people, *more)


def pulled(tablet: FieldTablet) -> list[Task]:
    tablet.contact()
    tablet.contact()
    return open_tasks(tablet.tablet.vault)


# ── tasks ────────────────────────────────────────────────────────────────────────────────


def test_a_task_reaches_the_tablet_and_the_inspection_names_it(
    tablet: FieldTablet, online: County, monkeypatch: Patch
) -> None:
    """Assigned by the head's key, pulled with its proof, begun once, and in the log by its id."""
    assert assign(online, monkeypatch, tablet, "--cap", "2", "--due", "2026-07-31") == 0
    (task,) = pulled(tablet)
    assert (task.said.number, task.said.officers) == (NUMBER, [SHEN, LU])
    assert (task.times, task.over_cap) == (1, False)
    form = task.opening(tablet.tablet.journal.inspection_label("YX-T07"), "日常检查")
    inspection = tablet.tablet.office.open(form, tablet.officers)
    assert inspection.state.task == task.id
    assert open_tasks(tablet.tablet.vault) == []
    tablet.contact()
    assert online.services is not None
    record = online.services.facts.record(inspection.case)
    assert record is not None
    assert isinstance(record.statement, statements.InspectionOpened)
    assert record.statement.task == task.id
    tablet.restart()
    assert pulled(tablet) == []


def test_a_withdrawn_task_is_gone_and_is_withdrawn_once(
    tablet: FieldTablet, online: County, monkeypatch: Patch
) -> None:
    """Its number is enough to name it."""
    assign(online, monkeypatch, tablet)
    assert len(pulled(tablet)) == 1
    withdrawal = ("withdraw-task", NUMBER, "--reason", "企业已注销")
    assert command(online, monkeypatch, HEAD, *withdrawal) == 0
    assert pulled(tablet) == []
    assert command(online, monkeypatch, HEAD, *withdrawal) == 2


def test_a_task_for_another_tablet_does_not_come_here(
    tablet: FieldTablet, online: County, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Named tablets alone get it; an unknown one cannot be named."""
    assert assign(online, monkeypatch, tablet, "--device", "YX-T99") == 2
    assert "no tablet YX-T99" in capsys.readouterr().err
    assert assign(online, monkeypatch, tablet, "--device", "office") == 0
    assert pulled(tablet) == []
    other = NUMBER.replace("57", "58")
    assert assign(online, monkeypatch, tablet, "--device", "YX-T07", number=other) == 0
    assert len(pulled(tablet)) == 1


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--item", "XX-1"), "is not on the agency's list"),
        (("--officer", "00992309999"), "no officer with a valid certificate"),
        (("--approval", " "), "approval is empty"),
        (("--due", "2026-07-06"), "is over"),
        (("--due", "2026-W29-3"), "a day as YYYY-MM-DD"),
    ],
)
def test_a_task_that_cannot_be_done_is_refused_at_the_office(
    more: tuple[str, ...], said: str, tablet: FieldTablet, online: County,
    monkeypatch: Patch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Nobody drives out for nothing; the reason is named."""
    assert assign(online, monkeypatch, tablet, *more) == 2
    assert said in capsys.readouterr().err
    assert pulled(tablet) == []


def test_only_handlers_and_the_head_give_tasks(
    tablet: FieldTablet, online: County, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A publisher's password opens a key that may not say it."""
    assert assign(online, monkeypatch, tablet, account=HANDLER) == 2
    assert "hejingting is publisher" in capsys.readouterr().err


def test_a_task_stated_past_the_office_is_not_given_to_tablets(
    tablet: FieldTablet, online: County
) -> None:
    """Signed by somebody whose role may not assign: in the log, and no task."""
    assert online.services is not None
    _, key = person(online, HANDLER)
    reference = online.services.editions.compose(demo.AGENCY.id, 1, online.clock.now())
    said = statements.TaskAssigned(
        agency=demo.AGENCY.id, at=online.clock.now(), salt="11" * 16, number="1",
        source=TaskSource.PLANNED, item=reference.items[0].code, item_version=1, party=party(),
        place=statements.Place(text=SHOP), officers=[SHEN, LU], devices=[], yearly_count=0,
        yearly_cap=0, approval="无", due_on=None,
    )  # fmt: skip
    online.services.office.state(said, [key])
    assert pulled(tablet) == []


def test_the_cap_is_counted_from_the_log_and_gone_against_with_a_reason(
    tablet: FieldTablet, online: County, monkeypatch: Patch
) -> None:
    """IN-2: the second inspection of a party whose cap is one asks why; the reason is a record of
    the same transaction, and the server's view of the case is the tablet's."""
    tablet.open()
    tablet.contact()
    assign(online, monkeypatch, tablet, "--cap", "1")
    (task,) = pulled(tablet)
    assert (task.times, task.said.yearly_cap, task.over_cap) == (2, 1, True)
    form, office = task.opening("云市监检〔2026〕900号", "举报"), tablet.tablet.office
    before = len(tablet.stages())
    with pytest.raises(ReasonNeeded):
        office.open(form, tablet.officers)
    assert len(tablet.stages()) == before
    inspection = office.open(form, tablet.officers, reasons={"IN-2": "群众举报食品变质"})
    assert len(tablet.stages()) == before + 2
    assert [one.statement.rule for one in inspection.state.overrides] == ["IN-2"]
    assert inspection.state.overrides[0].statement.case == inspection.case.hex()
    tablet.contact()
    assert online.services is not None
    held = assigning.state_of(online.services, inspection.case)
    reference = tablet.tablet.shelf.current
    judged = {one.rule.id: one.level for _, one in retold(held, reference, task=task.said)}
    assert judged["IN-2"] is Level.RECORD
    assert {one.hash for one in held.records} == {one.hash for one in inspection.state.records}


def test_a_reason_without_words_is_none(tablet: FieldTablet) -> None:
    """And nothing is kept of it."""
    inspection = tablet.open()
    with pytest.raises(ReasonEmpty):
        inspection.override("AV-2", "  ")


# ── approvals ────────────────────────────────────────────────────────────────────────────


def urgent(tablet: FieldTablet) -> Inspection:
    """An urgent inspection without a task."""
    tablet.clock.pass_seconds(60)
    return tablet.tablet.office.open(tablet.opening(task="", urgent=True), tablet.officers)


def test_an_urgent_inspections_approval_given_afterwards_is_on_the_timeline(
    tablet: FieldTablet, online: County, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """54号: asked for in the field, granted in the office, pulled, shown, and no more missing."""
    inspection = urgent(tablet)
    office, reference = tablet.tablet.office, tablet.tablet.shelf.current
    now = tablet.clock.wall_ms()
    assert "approval" in [x.key for x in missing(inspection.state, reference, now)]
    asked = office.journal.stamp(
        statements.ApprovalAsked,
        inspection.case,
        subject=ApprovalSubject.INSPECTION,
        reason="接举报，防止转移",
        urgent=True,
    )
    request = office.journal.save(asked, inspection.signers)
    tablet.contact()
    words = ("approve", inspection.opening.number, "inspection", "--reason", "情况属实")
    assert command(online, monkeypatch, HEAD, *words) == 0
    assert "granted, afterwards" in capsys.readouterr().out
    tablet.contact()
    tablet.contact()
    state = inspection.state
    (given,) = state.approvals
    assert given.statement.afterwards
    assert given.statement.concerning == request.record.hex()
    assert given.index is not None
    assert state.asked[0].answer == given
    assert state.timeline[-1].zh == "行政检查已批准（事后补办）"
    reference = tablet.tablet.shelf.current
    assert "approval" not in [x.key for x in missing(state, reference, now) if not x.done]


def test_an_approval_unlocks_what_waited_for_it(
    tablet: FieldTablet, online: County, monkeypatch: Patch
) -> None:
    """DL-3: the notice of preservation is drafted before, and stopped until the head approves;
    also after the program starts again."""
    inspection = tablet.opened_and_notified()
    desk, kind = tablet.desk(inspection), DocumentKind.PRESERVATION_NOTICE
    statement = tablet.tablet.journal.stamp(
        statements.ApprovalAsked,
        inspection.case,
        subject=ApprovalSubject.PRESERVATION,
        reason="可能灭失",
    )
    tablet.tablet.journal.save(statement, inspection.signers)

    def stopped() -> bool:
        judged = tablet.desk(inspection).judge(kind, desk.answers(kind))
        return any(one.rule.id == "DL-3" and one.level is Level.BLOCK for one in judged)

    assert stopped()
    tablet.contact()
    words = ("approve", inspection.opening.number, "preservation", "--reason", "同意")
    assert command(online, monkeypatch, HEAD, *words) == 0
    tablet.contact()
    tablet.contact()
    assert not stopped()
    tablet.restart()
    again = tablet.tablet.office.resume(inspection.case, tablet.officers)
    assert [one.statement.granted for one in again.state.approvals] == [True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("no such case", "inspection", "--reason", "x"), "no case"),
        (("CASE", "inspection", "--reason", " "), "the reason is empty"),
        (("CASE", "inspection", "--reason", "x", "--concerning", "ab" * 32), "has no record"),
    ],
)
def test_nothing_is_approved_that_is_not_there(
    words: tuple[str, ...], said: str, tablet: FieldTablet, online: County,
    monkeypatch: Patch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """A case, a reason, and a record of the case."""
    inspection = tablet.open()
    tablet.contact()
    named = [inspection.opening.number if one == "CASE" else one for one in words]
    assert command(online, monkeypatch, HEAD, "approve", *named) == 2
    assert said in capsys.readouterr().err


def test_only_the_head_approves(
    tablet: FieldTablet, online: County, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And a refusal is an answer too."""
    inspection = tablet.open()
    tablet.contact()
    words = ("approve", inspection.opening.number, "inspection", "--reason", "不必要")
    assert command(online, monkeypatch, HANDLER, *words) == 2
    assert "ask one of them" in capsys.readouterr().err
    assert command(online, monkeypatch, HEAD, *words, "--refuse") == 0
    tablet.contact()
    tablet.contact()
    assert [one.statement.granted for one in inspection.state.approvals] == [False]


def test_a_reason_given_for_an_end_is_in_its_transaction(
    tablet: FieldTablet, online: County
) -> None:
    """AV-2: nothing was recorded; a block is not gone against, whatever reason is given."""
    inspection = tablet.opened_and_notified()
    tablet.hear(inspection)
    tablet.decide(inspection)
    inspection.override("OS-2", "当事人已走")
    with pytest.raises(RuleBlocks) as blocked:
        inspection.close(Outcome.PENALISED_ON_SPOT)
    assert not isinstance(blocked.value, ReasonNeeded)
    assert inspection.state.overrides == ()
