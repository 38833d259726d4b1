"""What the public sees of a decision, as a county hands it to its province: one file of its own.

The province has neither the case nor the document, only the publication that two persons signed.
This file (canonical JSON, the blob of a *disclosure reported*) opens it: the words that are shown,
the commitments of all pieces, and what the lists need to name:

    county    publication ── shown, masked: names     document ── root over the commitments
                   │                                       │
    province       └── these names ──► this file ◄── these words under these commitments

``read`` believes none of it: names, words and commitments have to fit one another, so that nothing
but what was published can be in it. That the root is the document's own is seen at the county's
page, where the document's statement is.
"""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from protocol.errors import Malformed, TooLarge
from protocol.parts import Day, Fen, Hex32, Mask, Millis, Segment, Short, expect_days
from protocol.redaction import MAX_CONTENT, MAX_PIECES, Opened, check, check_root
from protocol.vocabulary import ActKind, DocumentKind, PenaltyKind, RemedyRoute

MEDIA_TYPE = "application/vnd.fujie.public+json"


class PublicText(msgspec.Struct, frozen=True, kw_only=True):
    """The public side of one decision. Days are ISO dates; words of lists (``act``, ``penalties``
    …) are the vocabulary's, so that every page has a name for them."""

    issued: Hex32
    number: Short
    title: Short
    act: ActKind
    document: DocumentKind
    template: Short
    penalties: Annotated[list[PenaltyKind], msgspec.Meta(max_length=50)]
    fine: Fen
    remedy: RemedyRoute
    decided_on: Day
    due_on: Day
    published_at: Millis
    display_until: Day | None
    matrix_row: Short
    clause: Short
    served_at: Millis | None
    served_how: Short
    root: Hex32
    segments: Annotated[list[Segment], msgspec.Meta(max_length=MAX_PIECES)]
    shown: Annotated[list[Opened], msgspec.Meta(max_length=MAX_PIECES)]
    masked: Annotated[list[Mask], msgspec.Meta(max_length=MAX_PIECES)]

    def __post_init__(self) -> None:
        expect_days(self.decided_on, self.due_on, self.display_until)


_decode = msgspec.json.Decoder(PublicText).decode


def encode(text: PublicText) -> bytes:
    """The file: UTF-8 JSON, keys in this order, no spaces."""
    return msgspec.json.encode(text)


def read(data: bytes, shown: Sequence[str], masked: Sequence[Mask]) -> PublicText:
    """The file of a publication that shows and masks just this. Raises TooLarge, Malformed, and
    Unverified where its words are not those of its commitments."""
    if len(data) > MAX_CONTENT:
        raise TooLarge(
            "expected a public text of at most {bound} bytes, got {size}",
            bound=MAX_CONTENT,
            size=len(data),
        )
    try:
        text = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected a public text: {fault}", fault=str(fault)[:500]) from None
    if encode(text) != data:
        raise Malformed("expected a public text in canonical form, got another writing")
    check_root(text.segments, text.root)
    check(text.segments, text.shown)
    if [one.name for one in text.shown] != list(shown) or text.masked != list(masked):
        raise Malformed(
            "expected what the publication shows and masks, got other pieces; ask the agency to "
            "report it again"
        )
    return text
