"""Every code of a finding: whether what it is said of still counts as complete, and who is to act.

>>> CODES["link_missing"], CODES["flagged"]
(False, True)
>>> who("archive_damaged")
('档案管理员', 'the archivist')

What is not complete lacks something that was stated or was promised. The rest is whole, and
somebody has to look at it.
"""

_USER = ("设备使用人", "the device's user")
_AGENCY = ("执法机构负责人", "the head of the unit")
_REGISTRAR = ("名册管理员", "the registrar")
_OPERATOR = ("系统管理员", "the operator")
_ARCHIVIST = ("档案管理员", "the archivist")
_HOLDER = ("执法人员本人", "the officer")

_TABLE: dict[str, tuple[bool, tuple[str, str]]] = {
    "link_missing": (False, _AGENCY),
    "chain_broken": (False, _OPERATOR),
    "head_mismatch": (False, _REGISTRAR),
    "entry_missing": (False, _OPERATOR),
    "statement_missing": (False, _OPERATOR),
    "statement_damaged": (False, _OPERATOR),
    "blob_missing": (False, _OPERATOR),
    "blob_damaged": (False, _OPERATOR),
    "log_inconsistent": (False, _OPERATOR),
    "log_set_back": (False, _OPERATOR),
    "receipts_lost": (False, _OPERATOR),
    "forked": (False, _REGISTRAR),
    "unsent": (False, _USER),
    "silent_device": (False, _USER),
    "archive_missing": (False, _ARCHIVIST),
    "archive_damaged": (False, _ARCHIVIST),
    "fixity_overdue": (True, _ARCHIVIST),
    "witness_behind": (True, _OPERATOR),
    "flagged": (True, _AGENCY),
    "journal_closed": (True, _REGISTRAR),
    "adopted": (True, _REGISTRAR),
    "clock_skew": (True, _USER),
    "impossible_time": (True, _OPERATOR),
    "late_arrival": (True, _USER),
    "uncertain_standing": (True, _AGENCY),
    "invalid_holder": (True, _AGENCY),
    "suspended_device": (True, _AGENCY),
    "uncertain_device": (True, _AGENCY),
    "overridden": (True, _HOLDER),
    "stale_catalogue": (True, _USER),
    "retired_key": (True, _HOLDER),
    "uncertain_key": (True, _AGENCY),
    "low_space": (True, _USER),
    "old_program": (True, _OPERATOR),
    "old_reference": (True, _USER),
}

CODES = {code: complete for code, (complete, _) in _TABLE.items()}
"""Code → whether a journal with this finding still counts as complete."""


def who(code: str) -> tuple[str, str]:
    """Who is to do something about it, in Chinese and English."""
    return _TABLE[code][1]
