"""Before a decision: what the party was told, what it answered, and the answer to that.

The law asks for all three (APL 44, 45), unless the party clearly waives (APL 62): the same form
screen, with fields of its own and nothing to print; the words go into the decision afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents.values import money, read_money
from field_client.flow.desk import Desk
from field_client.flow.keeping import Keeper
from field_client.store.drafts import Answers, Drafts
from field_client.store.journal import Saved
from field_client.ui.presenters.common import Choice
from field_client.ui.presenters.form import FieldView, FormView, main_label
from protocol.reference import Item
from protocol.vocabulary import DocumentKind, PartyClass, PenaltyKind

FIELDS = ("told", "defence", "reply")
ANSWER, STATES, WAIVES = "answer", "states", "waives"
KIND = DocumentKind.STATEMENT_RECORD
ON_THE_SPOT = (PenaltyKind.WARNING, PenaltyKind.FINE)


class Hearing:
    """The form in which the party is heard."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._answers: Answers = {}
        self._keeper = Keeper(desk, lambda: None)

    def show(self) -> None:
        """The form, with what is to be told proposed from the item."""
        first: Answers = {"told": self._proposal(), "defence": "", "reply": "", ANSWER: STATES}
        typed = self._heard().typed(KIND)
        self._answers = {**first, **typed, **self._keeper.unsaved(self._desk.case.case)}
        self._desk.shell.show("form", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("form", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed."""
        self._answers[key] = value
        drafts = self._heard()
        case = self._desk.case.case
        self._keeper.keep(case, lambda answers: drafts.keep(KIND, answers), self._answers)
        self.refresh()

    def leave(self) -> None:
        """Back without a record."""
        self._done()

    def finish(self) -> None:
        """Put on record what was told and answered."""
        if self._missing():
            self.refresh()
            return
        desk, case, drafts = self._desk, self._desk.case, self._heard()
        waived, asked = self._waived, self._asked()
        told, defence, reply = (
            str(self._answers[name]).strip() if name in asked else "" for name in FIELDS
        )

        def then(_: Saved) -> None:
            # After what is being written now, so that no older text comes back as a draft.
            self._keeper.keep(case.case, lambda _answers: drafts.forget(KIND), {})
            self._done()

        desk.work(
            lambda: case.hear(told, defence, reply, waived),
            then,
            waiting=desk._("Putting it on record…"),
        )

    def _drafts(self) -> Drafts:
        """What was typed in this case and is not on record yet."""
        tablet = self._desk.open_tablet
        return Drafts(tablet.vault, self._desk.case.case, self._desk.clock)

    def _heard(self) -> Drafts:
        """Beside the draft of the record that may be written of it, not in its place."""
        return self._drafts().of_part("/hearing")

    def _proposal(self) -> str:
        """The words of the law with the item's facts in them; the officer completes them."""
        opening = self._desk.case.opening
        item = self._desk.open_tablet.shelf.current.item(opening.item)
        if item is None:
            return ""
        you = "你单位" if opening.party.party_class is PartyClass.ORGANISATION else "你"
        return (
            f"经查，{you}{opening.cause}，违反了{item.violated}的规定。依据{item.penalty_basis}，"
            f"拟当场作出{self._intended(item)}处罚。{you}有权进行陈述和申辩；"
            "不会因陈述、申辩而加重处罚。"
        )

    def _intended(self, item: Item) -> str:
        """The intended penalty as far as the decision's draft says it, else what the item knows
        (APL 44)."""
        typed = self._drafts().typed(DocumentKind.SPOT_DECISION).get("fine", "")
        fen = typed if isinstance(typed, int) else read_money(typed)
        kinds = "、".join(one.zh for one in item.penalties if one in ON_THE_SPOT)
        return f"罚款{money(fen)}的" if fen else kinds or PenaltyKind.FINE.zh

    @property
    def _waived(self) -> bool:
        return self._answers.get(ANSWER) == WAIVES

    def _asked(self) -> tuple[str, ...]:
        """Who waives states nothing that could be answered."""
        return FIELDS[:1] if self._waived else FIELDS

    def _missing(self) -> tuple[str, ...]:
        labels = self._labels()
        return tuple(labels[one] for one in self._asked() if not str(self._answers[one]).strip())

    def _choice(self) -> FieldView:
        _ = self._desk._
        return FieldView(
            key=ANSWER,
            kind="choice",
            label=_("Statement and defence"),
            value=str(self._answers[ANSWER]),
            choices=(
                Choice(STATES, _("The party was heard")),
                Choice(WAIVES, _("The party clearly waives it")),
            ),
        )

    def _labels(self) -> dict[str, str]:
        _ = self._desk._
        return {
            "told": _("What the party was told"),
            "defence": _("What the party answered"),
            "reply": _("Your answer to it"),
        }

    def _view(self) -> FormView:
        desk, labels = self._desk, self._labels()
        hints = {
            "told": desk._("Facts, reasons, basis, intended penalty and rights (APL 44)"),
            "defence": desk._("As the party said it (APL 45)"),
            "reply": desk._("Taken up or not, and why (APL 45)"),
        }
        phrases = {
            "told": (),
            "defence": ("当事人表示：对上述事实无异议，不陈述、申辩。",),
            "reply": (
                "当事人的陈述与查明的事实一致，予以采纳。",
                "经复核，当事人提出的理由不影响对违法事实的认定，不予采纳。",
            ),
        }
        missing = self._missing()
        told, *heard = (
            FieldView(
                key=name,
                kind="multiline",
                label=labels[name],
                value=str(self._answers[name]),
                hint=hints[name],
                phrases=phrases[name],
            )
            for name in self._asked()
        )
        return FormView(
            frame=desk.frame(desk._("Hear the party"), desk.case.opening.party.name),
            fields=(told, self._choice(), *heard),
            notes=(),
            passed=0,
            preview=None,
            main_label=desk._("Put on record")
            if not missing
            else main_label(desk._, blocks=0, missing=missing),
            ready=not missing,
        )
