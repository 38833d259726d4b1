"""The publisher's desk: days by the calendar, corrections, withdrawals, what is never public."""

from __future__ import annotations

import re

import pytest

from protocol.calendar import CALENDAR_2026
from protocol.keys import Ed25519Signer
from protocol.publicity import NeverPublic
from protocol.reference import Reference
from protocol.statements import (
    DisclosureCorrected,
    DisclosureWithdrawn,
    DisclosureWithheld,
    RuleOverridden,
    WithholdingLifted,
)
from protocol.vocabulary import Ground
from sync_server.catalogue import load_matrix
from sync_server.keys.accounts import Accounts
from sync_server.projections import due
from sync_server.projections.tables import DueRow
from sync_server.web import desk
from tests.cast import AGENCY, DECISION_NUMBER, agency_info
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import (
    DAY_MS,
    NOW,
    PASSWORDS,
    PHONE,
    Office,
    confirm,
    draft,
    fill,
    publish,
)
from tests.sync_server.web.test_revoked import revoke

PASSWORD = PASSWORDS["hejingting"]
REFERENCE = Reference(
    version=1, issued_at=0, agency=agency_info(), years=[CALENDAR_2026], matrix=load_matrix()
)
SUMMARY, PERMIT, INSPECTION = (
    "penalty|summary|organisation|",
    "permit|ordinary|organisation|",
    "inspection|ordinary|organisation|",
)


def row(decided_on: str, sort: str = SUMMARY, **facts: object) -> DueRow:
    """A decision on the desk."""
    kept = {
        "issued": decided_on.encode(),
        "case_id": b"",
        "agency": AGENCY,
        "number": DECISION_NUMBER,
        "party": "禾穗",
        "cause": "未标明价格",
        "since": 0,
        "standing": due.WAITING,
        "revoked_on": "",
        "ground": "",
    }
    return DueRow(decided_on=decided_on, sort=sort, **(kept | facts))


@pytest.mark.parametrize(
    ("decided", "sort", "day"),
    [
        ("2026-02-12", SUMMARY, "2026-02-28"),
        ("2026-02-12", PERMIT, "2026-02-28"),
        ("2026-02-12", INSPECTION, "2026-03-18"),
        ("2026-09-18", INSPECTION, "2026-10-22"),
        ("2026-12-28", SUMMARY, None),
        ("2026-12-04", INSPECTION, None),
    ],
)
def test_the_days_are_the_handbooks(decided: str, sort: str, day: str | None) -> None:
    """Its vectors, working Saturdays and all; past the loaded calendar nothing is counted."""
    made = desk.laid_out([row(decided, sort)], [], 0, {}, REFERENCE, NOW)
    line = made.due[0]
    assert (line.day and line.day.isoformat()) == day
    assert (line.left is None) == (day is None)


def test_a_withdrawal_is_due_in_three_working_days() -> None:
    """The handbook's: 12 February and three are the 24th, over the festival."""
    leaving = row("2026-01-05", revoked_on="2026-02-12", standing=due.PUBLIC)
    (line,) = desk.laid_out([], [leaving], 0, {}, REFERENCE, NOW).leaving
    assert str(line.day) == "2026-02-24"
    assert line.late


def test_what_presses_stands_first() -> None:
    """The longest late on top, what cannot be counted at the end."""
    waiting = [row("2026-12-28"), row("2026-11-18"), row("2026-10-12")]
    made = desk.laid_out(waiting, [], 3, {}, REFERENCE, NOW)
    assert [line.row.decided_on for line in made.due] == ["2026-10-12", "2026-11-18", "2026-12-28"]
    assert (made.late, made.silent) == (1, 3)


def test_a_sort_asks_the_matrix_as_its_decisions_do() -> None:
    """Mere warnings are passed over, everything else is due."""
    warning = "penalty|summary|citizen|warning"
    assert desk.published_sorts([SUMMARY, PERMIT, warning], REFERENCE) == [SUMMARY, PERMIT]
    for sort in (SUMMARY, PERMIT, warning):
        assert due.sort_of(due.sample(sort)) == sort


def test_the_desk_shows_what_is_due_and_how_late(office: Office, inspected: County) -> None:
    """A decision of the 18th: due on the 27th; ten days on it is named late."""
    client = office.signed_in("hejingting")
    page = client.get("/office/publishing").text
    assert "还剩5个工作日" in page
    assert "2026年11月27日" in page
    office.clock.set(NOW + 10 * DAY_MS)
    assert "超期1个工作日" in office.signed_in("hejingting").get("/office/publishing").text
    publish(office, inspected.case, late_reason="系统故障")
    assert "没有待公示的决定" in office.signed_in("hejingting").get("/office/publishing").text


