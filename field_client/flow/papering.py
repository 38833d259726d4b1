"""The documents of a case as a list: what is issued, begun, possible, and what stands against it.

    Papering(desk, issuing, doors)     doors["form"](kind), doors["view"](record), …

What is issued and drafted is known at once; what the rules would say of each is asked off the UI
thread and filled in. A rule about the text itself (an amount, a field that is empty) is the
form's to tell: here stands what no typing helps against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from field_client.flow.desk import Desk, stage_of
from field_client.flow.paperfacts import clause_note
from field_client.flow.signatories import asks
from field_client.issuing import Issuing
from field_client.store.tables import DraftRow, LinkRow, Stage
from field_client.ui.presenters.common import Fix, RuleNote, moment_words
from field_client.ui.presenters.papers import (
    WAY,
    PaperGroup,
    PaperRow,
    PapersView,
    group_title,
    state_chip,
)
from protocol.case import IssuedDocument
from protocol.errors import FujieError
from protocol.rules import Judgement, Level
from protocol.vocabulary import DocumentKind

# Ways out that lie in the form: filling in, correcting, choosing.
IN_THE_FORM = frozenset(
    {
        "choose_penalty",
        "complete_form",
        "complete_measure",
        "correct_amount",
        "correct_class",
        "correct_day",
        "lower_fine",
        "shorten_term",
        "use_reconsider_first",
    }
)
Door = Callable[[str], None]


@dataclass(frozen=True)
class Known:
    """What had to be read from the vault: drafts by kind (last typed, ms), stages by record, and
    what stands against each kind; None while it is asked."""

    drafts: Mapping[str, int]
    stages: Mapping[bytes, str]
    against: Mapping[DocumentKind, tuple[Judgement, ...]] | None = None


class Papering:
    """The list of documents. ``doors`` lead on by the first word of a key."""

    def __init__(
        self, desk: Desk, issuing: Callable[[], Issuing], doors: Mapping[str, Door]
    ) -> None:
        self._desk = desk
        self._issuing = issuing
        self._doors = doors
        self._known = Known({}, {})
        self._asked = 0

    def show(self) -> None:
        """The list; what the rules say follows."""
        self._known = self._read()
        self._desk.shell.show("papers", self._view())
        self._ask()

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("papers", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def door(self, key: str) -> None:
        """``view.<record>`` and the like: to the screen that it names."""
        way, _, what = key.partition(".")
        if way in self._doors:
            self._doors[way](what)

    # ── reading and asking ───────────────────────────────────────────────────────────────

    def _read(self) -> Known:
        """Two small reads: this case's drafts, and how far its documents have come."""
        case = self._desk.case
        issued = [one.issued.hash for one in case.state.documents]
        with self._desk.open_tablet.vault.session() as session:
            drafts = session.exec(
                select(DraftRow.id, DraftRow.kind, DraftRow.updated_at).where(
                    DraftRow.case_id == case.case
                )
            ).all()
            stages = session.exec(
                select(LinkRow.record_hash, LinkRow.stage).where(
                    col(LinkRow.record_hash).in_(issued)
                )
            ).all()
        # Hands that wait for a document, and other forms of the case, are drafts of parts.
        whole = {kind: at for id_, kind, at in drafts if id_ == f"{case.case.hex()}/{kind}"}
        return Known(whole, dict(stages))

    def _ask(self) -> None:
        """What the rules would say of each document, if it were issued now."""
        self._asked += 1
        asked, issuing = self._asked, self._issuing()
        if self._desk.case.state.closed is not None:
            self._known = Known(self._known.drafts, self._known.stages, {})
            self.refresh()
            return

        def job() -> dict[DocumentKind, tuple[Judgement, ...]]:
            return {kind: _against(issuing, kind) for _, kinds in WAY for kind in kinds}

        def then(against: dict[DocumentKind, tuple[Judgement, ...]]) -> None:
            if asked == self._asked:
                self._known = Known(self._known.drafts, self._known.stages, against)
                self.refresh()

        self._desk.work(job, then)

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> PapersView:
        desk = self._desk
        opening = desk.case.opening
        documents: dict[DocumentKind, list[IssuedDocument]] = {}
        for one in desk.case.state.documents:
            documents.setdefault(one.issued.statement.document, []).append(one)
        groups = tuple(
            PaperGroup(
                group_title(desk._, key),
                tuple(row for kind in kinds for row in self._rows(kind, documents.get(kind, []))),
            )
            for key, kinds in WAY
        )
        return PapersView(
            frame=desk.frame(desk._("Documents"), f"{opening.party.name} · {opening.number}"),
            groups=groups,
            main=self._main(groups),
            busy="" if self._known.against is not None else desk._("Asking the rules…"),
        )

    def _main(self, groups: tuple[PaperGroup, ...]) -> Fix | None:
        """What is signed and not handed over comes first, then what was begun."""
        rows = [row for group in groups for row in group.rows]
        for way, words in (
            ("serve.", self._desk._("Hand over: {document}")),
            ("form.", self._desk._("Go on with: {document}")),
        ):
            for row in rows:
                door = row.doors[0].key if row.doors else ""
                begun = way == "serve." or row.state == state_chip(self._desk._, "draft")
                if door.startswith(way) and begun:
                    return Fix(door, words.format(document=row.title))
        return None

    def _rows(self, kind: DocumentKind, issued: list[IssuedDocument]) -> list[PaperRow]:
        rows = [self._issued(one) for one in reversed(issued)]
        if kind.value in self._known.drafts or not issued:
            rows.insert(0, self._open(kind))
        return rows

    def _issued(self, one: IssuedDocument) -> PaperRow:
        desk, said = self._desk, one.issued.statement
        kind, record = said.document, one.issued.id
        serve = asks(kind).served and not one.served
        now = desk.clock.wall_ms()
        state = "served" if one.served else "unserved" if serve else "issued"
        when = desk._("issued {when}").format(when=moment_words(desk._, said.at, now))
        doors = [Fix(f"view.{record}", desk._("Read"))]
        if serve:  # after the end too: what the office had to seal first (APL 61)
            doors.insert(0, Fix(f"serve.{record}", desk._("Serve")))
        return PaperRow(
            key=record[:12],
            title=kind.heading(desk.language),
            state=state_chip(desk._, state),
            detail=" · ".join(one for one in (said.number, when) if one),
            doors=tuple(doors),
            stage=stage_of([self._known.stages.get(one.issued.hash, Stage.SAVED.value)]).value,
        )

    def _open(self, kind: DocumentKind) -> PaperRow:
        desk, against = self._desk, self._known.against
        typed_at = self._known.drafts.get(kind.value)
        template = desk.open_tablet.shelf.current.template(kind)
        closed = desk.case.state.closed is not None
        stopped = () if against is None else against.get(kind, ())
        notes = tuple(self._note(one) for one in stopped)
        told = kind is DocumentKind.RIGHTS_NOTICE and desk.case.state.notified
        if told:
            state = "told"
        elif template is None:
            state = "absent"
        elif closed:
            state = "closed"
        elif typed_at is not None:
            state = "draft"
        else:
            state = "refused" if stopped else "free" if against is not None else "asking"
        return PaperRow(
            key=kind.value,
            title=kind.heading(desk.language),
            state=state_chip(desk._, state),
            detail=self._detail(kind, typed_at),
            doors=()
            if state in ("absent", "closed")
            else self._ways(kind, begun=typed_at is not None, told=bool(told)),
            why=() if told else notes,
        )

    def _detail(self, kind: DocumentKind, typed_at: int | None) -> str:
        desk, now = self._desk, self._desk.clock.wall_ms()
        if kind is DocumentKind.RIGHTS_NOTICE and desk.case.state.notified:
            at = desk.case.state.notified[-1].statement.at
            return desk._("Told {when}").format(when=moment_words(desk._, at, now))
        if typed_at is None:
            return ""
        return desk._("Last typed {when}").format(when=moment_words(desk._, typed_at, now))

    def _ways(self, kind: DocumentKind, *, begun: bool, told: bool) -> tuple[Fix, ...]:
        _ = self._desk._
        if begun:
            way = "sheet" if told else "form"
            return (
                Fix(f"{way}.{kind.value}", _("Go on")),
                Fix(f"draft.{kind.value}", _("Preview")),
            )
        if told:
            return (
                Fix(f"sheet.{kind.value}", _("On paper")),
                Fix(f"form.{kind.value}", _("Tell again")),
            )
        return (Fix(f"form.{kind.value}", _("Begin")),)

    def _note(self, one: Judgement) -> RuleNote:
        return clause_note(self._desk, one)


def _against(issuing: Issuing, kind: DocumentKind) -> tuple[Judgement, ...]:
    """What no typing helps against; nothing where the form itself is missing or broken."""
    try:
        judged = issuing.judge(kind, issuing.answers(kind))
    except FujieError:
        return ()
    return tuple(one for one in judged if one.level is Level.BLOCK and one.fix not in IN_THE_FORM)
