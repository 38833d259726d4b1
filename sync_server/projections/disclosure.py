"""What is public of a decision: its opened pieces, its masks, its clock, its end.

    rows(state, contents)    contents: {hash of the content blob (hex): its text, verified}

A publication without its content blob has no opened pieces; the page then says that display is
suspended. What was withdrawn keeps its row and its reason, and loses its text. A correction shows
instead of what was published first; the publication's own days stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from protocol.case import CaseState, IssuedDocument
from protocol.redaction import Content, Opened, content_root, reveal
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureWithdrawn,
    DocumentIssued,
    ListedFacts,
    Mask,
    Segment,
)
from sync_server.projections.tables import DisclosureRow

Showing = DisclosurePublished | DisclosureCorrected

_opened = msgspec.json.Decoder(list[Opened])
_masks = msgspec.json.Decoder(list[Mask])
_segments = msgspec.json.Decoder(list[Segment])


def rows(state: CaseState, contents: Mapping[str, Content]) -> list[DisclosureRow]:
    """One row for each document of the case that was ever published."""
    return [
        _row(state, one, contents.get(one.issued.statement.content.sha256))
        for one in state.documents
        if one.publications and one.issued.statement.decision
    ]


def opened_of(row: DisclosureRow) -> list[Opened]:
    """The pieces that a row shows."""
    return _opened.decode(row.shown)


def masks_of(row: DisclosureRow) -> list[Mask]:
    """The masks of a row, with their grounds."""
    return _masks.decode(row.masked)


def segments_of(row: DisclosureRow) -> list[Segment]:
    """The commitments of all pieces of a decision that a lower level reported."""
    return _segments.decode(row.segments or b"[]")


def masked_words(pieces: Sequence[Opened], masked: Collection[str]) -> list[str]:
    """What must not stand anywhere else in public. A single character is told together with the
    one before it: a given name after its surname."""
    found = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if piece.name in masked and piece.text:
            short = before is not None and len(piece.text) == 1
            found.append((before.text[-1:] if before and short else "") + piece.text)
    return found


def text_of(row: DisclosureRow) -> str:
    """What the public search looks through: what is shown, and nothing else."""
    return "\n".join([row.title, row.number, *(one.text for one in opened_of(row))])


def _row(state: CaseState, one: IssuedDocument, content: Content | None) -> DisclosureRow:
    publication = one.publications[-1]
    issued, published = one.issued.statement, publication.statement
    facts, shows = one.listed, one.showing or publication
    showing = shows.statement
    assert facts is not None  # asked by ``rows``
    withdrawal = None if one.published else one.withdrawals[-1].statement
    opened = [] if withdrawal else _opened_pieces(issued, showing, content)
    return DisclosureRow(
        issued=one.issued.hash,
        publication=shows.hash,
        case_id=bytes.fromhex(state.case),
        template=issued.template,
        shown=msgspec.json.encode(opened),
        masked=msgspec.json.encode([] if withdrawal else showing.masked),
        provable=_gives_nothing_away(issued, showing, content),
        **listed(facts),
        **said(published, showing, withdrawal),
    )


def listed(facts: ListedFacts) -> dict[str, Any]:
    """The columns of what lists say of a decision."""
    return {
        "number": facts.number,
        "act": facts.act.value,
        "document": facts.document.value,
        "penalties": ",".join(one.value for one in facts.penalties),
        "fine": facts.fine,
        "remedy": facts.remedy.value,
        "decided_on": facts.decided_on,
        "served_at": facts.served_at,
        "served_how": facts.served_how.value if facts.served_how else "",
    }


def said(
    published: DisclosurePublished, showing: Showing, withdrawal: DisclosureWithdrawn | None
) -> dict[str, Any]:
    """The columns of what was stated of its publication, correction and withdrawal."""
    corrected = showing if isinstance(showing, DisclosureCorrected) else None
    return {
        "agency": published.agency,
        "title": showing.title,
        "due_on": published.due_on,
        "published_at": published.at,
        "display_until": published.display_until or "",
        "matrix_row": published.matrix_row,
        "clause": published.clause,
        "withdrawn_at": withdrawal.at if withdrawal else None,
        "withdrawn_reason": withdrawal.reason if withdrawal else "",
        "withdrawn_clause": withdrawal.clause if withdrawal else "",
        "corrected_at": corrected.at if corrected else None,
        "corrected_reason": corrected.reason if corrected else "",
    }


def _opened_pieces(
    issued: DocumentIssued, showing: Showing, content: Content | None
) -> list[Opened]:
    if content is None or content_root(content).hex() != issued.root:
        return []
    names = {piece.name for piece in content.pieces}
    return reveal(content, [name for name in showing.shown if name in names])


def _gives_nothing_away(issued: DocumentIssued, showing: Showing, content: Content | None) -> bool:
    """Whether the issuing statement may be handed out as a proof: a reason for not signing is
    typed by hand, and might say what is masked."""
    if content is None:
        return False
    words = masked_words(content.pieces, {mask.name for mask in showing.masked})
    return not any(word in said for said in _texts(msgspec.to_builtins(issued)) for word in words)


def _texts(part: object) -> Iterator[str]:
    """Every text in plain values, as people would read it."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        yield from (text for value in part.values() for text in _texts(value))
    elif isinstance(part, list):
        yield from (text for value in part for text in _texts(value))
