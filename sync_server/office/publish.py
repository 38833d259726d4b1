"""A decision becomes public: the proposal, and what its publisher makes of it.

    draft = prepare(state, issued, content, reference, now)     what the page shows
    told = publish(request, draft, state, reference, …)         statements to sign, or Refused

The matrix says whether, by when and for how long; the rules say what is masked; a person may
mask more and never less (PB-1, PB-4). A second person signs the same statements (PB-3;
``disclose.py``, which has correction, withdrawal and what is never public besides). A late
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
from protocol.statements import (
    Decision,
    DisclosurePublished,
    DisclosureWithdrawn,
    Mask,
    RuleOverridden,
    Statement,
)
from protocol.vocabulary import Ground
from sync_server.projections.disclosure import masked_words

_NUMBERS = (Ground.CONTACT, Ground.ID_NUMBER, Ground.BANK_ACCOUNT, Ground.HOME_ADDRESS)
_SHORTEST_NUMBER = 6
_FULL_NAME = 3
"""A masked name of so many characters is no given name alone, such as a complainant's."""


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
    if document.withheld:
        raise NotPublishable(
            "it is on record that this decision is never public; have that lifted first"
        )
    if document.published:
        raise NotPublishable("this decision is public already; open its public page")
    content = expect_text(document, content)
    row = matrix_row(reference.matrix, decision)
    if row is None:
        raise NotPublishable(
            "the publication matrix has no row for this kind of decision; have one added first"
        )
    due = due_day(row, read_day(decision.decided_on), WorkCalendar.of(reference.years))
    today = local_day(now)
    end = display_end(row, today)
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
        masks_by_rule(document, content, reference),
    )


def expect_text(document: IssuedDocument, content: Content | None) -> Content:
    """The text of a document, which must be what was signed. Raises NotPublishable."""
    if content is None or content_root(content).hex() != document.issued.statement.root:
        raise NotPublishable(
            "the decision's text has not arrived yet, so nothing can be masked; wait until the "
            "tablet has sent everything"
        )
    return content


def masks_by_rule(
    document: IssuedDocument, content: Content, reference: Reference
) -> tuple[Mask, ...]:
    """What of a decision's text must not be shown, whoever publishes it."""
    issued = document.issued.statement
    assert issued.decision is not None  # asked by whoever calls
    form = reference.template(issued.document)
    proposed = propose(content, issued.decision, form.fields if form else ())
    return tuple(with_repeats(content, proposed))


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
) -> list[Statement]:
    """What both persons are to sign. Raises RuleSays, ReasonMissing."""
    statement = _statement(request, draft, now, salt())
    expect_plain(statement.title, statement.masked, draft.content)
    judgements = judge(statement, state, reference, now, content=draft.content)
    told: list[Statement] = [statement]
    for warning in warnings_of(judgements):
        if not request.late_reason.strip():
            raise ReasonMissing(
                "publication was due on {due}; write down why it is late, then publish",
                due=draft.due_on,
            )
        told.append(overriding(statement, warning, request.late_reason, now, salt()))
    return told


def warnings_of(judgements: Sequence[Judgement]) -> list[Judgement]:
    """What only warns. Raises RuleSays for the first judgement that stops the act."""
    for one in judgements:
        if one.level is Level.BLOCK:
            raise RuleSays(one)
    return [one for one in judgements if one.level is Level.WARN]


def overriding(
    statement: DisclosurePublished | DisclosureWithdrawn,
    warning: Judgement,
    reason: str,
    now: int,
    salt: str,
) -> RuleOverridden:
    """The reason that a warning is gone against with."""
    return RuleOverridden(
        agency=statement.agency,
        at=now,
        salt=salt,
        case=statement.case,
        rule=warning.rule.id,
        reason=reason.strip()[:500],
        concerning=statement.issued,
    )


def expect_plain(text: str, masked: Sequence[Mask], content: Content) -> None:
    """Raises RuleSays if a title or a public reason says what is masked: it stands in lists, in the
    search, and where a withdrawn text stood."""
    names = {mask.name for mask in masked}
    if any(word in text for word in masked_words(content.pieces, names)):
        raise RuleSays(
            Judgement(
                PB_4,
                Level.BLOCK,
                "标题或者理由里有已隐去的内容。请改写。",
                "The title or the reason says what is masked. Write another one.",
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
        facts=draft.document.listed,
    )


def _secrets(pieces: Sequence[Opened], grounds: Mapping[str, Ground]) -> list[tuple[str, Ground]]:
    """Words that must not stand elsewhere either: masked numbers and homes, names with surname."""
    found: list[tuple[str, Ground]] = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        ground = grounds.get(piece.name)
        long = len(piece.text) >= _SHORTEST_NUMBER
        if (ground in _NUMBERS and long) or (
            ground is Ground.NATURAL_PERSON and len(piece.text) >= _FULL_NAME
        ):
            found.append((piece.text, ground))
        if ground is Ground.NATURAL_PERSON and before is not None and piece.text:
            found.append((before.text[-1:] + piece.text, ground))
    return found