def test_a_correction_is_drafted_confirmed_and_shown(public: Office, published: County) -> None:
    """One more piece masked, for a reason that is on record; the first persons' rule holds."""
    case = published.case
    path = f"/office/cases/{case.opened.hex}/correct/{case.decision.hex}"
    client = public.signed_in("hejingting")
    masks = {"mask.evidence": Ground.TRADE_SECRET.value}
    assert "请写明理由" in fill(client, path, password=PASSWORD, **masks).text
    leaking = fill(client, path, password=PASSWORD, reason=f"误公开{PHONE}", **masks)
    assert "已隐去的内容" in leaking.text
    fill(client, path, password=PASSWORD, reason="误公开商业秘密", **masks)
    before = public.client().get(f"/decisions/{case.decision.hex}").text
    assert "商业秘密" not in before
    assert confirm(public, case).url.query == b"done=corrected"
    assert public.services is not None
    (record,) = public.services.facts.of_kind("disclosure_corrected")
    assert isinstance(record.statement, DisclosureCorrected)
    assert record.statement.reason == "误公开商业秘密"
    page = public.client().get(f"/decisions/{case.decision.hex}").text
    assert "2026年11月20日更正" in page
    assert "误公开商业秘密" in page


def test_a_correction_shows_no_more_than_the_rules_do(public: Office, published: County) -> None:
    """The telephone stays masked, whatever a form leaves out."""
    case = published.case
    path = f"/office/cases/{case.opened.hex}/correct/{case.decision.hex}"
    fill(public.signed_in("hejingting"), path, password=PASSWORD, reason="改标题", title="价格案")
    confirm(public, case)
    page = public.client().get(f"/decisions/{case.decision.hex}").text
    assert "价格案" in page
    assert "5550128" not in page


def test_a_withdrawal_leaves_number_and_reason(public: Office, published: County) -> None:
    """By one publisher, with clause and reason; page, search and proof lose the text."""
    case = published.case
    path = f"/office/cases/{case.opened.hex}/withdraw/{case.decision.hex}"
    client = public.signed_in("hejingting")
    page = client.get(path)
    clause = re.search(r'name="clause" value="([^"]*)"', page.text)
    assert clause
    assert clause[1] == "《行政处罚法》第四十八条"
    empty = fill(client, path, password=PASSWORD, reason=" ", clause=clause[1])
    assert "撤回要公开说明理由和依据" in empty.text
    leaking = fill(client, path, password=PASSWORD, reason=f"致电{PHONE}", clause=clause[1])
    assert "已隐去的内容" in leaking.text
    answer = fill(client, path, password=PASSWORD, reason="复议决定撤销", clause=clause[1])
    assert answer.url.query == b"done=withdrawn"
    assert public.services is not None
    (record,) = public.services.facts.of_kind("disclosure_withdrawn")
    assert isinstance(record.statement, DisclosureWithdrawn)
    shown = public.client().get(f"/decisions/{case.decision.hex}")
    assert shown.status_code == 410
    assert "复议决定撤销" in shown.text
    assert "红枣" not in shown.text
    assert client.get(path).status_code == 409


def test_what_was_withdrawn_meanwhile_is_not_corrected(public: Office, published: County) -> None:
    """A correction that waits for a second person ends with what it would correct."""
    case, client = published.case, public.signed_in("hejingting")
    at = f"/office/cases/{case.opened.hex}"
    correct, withdraw = (f"{at}/{one}/{case.decision.hex}" for one in ("correct", "withdraw"))
    fill(client, correct, password=PASSWORD, reason="改标题", title="价格案")
    clause = "《行政处罚法》第四十八条"
    fill(client, withdraw, password=PASSWORD, reason="复议决定撤销", clause=clause)
    answer = confirm(public, case)
    assert answer.status_code == 409
    assert "没有在公示的内容" in answer.text
    assert public.services is not None
    assert public.services.facts.of_kind("disclosure_corrected") == []
    assert "复议决定撤销" in public.client().get(f"/decisions/{case.decision.hex}").text


