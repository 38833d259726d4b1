"""Who takes part in the demo, with the words that they type."""

from __future__ import annotations

import time
from datetime import timedelta

from protocol.calendar import local_day
from protocol.vocabulary import StaffRole
from sync_server.demo import OFFICERS, STAFF
from sync_server.upkeep.founding import StaffPlan

PASSPHRASE = "青石镇河西路二十八号的平板"
PINS = {OFFICERS[0]: "240781", OFFICERS[1]: "135790"}
PARTY = {
    "item": "SJ-0417",
    "party_class": "organisation",
    "party_name": "云溪县禾穗食品有限公司",
    "uscc": "91990123MA0FJ0K21X",
    "place": "云溪县青石镇河西路28号",
    "legal_rep": "周明禾",
    "phone": "0799-5550128",
}
TASK = "云市监检任〔2026〕57号"  # of the agency's head
DAYS = 10  # within which it is to be done
ID_NO = "11010519491231002X"
SECRET_WORDS = ("周明禾", "0799-5550128", ID_NO)


def staff(role: StaffRole) -> list[StaffPlan]:
    """The office's people of one role."""
    return [one for one in STAFF if one.role is role]


def task_of(head: StaffPlan) -> list[str]:
    """The task as the head states it: the demo's party, both officers, until which day, at most
    two visits a year."""
    said = {
        "item": PARTY["item"],
        "party": PARTY["party_name"],
        "code": PARTY["uscc"],
        "legal-rep": PARTY["legal_rep"],
        "phone": PARTY["phone"],
        "place": PARTY["place"],
        "approval": f"局长{head.name}同意",
        "cap": "2",
        "due": str(local_day(time.time_ns() // 1_000_000) + timedelta(days=DAYS)),
        "account": head.account,
    }
    words = [word for name, value in said.items() for word in (f"--{name}", value)]
    return words + [word for one in OFFICERS for word in ("--officer", one)]
