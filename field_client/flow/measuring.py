"""Measures on property: preserving, sampling, sealing, seizing; and what becomes of it.

The form asks for what the law asks for (APL 56; ACL 18, 22–25), row by row for the property; the
party signs what it was told and what was taken, or the attestor does where it is away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from field_client import measures
from field_client.flow.answering import Answering, Asked
from field_client.flow.desk import Desk
from field_client.flow.filling import Filling, field
from field_client.flow.matters import answer_to, request_for, subject_of
from field_client.flow.papered import Papers
from field_client.flow.property import COLUMNS, ask_approval, item_line, items_of
from field_client.flow.terms import COERCIVE, HELD_DAYS, PRESERVED_DAYS, calendar_of
from field_client.inspection import Answer
from field_client.store.drafts import Answers
from field_client.ui.presenters.common import Choice, Fix, RuleNote, iso_words
from protocol.calendar import local_day
from protocol.case import CaseState
from protocol.errors import FujieError
from protocol.redaction import Content
from protocol.reference import FieldSpec
from protocol.statements import MeasureTaken, SignRefused, Statement
from protocol.vocabulary import DocumentKind, Measure, Role, Step


class Measuring(Filling):
    """The form of one sort of measure."""

    def __init__(self, desk: Desk, done: Callable[[], None], answering: Answering) -> None:
        super().__init__(desk, done)
        self._answering = answering
        self._measure = Measure.PRESERVATION
        self._under = Papers(desk, self._measure)

    def begin(self, measure: Measure) -> None:
        """Another measure of this sort."""
        self._measure = measure
        self._under = Papers(self._desk, measure)
        self.show()

    @property
    def name(self) -> str:
        return f"measure.{self._measure.value}"

    def title(self) -> str:
        return self._measure.heading(self._desk.language)

    @property
    def _coercive(self) -> bool:
        return self._measure in COERCIVE

    # ── fields ───────────────────────────────────────────────────────────────────────────

    def fields(self) -> list[FieldSpec]:
        item = self._desk.open_tablet.shelf.current.item(self._desk.case.opening.item)
        basis = "《行政处罚法》第五十六条"
        if self._coercive:
            basis = f"{item.basis if item else ''}、《行政强制法》第二十二条".lstrip("、")
        found = [
            field("items", "table", "财物清单", "Property", columns=COLUMNS),
            field("basis", "text", "依据", "Basis", phrases=(basis,)),
            field("from_on", "date", "起始日", "From"),
        ]
        if self._measure is not Measure.SAMPLING:
            found.append(field("until_on", "date", "截止日", "Until"))
            found.append(field("kept_at", "text", "保存地点", "Where it is kept"))
            found.append(field("keeper", "text", "保管人", "Who keeps it"))
        if self._needs_approval:
            found.append(
                field("approval", "choice", "机关负责人批准", "Approval by the agency's head")
            )
        if self._papers:
            found.append(
                field(
                    "issued",
                    "choice",
                    "交付的文书",
                    "The paper handed over",
                    required=self._under.unused,
                )
            )
        if self._coercive:
            found += self._heard()
        return found

    def _heard(self) -> list[FieldSpec]:
        """ACL 18, steps 4 to 6."""
        return [
            field(
                "called",
                "text",
                "通知当事人到场的方式",
                "How the party was told to come",
                phrases=("当面通知", "电话通知", "当事人不在场，已电话通知，未能到场"),
            ),
            field(
                "told",
                "multiline",
                "告知的理由、依据、权利和救济途径",
                "Reasons, basis, rights and remedies as told",
                phrases=(
                    "已当场告知采取本措施的理由、依据，以及陈述、申辩的权利和申请复议、提起诉讼的途径。",
                ),
            ),
            field(
                "defence",
                "multiline",
                "当事人的陈述和申辩",
                "What the party answered",
                phrases=("当事人表示没有意见，不陈述、申辩。", "当事人不在场，未作陈述、申辩。"),
            ),
            field(
                "reply",
                "multiline",
                "对陈述、申辩的答复",
                "Your answer to it",
                phrases=("当事人未提出异议。", "经复核，不影响采取本措施。", "当事人不在场。"),
            ),
        ]

    @property
    def what(self) -> str:
        """What a recording of it proves, as it goes on record."""
        return f"{self._measure.zh}过程"

    @property
    def _needs_approval(self) -> bool:
        return self._measure is not Measure.SAMPLING

    def first(self) -> Answers:
        today = local_day(self._desk.clock.wall_ms())
        opening = self._desk.case.opening
        until = ""
        if self._measure is Measure.PRESERVATION:
            try:
                due = calendar_of(self._desk).add_working_days(today, PRESERVED_DAYS)
                until = due.isoformat()
            except FujieError:
                until = ""
        elif self._coercive:
            until = (today + timedelta(days=HELD_DAYS - 1)).isoformat()
        first: Answers = {
            "from_on": today.isoformat(),
            "until_on": until,
            "kept_at": opening.place.text,
            "approval": "granted" if self._granted() else "",
        }
        if not self._coercive:
            first["basis"] = "《行政处罚法》第五十六条"
        first["issued"] = self._under.proposed()
        return first

    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        _ = self._desk._
        granted = Choice("granted", _("Approved"), "" if self._granted() else _("no approval yet"))
        urgent = Choice("urgent", _("Urgent: completed within 24 hours"))
        found: dict[str, tuple[Choice, ...]] = {
            "approval": (granted, urgent) if self._coercive else (granted,)
        }
        if self._papers:
            found["issued"] = self._papers
        return found

    def _granted(self) -> str:
        """The record that allows this measure, hex; empty while there is none."""
        subject, state = subject_of(self._measure), self._desk.case.state
        used = {one.statement.approval for one in state.of_kind(MeasureTaken)}
        found = [
            one.id
            for one in state.approvals
            if one.statement.subject is subject and one.statement.granted and one.id not in used
        ]
        return found[-1] if found else ""

    @property
    def _papers(self) -> tuple[Choice, ...]:
        return self._under.choices()

    def text(self) -> Content | None:
        """Of the decision that is chosen."""
        chosen = self.answer("issued")
        return self._under.text(chosen) if chosen else None

    # ── notes ────────────────────────────────────────────────────────────────────────────

    def notes(self) -> tuple[RuleNote, ...]:
        state, found = self._desk.case.state, []
        kind = self._under.kind
        if kind is not None and not self._under.right:
            found.append(self._paper_note(kind))
        if self._coercive and not self._recorded(state):
            _, words = self._desk._, self._desk.words
            found.append(
                RuleNote(
                    "warn",
                    _("Nothing is being recorded"),
                    _("This measure is recorded from start to end without a break."),
                    words("国办发〔2018〕118号", "State Council Office 2018 No. 118"),
                    (Fix("record_measure", _("To the camera")),),
                )
            )
        return tuple(found)

    def _recorded(self, state: CaseState) -> bool:
        """A recording runs, or one of this step was made without a break."""
        made = (one.statement for one in state.media)
        return bool(self._desk.recording) or any(
            one.continuous and one.step is Step.MEASURE for one in made
        )

    def approval(self) -> RuleNote | None:
        """What the head was asked and said, until a measure is allowed."""
        desk, state, _ = self._desk, self._desk.case.state, self._desk._
        if not self._needs_approval or self._granted():
            return None
        subject = subject_of(self._measure)
        request = request_for(state, subject, None)
        clause = (
            desk.words("《行政强制法》第十八条、第十九条", "ACL 18, 19")
            if self._coercive
            else desk.words("《行政处罚法》第五十六条", "APL 56")
        )
        if request is None:
            return RuleNote(
                "warn",
                _("The head of the agency approves this measure first"),
                _("Ask now; where it is urgent, say so below.")
                if self._coercive
                else _("Ask now; the request goes with the next contact."),
                clause,
                (Fix("ask.measure", _("Ask for approval")),),
            )
        said = answer_to(state, request.id, subject)
        if said is not None and not said.granted:
            return RuleNote(
                "warn",
                _("The head of the agency did not approve"),
                said.reason,
                clause,
                (Fix("ask.measure", _("Ask again")),),
            )
        return RuleNote(
            "warn",
            _("Approval was asked for and is awaited"),
            _("It comes with the next contact."),
            clause,
            (Fix("sync_now", _("Try now")),),
        )

    def _paper_note(self, kind: DocumentKind) -> RuleNote:
        _, document = self._desk._, kind.label(self._desk.language)
        if self._papers:  # for another sort of measure
            document += self._desk.words(f"（{self.title()}）", f" ({self.title()})")
        title = _("{document} is not issued yet").format(document=document)
        return RuleNote(
            "warn",
            title[:1].upper() + title[1:],  # a sentence, in English too
            _("It is handed over on the spot with the list of property."),
            self._desk.words("《行政强制法》第二十四条", "ACL 24")
            if self._coercive
            else self._desk.words("《行政处罚法》第五十六条", "APL 56"),
            (Fix(f"paper.{kind.value}", _("Write it now")),),
        )

    def fix(self, key: str) -> None:
        """Ask the head; or say why a warning is gone against."""
        if key != "ask.measure":
            super().fix(key)
            return
        ask_approval(
            self._desk,
            subject_of(self._measure),
            None,
            self._measure.heading(self._desk.language),
            self.refresh,
            urgent=self.answer("approval") == "urgent",
        )

    # ── the statement ────────────────────────────────────────────────────────────────────

    def _said(self) -> dict[str, Any]:
        approval = self._granted() if self.answer("approval") == "granted" else None
        said: dict[str, Any] = {
            "measure": self._measure,
            "approval": approval or None,
            "urgent": self.answer("approval") == "urgent",
            "basis": self.answer("basis"),
            "items": items_of(self._open.answers.get("items", "")),
            "from_on": date.fromisoformat(self.answer("from_on")).isoformat(),
            "until_on": self.answer("until_on") or None,
            "issued": self.answer("issued") or None,
            "place": self._desk.case.opening.place,
            "kept_at": self.answer("kept_at"),
            "keeper": self.answer("keeper"),
        }
        for name in ("called", "told", "defence", "reply"):
            said[name] = self.answer(name) if self._coercive else ""
        return said

    def proposed(self) -> Statement:
        hand = SignRefused(role=Role.PARTY, reason="待签名", over="00" * 32, at=0)
        said = self._said()
        return measures.proposed(self._desk.case, MeasureTaken, {**said, "party_act": hand})

    def go_on(self) -> str:
        return self._desk._("The party checks and signs")

    def finished(self) -> None:
        """To the party."""
        case, said, reasons = self._desk.case, self._said(), dict(self._reasons)

        def answered(answer: Answer) -> None:
            self.put_on_record(lambda: measures.take(case, said, answer, reasons))

        self._answering.begin(
            Asked(
                title=self.title(),
                facts=self._facts(said),
                lines=tuple(item_line(n, one) for n, one in enumerate(said["items"], 1)),
                attested="must" if self._coercive else "may",
                back=self.show,
            ),
            answered,
        )

    def _facts(self, said: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
        _ = self._desk._
        days = (said["from_on"], said["until_on"])
        term = " – ".join(iso_words(_, day) for day in days if day)
        rows_ = (
            (_("Basis"), said["basis"]),
            (_("Term"), term),
            (_("Kept at"), said["kept_at"]),
            (_("Keeper"), said["keeper"]),
            (_("Told"), said["told"]),
            (_("Answered"), said["defence"]),
            (_("Reply"), said["reply"]),
        )
        return tuple((label, value) for label, value in rows_ if value)
