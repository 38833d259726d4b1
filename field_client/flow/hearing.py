"""Before a decision: what the party was told, what it answered, and the answer to that.

The law asks for all three (APL 44, 45), unless the party clearly waives (APL 62): the same form
screen, with fields of its own and nothing to print; the words go into the decision afterwards.
What is told is the content of the intended penalty, its amount too, so that is asked for first
and put into the words; after a prior notice it is what that notice says.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, UnsetType, structs

from field_client.documents.amounts import refined
from field_client.documents.values import money, read_money
from field_client.flow.desk import Desk
from field_client.flow.drafted import shown
from field_client.flow.fieldwords import choices, problem
from field_client.flow.fined import differing
from field_client.flow.keeping import Keeper
from field_client.preparing import decision_of
from field_client.store.drafts import Answers, Drafts
from field_client.store.journal import Saved
from field_client.ui.presenters.common import Choice, RuleNote
from field_client.ui.presenters.form import FieldView, FormView, main_label
from protocol.document import IssuedDocument
from protocol.forms import FieldSpec, Template
from protocol.statements import Decision
from protocol.vocabulary import DocumentKind, PartyClass, PenaltyKind

PENALTY, FINE, TOLD = "penalty", "fine", "told"
FIELDS = (TOLD, "defence", "reply")
ANSWER, STATES, WAIVES = "answer", "states", "waives"
KIND = DocumentKind.STATEMENT_RECORD
SPOT = DocumentKind.SPOT_DECISION
AMOUNT = "＿＿＿＿元"  # until it is typed


class Hearing:
    """The form in which the party is heard."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._answers: Answers = {}
        self._fen: int | None = None  # the last amount that could be read
        self._keeper = Keeper(desk, lambda: None)

    def show(self) -> None:
        """The form, with what is to be told proposed from the item."""
        first: Answers = {"defence": "", "reply": "", ANSWER: STATES}
        typed = self._heard().typed(KIND)
        self._answers = {
            **first,
            **self._intended_first(),
            **typed,
            **self._keeper.unsaved(self._desk.case.case),
        }
        self._answers.setdefault(TOLD, self._proposal())
        self._fen = self._amount()
        self._desk.shell.show("form", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("form", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed. What is told follows the intended penalty, and where it was put into
        other words, its amount: no record tells one amount and means another."""
        before = self._intends()
        self._answers[key] = value
        if key in (PENALTY, FINE):
            self._answers[TOLD] = self._followed(str(self._answers[TOLD]), before)
        kept = dict(self._answers)
        if kept[TOLD] == self._proposal():
            del kept[TOLD]
        drafts = self._heard()
        case = self._desk.case.case
        self._keeper.keep(case, lambda answers: drafts.keep(KIND, answers), kept)
        self.refresh()

    def _followed(self, told: str, before: str) -> str:
        """What is told, after kind or amount changed; ``before``: how they were proposed."""
        fen, self._fen = self._fen, self._amount() or self._fen
        if before not in told and fen and self._fen:
            return refined(told, fen, self._fen)
        return told.replace(before, self._intends())

    def leave(self) -> None:
        """Back without a record."""
        self._done()

    def finish(self) -> None:
        """Put on record what was told and answered."""
        if self._missing():
            self.refresh()
            return
        desk, case, drafts = self._desk, self._desk.case, self._heard()
        waived, asked, intended = self._waived, self._asked(), self._intended()
        told, defence, reply = (
            str(self._answers[name]).strip() if name in asked else "" for name in FIELDS
        )

        def then(_: Saved) -> None:
            # After what is being written now, so that no older text comes back as a draft.
            self._keeper.keep(case.case, lambda _answers: drafts.forget(KIND), {})
            self._done()

        desk.work(
            lambda: case.hear(told, defence, reply, waived, intended),
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

    # ── the intended penalty ─────────────────────────────────────────────────────────────

    def _notice(self) -> IssuedDocument | None:
        """The last prior notice that tells of a penalty: then that is what the party was told."""
        found = [
            one
            for one in self._desk.case.state.documents
            if one.issued.statement.document is DocumentKind.PRIOR_NOTICE
            and one.issued.statement.intended is not None
        ]
        return found[-1] if found else None

    def _form(self) -> Template | None:
        """The decision on the spot, whose words for penalties are used."""
        return self._desk.open_tablet.shelf.current.template(SPOT)

    def _specs(self) -> dict[str, FieldSpec]:
        """Kind and amount as that form asks for them; nothing where a notice said them."""
        form = self._form()
        if form is None or self._notice() is not None:
            return {}
        found = {one.name: one for one in form.fields if one.name in (PENALTY, FINE)}
        return found if len(found) == 2 else {}

    def _intended_first(self) -> Answers:
        """As far as the decision's draft says it, else a fine where the item knows one."""
        asked = self._specs()
        if not asked:
            return {}
        typed = self._drafts().typed(SPOT)
        item = self._desk.open_tablet.shelf.current.item(self._desk.case.opening.item)
        fined = item is None or PenaltyKind.FINE in item.penalties
        usual = PenaltyKind.FINE if fined else PenaltyKind.WARNING
        amount = shown(typed.get(FINE, ""), asked[FINE])
        return {PENALTY: typed.get(PENALTY, usual.zh), FINE: amount}

    @property
    def _fined(self) -> bool:
        return PenaltyKind.FINE.zh in str(self._answers.get(PENALTY, ""))

    def _amount(self) -> int | None:
        """The fine in fen; None while it cannot be read."""
        return read_money(str(self._answers.get(FINE, "")))

    def _differing(self) -> tuple[RuleNote, ...]:
        """That the words tell another fine than is meant."""
        form, meant = self._form(), self._intended()
        if form is None or isinstance(meant, UnsetType):
            return ()
        if PenaltyKind.FINE in meant.penalties and not meant.fine:
            return ()  # it is still to be typed
        asked = {one.name: one for one in form.fields}
        field = asked.get(FINE if meant.fine else PENALTY)
        clause = ("《行政处罚法》第四十四条", "APL 44")
        told = str(self._answers[TOLD])
        return differing(self._desk, told, meant.fine, field, clause) if field else ()

    def _intended(self) -> Decision | UnsetType:
        """What the party is told that the penalty will be."""
        notice, form = self._notice(), self._form()
        if notice is not None:
            found = notice.issued.statement.intended
        elif form is not None:
            case, now = self._desk.case, self._desk.clock.wall_ms()
            found = decision_of(form, self._answers, case.opening, case.state, now)
        else:
            found = None
        return UNSET if found is None else structs.replace(found, heard=None)

    def _proposal(self) -> str:
        """The words of the law with the item's facts in them; the officer completes them."""
        opening = self._desk.case.opening
        item = self._desk.open_tablet.shelf.current.item(opening.item)
        you = "你单位" if opening.party.party_class is PartyClass.ORGANISATION else "你"
        rights = f"{you}有权进行陈述和申辩；不会因陈述、申辩而加重处罚。"
        notice = self._notice()
        if notice is not None and notice.issued.statement.intended is not None:
            return (
                f"本局已以《行政处罚事先告知书》（{notice.issued.statement.number}）告知拟对{you}作出的"
                f"行政处罚内容{_listed(notice.issued.statement.intended)}。{rights}"
            )
        if item is None:
            return ""
        return (
            f"经查，{you}{opening.cause}，违反了{item.violated}的规定。依据{item.penalty_basis}，"
            f"{self._intends()}。{rights}"
        )

    def _intends(self) -> str:
        """Kind and amount as they are told: a kind alone does not tell what is to be paid."""
        fen = self._amount()
        kind = str(self._answers.get(PENALTY, "")) or PenaltyKind.FINE.zh
        if PenaltyKind.FINE.zh in kind:
            kind += money(fen) if fen else AMOUNT
        return f"拟当场作出{kind}的行政处罚"

    # ── view ─────────────────────────────────────────────────────────────────────────────

    @property
    def _waived(self) -> bool:
        return self._answers.get(ANSWER) == WAIVES

    def _asked(self) -> tuple[str, ...]:
        """Who waives states nothing that could be answered."""
        return FIELDS[:1] if self._waived else FIELDS

    def _missing(self) -> tuple[str, ...]:
        labels = self._labels()
        found = [labels[one] for one in self._asked() if not self._worded(one)]
        fine = self._specs().get(FINE)
        if fine is not None and self._fined and not read_money(str(self._answers[FINE])):
            found.insert(0, self._desk.words(fine.label_zh, fine.label_en))
        return tuple(found)

    def _worded(self, name: str) -> bool:
        """Whether there are words, and no gap among them where the amount was to stand."""
        words = str(self._answers[name]).strip()
        return bool(words) and not (name == TOLD and AMOUNT in words)

    def _penalty(self) -> list[FieldView]:
        """Kind and amount, as the decision's form asks for them."""
        desk = self._desk
        return [
            FieldView(
                key=name,
                kind="money" if name == FINE else "choice",
                label=desk.words(one.label_zh, one.label_en),
                value=str(self._answers[name]),
                unit=desk._("yuan") if name == FINE else "",
                help=desk.words(one.help_zh, one.help_en),
                choices=choices(desk, one),
                problem=problem(desk._, one, self._answers[name]),
            )
            for name, one in self._specs().items()
            if name == PENALTY or self._fined
        ]

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
            TOLD: _("What the party was told"),
            "defence": _("What the party answered"),
            "reply": _("Your answer to it"),
        }

    def _view(self) -> FormView:
        desk, labels = self._desk, self._labels()
        hints = {
            TOLD: desk._("Facts, reasons, basis, intended penalty and rights (APL 44)"),
            "defence": desk._("As the party said it (APL 45)"),
            "reply": desk._("Taken up or not, and why (APL 45)"),
        }
        phrases = {
            TOLD: (),
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
                notes=self._differing() if name == TOLD else (),
            )
            for name in self._asked()
        )
        return FormView(
            frame=desk.frame(desk._("Hear the party"), desk.case.opening.party.name),
            fields=(*self._penalty(), told, self._choice(), *heard),
            notes=(),
            passed=0,
            preview=None,
            main_label=desk._("Put on record")
            if not missing
            else main_label(desk._, blocks=0, missing=missing),
            ready=not missing,
        )


def _listed(told: Decision) -> str:
    """The kinds; the amount is told of the fine, and of no other kind."""
    kinds = "、".join(one.zh for one in told.penalties)
    fine = f"；其中罚款{money(told.fine)}" if told.fine else ""
    return f"（{kinds}）及事实、理由、依据{fine}"
