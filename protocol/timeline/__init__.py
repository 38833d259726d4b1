"""The records of a case told to people, one line each, in Chinese and English.

The same words stand on the tablet, on the office's case page and in the printed list. Every kind
has its own; one that this program does not know is shown as 暂不能识读 with its name.

>>> from protocol.vocabulary import Outcome
>>> from protocol.statements import InspectionClosed
>>> tell(InspectionClosed(agency="a", at=0, salt="0" * 32, outcome=Outcome.NO_PROBLEM)).zh
'检查结束'
"""

from protocol.statements import Statement, Unknown, kind_of
from protocol.timeline import (
    archive,
    disclosure,
    field,
    incident,
    office,
    registry,
    staff,
    supervision,
)
from protocol.timeline.told import Issued, Told, capital, named, tell_party_act, yuan

__all__ = ["Told", "capital", "named", "tell", "tell_party_act", "yuan"]

_TELLERS = (
    archive.TELLERS
    | disclosure.TELLERS
    | field.TELLERS
    | incident.TELLERS
    | office.TELLERS
    | registry.TELLERS
    | staff.TELLERS
    | supervision.TELLERS
)


def tell(statement: Statement | Unknown, issued: Issued | None = None) -> Told:
    """The words for one record. ``issued`` names documents by their record hash (hex), so that
    a service can say which document it served."""
    teller = None if isinstance(statement, Unknown) else _TELLERS.get(type(statement))
    if teller is None:
        kind = kind_of(statement)[:100]
        return Told(
            "有一条记录暂不能识读",
            "a record that this program cannot read yet",
            f"类型 {kind}，原样保存。请更新程序。",
            f"kind {kind}, kept as it came; update the program",
        )
    return teller(statement, issued or {})