def test_a_late_withdrawal_is_named_and_needs_a_reason(public: Office, published: County) -> None:
    """Revoked from the 20th, so due on the 25th."""
    revoke(public, published)
    client, case = public.signed_in("hejingting"), published.case
    path = f"/office/cases/{case.opened.hex}/withdraw/{case.decision.hex}"
    assert "最迟应在2026年11月25日（含当日）撤下" in client.get(path).text
    public.clock.set(NOW + 6 * DAY_MS)
    client = public.signed_in("hejingting")
    assert "超期1个工作日" in client.get("/office/publishing").text
    asked = {"password": PASSWORD, "reason": "被撤销", "clause": "《行政处罚法》第四十八条"}
    assert "撤回已超期" in fill(client, path, **asked).text
    assert fill(client, path, late_reason="值班疏漏", **asked).url.query == b"done=withdrawn"
    assert public.services is not None
    (reason,) = public.services.facts.of_kind("rule_overridden")
    assert isinstance(reason.statement, RuleOverridden)
    assert (reason.statement.rule, reason.statement.reason) == ("PB-5", "值班疏漏")


def test_what_is_never_public_is_on_record_and_stays_away(
    office: Office, inspected: County
) -> None:
    """By two persons, with ground, clause and reason; after it nothing is published."""
    case = inspected.case
    path = f"/office/cases/{case.opened.hex}/withhold/{case.decision.hex}"
    client = office.signed_in("hejingting")
    asked = {
        "password": PASSWORD,
        "ground": "privacy",
        "clause": "《政府信息公开条例》第十五条",
        "reason": "主要事实是第三人的病情",
    }
    assert "请选择不予公示的理由" in fill(client, path, **(asked | {"ground": ""})).text
    assert "不予公示要写明理由和依据" in fill(client, path, **(asked | {"reason": " "})).text
    assert fill(client, path, **asked).url.query == b"done=drafted"
    assert confirm(office, case).url.query == b"done=withheld"
    assert office.services is not None
    (record,) = office.services.facts.of_kind("disclosure_withheld")
    assert isinstance(record.statement, DisclosureWithheld)
    answer = draft(office, case)
    assert answer.status_code == 409
    assert "已登记不予公示" in answer.text
    listed = client.get("/office/publishing").text
    assert "没有待公示的决定" in listed
    assert "病情" not in office.client().get("/decisions").text


def test_what_was_withheld_is_lifted_by_two_persons_and_published(
    office: Office, inspected: County
) -> None:
    """The record of the withholding stays; the lifting says why, and publishing is an act of its
    own."""
    case = inspected.case
    path = f"/office/cases/{case.opened.hex}/lift/{case.decision.hex}"
    client = office.signed_in("hejingting")
    assert client.get(path).status_code == 409
    withhold(office)
    asked = {
        "password": PASSWORD,
        "clause": "《政府信息公开条例》第十八条",
        "reason": "第三人已书面同意公开",
    }
    assert "请补写" in fill(client, path, **(asked | {"reason": " "})).text
    assert fill(client, path, **asked).url.query == b"done=drafted"
    assert client.get(f"/office/publishing/{case.decision.hex}").text.count("第三人已书面同意公开")
    assert draft(office, case).status_code == 409  # one signature lifts nothing
    assert confirm(office, case).url.query == b"done=lifted"
    assert office.services is not None
    (lifted,) = office.services.facts.of_kind("withholding_lifted")
    (withheld,) = office.services.facts.of_kind("disclosure_withheld")
    assert isinstance(lifted.statement, WithholdingLifted)
    assert lifted.statement.withholding == withheld.id
    assert client.get(path).status_code == 409
    assert publish(office, case).url.query == b"done=published"
    page = office.client().get(f"/decisions/{case.decision.hex}")
    assert page.status_code == 200
    assert "书面同意" not in page.text


def test_a_draft_saved_before_it_was_withheld_is_not_confirmed(
    office: Office, inspected: County
) -> None:
    """The rules are asked again when the second person signs."""
    draft(office, inspected.case)
    withhold(office)
    answer = confirm(office, inspected.case)
    assert "已登记不予公示" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def withhold(office: Office) -> None:
    """Two persons record that the decision is never public."""
    assert office.services is not None
    (opened,) = office.services.facts.of_kind("inspection_opened")
    issued = office.services.facts.of_kind("document_issued")[-1]
    statement = DisclosureWithheld(
        agency=AGENCY,
        at=NOW,
        salt="0" * 32,
        case=opened.id,
        issued=issued.id,
        ground=NeverPublic.PRIVACY,
        clause="《政府信息公开条例》第十五条",
        reason="隐私",
    )
    signers = [_signer(office, account) for account in ("hejingting", "luojing")]
    office.services.office.state(statement, signers)


def _signer(office: Office, account: str) -> Ed25519Signer:
    assert office.services is not None
    accounts = Accounts(office.services.db, office.clock)
    return accounts.signer(account, PASSWORDS[account])[1]
