"""A decision becomes public: proposal, second person, publication.

    draft = prepare(state, issued, content, reference, now)     what the page shows
    told = publish(request, draft, state, reference, …)         statements to sign, or Refused

The matrix says whether, by when and for how long; the rules say what is masked; a person may
mask more and never less; a second person signs the same statement (PB-1, PB-3, PB-4). A late
publication goes on with a reason, which is a record of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from protocol.calendar import WorkCalendar, local_day, read_day
from protocol.case import CaseState, IssuedDocument
from protocol.errors import Refused
from protocol.publication import display_end, due_day, matrix_row
from protocol.redaction import Content, Opened, content_root, propose
from protocol.reference import PublicationRow, Reference
from protocol.rules import Judgement, Level, judge
from protocol.rules.office import PB_4
from protocol.statements import Decision, DisclosurePublished, Mask, RuleOverridden, Statement
from protocol.vocabulary import Ground
from sync_server.projections.disclosure import masked_words

_NUMBERS = (Ground.CONTACT, Ground.ID_NUMBER, Ground.BANK_ACCOUNT)
_SHORTEST_NUMBER = 6


class NotPublishable(Refused):
    """The decision, its text or the matrix is not as publication needs it."""


class RuleSays(Refused):
    """A rule of publication or archiving does not hold. ``judgement`` says which."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(
            "rule {rule} ({clause}): {words}",
            rule=judgement.rule.id,
            clause=judgement.clause,
            words=judgement.en,
        )
        self.judgement = judgement


class ReasonMissing(Refused):
    """A warning is gone against only with a reason."""


@dataclass(frozen=True)
class Draft:
    """A publication as it is proposed: the matrix row, its days, every piece, and which of them
    are masked by rule."""

    document: IssuedDocument
    decision: Decision
    title: str
    row: PublicationRow
    due_on: str
    late: bool
    display_until: str | None
    content: Content
    masks: tuple[Mask, ...]

    @property
    def masked(self) -> dict[str, Ground]:
        """Ground by piece, of what must not be shown."""
        return {mask.name: mask.ground for mask in self.masks}


@dataclass(frozen=True)
class Request:
    """What the publisher asks for: a title, masks beyond the proposal (piece → ground), and
    why it is late, if it is."""

    title: str = ""
    masks: Mapping[str, Ground] | None = None
    late_reason: str = ""


def prepare(
    state: CaseState, issued: str, content: Content | None, reference: Reference, now: int
) -> Draft:
    """The proposal for one document of a case. Raises NotPublishable; Refused past the calendar."""
    document = next((one for one in state.documents if one.issued.id == issued), None)
    decision = document.issued.statement.decision if document else None
    if document is None or decision is None or state.opened_by is None:
        raise NotPublishable(
            "expected a decision of this case to publish; choose one on the case's page"
        )
    if document.revoked:
        raise NotPublishable(
            "this decision no longer stands, so it is not published; withdraw what is public "
            "of it, with the reason, within three working days (APL 48)"
        )
    if document.published:
        raise NotPublishable("this decision is public already; open its public page")
    if content is None or content_root(content).hex() != document.issued.statement.root:
        raise NotPublishable(
            "the decision's text has not arrived yet, so nothing can be masked; wait until the "
            "tablet has sent everything"
        )
    row = matrix_row(reference.matrix, decision)
    if row is None:
        raise NotPublishable(
            "the publication matrix has no row for this kind of decision; have one added first"
        )
    due = due_day(row, read_day(decision.decided_on), WorkCalendar.of(reference.years))
    today = local_day(now)
    end = display_end(row, today)
    form = reference.template(document.issued.statement.document)
    proposed = propose(content, decision, form.fields if form else ())
    opening = state.opened_by.statement
    return Draft(
        document,
        decision,
        f"{opening.party.name}{opening.cause}案",
        row,
        due.isoformat(),
        today > due,
        end.isoformat() if end else None,
        content,
        tuple(with_repeats(content, proposed)),
    )


def with_repeats(content: Content, proposed: Sequence[Mask]) -> list[Mask]:
    """The proposal, and every other piece in which a masked number or full name stands again."""
    grounds = {mask.name: mask.ground for mask in proposed}
    secrets = _secrets(content.pieces, grounds)
    for piece in content.pieces:
        if piece.name in grounds:
            continue
        ground = next((why for words, why in secrets if words in piece.text), None)
        if ground is not None:
            grounds[piece.name] = ground
    order = [piece.name for piece in content.pieces if piece.name in grounds]
    return [Mask(name=name, ground=grounds[name]) for name in order]


def publish(
    request: Request,
    draft: Draft,
    state: CaseState,
    reference: Reference,
    *,
    now: int,
    salt: Callable[[], str],
    signers: tuple[bytes, ...],
    persons: Mapping[bytes, str],
) -> list[Statement]:
    """What to sign and append. ``signers`` are the keys that will sign, ``persons`` whose they
    are. Raises RuleSays, ReasonMissing, NotPublishable."""
    statement = _statement(request, draft, now, salt())
    _expect_plain_title(statement, draft)
    judgements = judge(
        statement,
        state,
        reference,
        now,
        signers=signers,
        persons=persons,
        content=draft.content,
    )
    stops = [one for one in judgements if one.level is Level.BLOCK]
    if stops:
        raise RuleSays(stops[0])
    told: list[Statement] = [statement]
    for warning in (one for one in judgements if one.level is Level.WARN):
        if not request.late_reason.strip():
            raise ReasonMissing(
                "publication was due on {due}; write down why it is late, then publish",
                due=draft.due_on,
            )
        told.append(
            RuleOverridden(
                agency=statement.agency,
                at=now,
                salt=salt(),
                case=state.case,
                rule=warning.rule.id,
                reason=request.late_reason.strip()[:500],
                concerning=statement.issued,
            )
        )
    return told


def _expect_plain_title(statement: DisclosurePublished, draft: Draft) -> None:
    masked = {mask.name for mask in statement.masked}
    if any(word in statement.title for word in masked_words(draft.content.pieces, masked)):
        raise RuleSays(
            Judgement(
                PB_4,
                Level.BLOCK,
                "标题里有已隐去的内容。请改标题。",
                "The title says what is masked. Write another one.",
            )
        )


def _statement(request: Request, draft: Draft, now: int, salt: str) -> DisclosurePublished:
    grounds = draft.masked | dict(request.masks or {})
    names = [piece.name for piece in draft.content.pieces]
    issued = draft.document.issued
    return DisclosurePublished(
        agency=issued.statement.agency,
        at=now,
        salt=salt,
        case=issued.statement.case,
        issued=issued.id,
        title=(request.title.strip() or draft.title)[:500],
        shown=[name for name in names if name not in grounds],
        masked=[Mask(name=name, ground=grounds[name]) for name in names if name in grounds],
        matrix_row=draft.row.id,
        clause=draft.row.clause,
        due_on=draft.due_on,
        display_until=draft.display_until,
    )


def _secrets(pieces: Sequence[Opened], grounds: Mapping[str, Ground]) -> list[tuple[str, Ground]]:
    """Words that must not stand elsewhere either: masked numbers, and names with surname."""
    found: list[tuple[str, Ground]] = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        ground = grounds.get(piece.name)
        if ground in _NUMBERS and len(piece.text) >= _SHORTEST_NUMBER:
            found.append((piece.text, ground))
        if ground is Ground.NATURAL_PERSON and before is not None and piece.text:
            found.append((before.text[-1:] + piece.text, ground))
    return found
