"""Property under a measure, row by row; and asking the head of the agency to allow one."""

from __future__ import annotations

from collections.abc import Callable

from field_client import measures
from field_client.documents import rows
from field_client.flow.desk import Desk
from field_client.flow.filling import field
from field_client.ui.presenters.common import Ask
from protocol.statements import PropertyItem
from protocol.vocabulary import ApprovalSubject

COLUMNS = (
    field("name", "text", "名称", "Name"),
    field("spec", "text", "规格型号", "Specification", required=False),
    field("batch", "text", "批号", "Batch", required=False),
    field("quantity", "number", "数量", "Quantity"),
    field("unit", "text", "单位", "Unit", required=False, phrases=("件", "公斤", "袋", "瓶")),
    field("condition", "text", "完好状态", "Condition", required=False, phrases=("完好", "破损")),
    field("remark", "text", "备注", "Remark", required=False),
)

PHRASES = ("证据可能灭失或者以后难以取得。", "防止证据损毁，避免危害扩大。")


def ask_approval(
    desk: Desk,
    subject: ApprovalSubject,
    concerning: str | None,
    what: str,
    then: Callable[[], None],
    *,
    urgent: bool = False,
    phrases: tuple[str, ...] = PHRASES,
) -> None:
    """Ask the head for approval: the reason in a few words, then on record."""
    case = desk.case

    def asked(reason: str) -> None:
        desk.work(
            lambda: measures.ask(case, subject, concerning, reason, urgent=urgent),
            lambda _: then(),
            waiting=desk._("Putting it on record…"),
        )

    desk.ask(
        Ask(
            key=f"ask.{subject.value}",
            title=desk._("Ask for approval: {what}").format(what=what),
            text=desk._("Say why it is needed; the head of the agency reads this."),
            button=desk._("Ask for approval"),
            phrases=phrases,
        ),
        asked,
    )


def items_of(answer: str | int) -> list[PropertyItem]:
    """The rows of the table as a statement has them; rows without a name are left out."""
    return [
        PropertyItem(**{name: row.get(name, "").strip() for name in _NAMES})
        for row in rows(answer)
        if row.get("name", "").strip()
    ]


_NAMES = tuple(column.name for column in COLUMNS)


def item_line(number: int, one: PropertyItem) -> str:
    """A row of a property list in one line."""
    words = [one.name, one.spec, one.batch, f"{one.quantity}{one.unit}", one.condition, one.remark]
    return f"{number}. " + " · ".join(word for word in words if word)
