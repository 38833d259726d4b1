"""The public text of a document: pieces that were committed to when it was signed.

A document's text is cut into named pieces, and each is committed to with a salt of its own:

    commitment = SHA-256("fujie/segment/v1\\n" ‖ salt 16 ‖ u16 len(name) ‖ name ‖ text)   UTF-8
    root       = SHA-256("fujie/segments/v1\\n" ‖ every commitment, in the document's order)

The issuing statement holds the commitments and the root; signatures by hand are over the root.
The content blob (``Content``, canonical JSON) opens all of them and stays in the case file. To
publish is to open some: whoever has the statement checks that these words, and no others, were
signed. A masked piece shows its name and that it is there; without its salt its text cannot be
guessed, however short it is.

>>> content = commit([Piece("fine", "罚款500元")], [bytes(16)], "spot-decision", 1)
>>> check(segments(content), reveal(content, {"fine"}))
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated

import msgspec

from protocol.cutting import Piece, cut, cut_form, personal
from protocol.errors import Malformed, TooLarge, Unverified
from protocol.reference import FieldSpec
from protocol.statements import Count, Decision, Hex16, Long, Mask, Segment, Short
from protocol.vocabulary import Ground, PartyClass

__all__ = [
    "Content",
    "Opened",
    "Piece",
    "Shown",
    "check",
    "check_root",
    "commit",
    "commitment",
    "content_root",
    "cut",
    "cut_form",
    "decode_content",
    "encode_content",
    "lay_out",
    "propose",
    "reveal",
    "root",
    "segments",
    "segments_root",
]

SALT_SIZE = 16
MAX_PIECES = 5000
MAX_CONTENT = 4 << 20


class Opened(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece with all that opens its commitment. ``mark`` is why it was cut out as private
    when the document was made; it is a proposal and is not committed to."""

    name: Short
    salt: Hex16
    text: Long
    mark: Ground | None = None


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All pieces of one document, in order: the content blob. Never published whole."""

    template: Short
    template_version: Count
    pieces: Annotated[list[Opened], msgspec.Meta(max_length=MAX_PIECES)]


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One piece as the public sees it: its text, or None and the ground of its mask."""

    name: str
    text: str | None
    ground: Ground | None = None

    @property
    def field(self) -> str:
        """The form's field that the piece is part of: ``facts`` for ``facts#3``."""
        return self.name.partition("#")[0]


_decode = msgspec.json.Decoder(Content).decode


# ── commitments ──────────────────────────────────────────────────────────────────────────


def commitment(name: str, text: str, salt: bytes) -> bytes:
    """The 32-byte commitment to one piece. ``salt`` is 16 random bytes, used once."""
    if len(salt) != SALT_SIZE:
        raise Malformed("expected a salt of 16 bytes, got {size}", size=len(salt))
    label = name.encode()
    head = b"fujie/segment/v1\n" + salt + len(label).to_bytes(2, "big")
    return hashlib.sha256(head + label + text.encode()).digest()


def root(commitments: Iterable[bytes]) -> bytes:
    """The 32 bytes that stand for the whole text: what signatures by hand are over."""
    return hashlib.sha256(b"fujie/segments/v1\n" + b"".join(commitments)).digest()


def commit(
    pieces: Sequence[Piece], salts: Sequence[bytes], template: str, template_version: int
) -> Content:
    """The content of a document made of ``pieces``, each with its own random salt of 16 bytes.
    Raises Malformed when names repeat or the salts do not fit, TooLarge past the bounds."""
    if len(pieces) != len(salts) or len(set(salts)) != len(salts):
        raise Malformed(
            "expected {pieces} different salts, one a piece, got {salts}",
            pieces=len(pieces),
            salts=len(set(salts)),
        )
    opened = [
        Opened(name=piece.name, salt=salt.hex(), text=piece.text, mark=piece.mark)
        for piece, salt in zip(pieces, salts, strict=True)
    ]
    content = Content(template=template, template_version=template_version, pieces=opened)
    return decode_content(encode_content(content))


def segments(content: Content) -> list[Segment]:
    """What the issuing statement says of the text: names and commitments, in order."""
    return [Segment(name=one.name, commitment=_commitment_of(one).hex()) for one in content.pieces]


def content_root(content: Content) -> bytes:
    """The root of all pieces of ``content``."""
    return root(map(_commitment_of, content.pieces))


def segments_root(of: Iterable[Segment]) -> bytes:
    """The root of the segments that a statement lists."""
    return root(bytes.fromhex(segment.commitment) for segment in of)


# ── the content blob ─────────────────────────────────────────────────────────────────────


def encode_content(content: Content) -> bytes:
    """The blob: UTF-8 JSON, keys in this order, no spaces, ``mark`` only where there is one."""
    return msgspec.json.encode(content)


def decode_content(data: bytes) -> Content:
    """Read a content blob. Raises TooLarge, or Malformed when it is not in canonical form."""
    if len(data) > MAX_CONTENT:
        raise TooLarge(
            "expected a document's content of at most {bound} bytes, got {size}; shorten it",
            bound=MAX_CONTENT,
            size=len(data),
        )
    try:
        content = _decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected a document's content: {fault}", fault=str(fault)) from None
    if encode_content(content) != data:
        raise Malformed("expected a document's content in canonical form, got another writing")
    names = [one.name for one in content.pieces]
    if len(set(names)) != len(names) or "" in names:
        raise Malformed("expected one name a piece, got empty or repeated ones; name each once")
    return content


# ── publishing ───────────────────────────────────────────────────────────────────────────


def propose(content: Content, decision: Decision, fields: Sequence[FieldSpec] = ()) -> list[Mask]:
    """Which pieces not to publish, by rule, and why (OGI 14–15; SAMR45 5–6; domain rule PB-4).

    ``fields`` is the form of the document's template: a field's ground rules its pieces for
    the classes of party it names. Beyond that, what was marked when the text was cut and what
    looks like an identity number, a telephone or an account is proposed. A person decides.
    """
    by_name = {field.name: field for field in fields}
    grounds = (
        (one.name, _ground(one, by_name.get(one.name.partition("#")[0]), decision.party_class))
        for one in content.pieces
    )
    return [Mask(name=name, ground=ground) for name, ground in grounds if ground]


def reveal(content: Content, shown: Collection[str]) -> list[Opened]:
    """The pieces named in ``shown``, opened, in the document's order and without their marks.
    Raises Malformed on a name that the document does not have."""
    names, wanted = {one.name for one in content.pieces}, set(shown)
    for name in wanted:
        if name not in names:
            raise Malformed("expected a piece of this document, got {name}", name=name)
    return [
        Opened(name=one.name, salt=one.salt, text=one.text)
        for one in content.pieces
        if one.name in wanted
    ]


def check(of: Sequence[Segment], opened: Sequence[Opened]) -> None:
    """Raises Unverified unless every opened piece is, word for word, one that was signed.

    ``of`` are the segments of the issuing statement, whose own root is checked by
    ``check_root``. Pieces must come in the document's order, each at most once.
    """
    places = {segment.name: place for place, segment in enumerate(of)}
    last = -1
    for one in opened:
        place = places.get(one.name)
        if place is None or place <= last:
            raise Unverified(
                "expected pieces of the signed document in its order, got {name}; do not "
                "publish, and compare with the archive",
                name=one.name,
            )
        last = place
        if _commitment_of(one).hex() != of[place].commitment:
            raise Unverified(
                "expected the signed text of {name}, got other words; do not publish, and "
                "compare with the archive",
                name=one.name,
            )


def check_root(of: Sequence[Segment], signed_root: str) -> None:
    """Raises Unverified unless the segments are those under ``signed_root`` (hex)."""
    if segments_root(of).hex() != signed_root:
        raise Unverified(
            "expected the segments under root {root}, got others; the statement contradicts "
            "itself, ask the agency",
            root=signed_root,
        )


def lay_out(of: Sequence[Segment], opened: Iterable[Opened], masked: Iterable[Mask]) -> list[Shown]:
    """The public text in the document's order: opened pieces, and masks where others are."""
    texts: Mapping[str, str] = {one.name: one.text for one in opened}
    grounds = {mask.name: mask.ground for mask in masked}
    return [
        Shown(
            name=segment.name,
            text=texts.get(segment.name),
            ground=None
            if segment.name in texts
            else grounds.get(segment.name, Ground.NOT_FOR_DISPLAY),
        )
        for segment in of
    ]


def _commitment_of(one: Opened) -> bytes:
    return commitment(one.name, one.text, bytes.fromhex(one.salt))


def _ground(one: Opened, field: FieldSpec | None, party_class: PartyClass) -> Ground | None:
    """Why this piece is not published, or None."""
    if not one.text:
        return None
    natural = party_class != PartyClass.ORGANISATION
    # Where an organisation has its seat is published of it; where somebody lives is not.
    seat = one.mark == Ground.HOME_ADDRESS and (field is None or field.cut == "address")
    if one.mark and (natural or not seat):
        return one.mark
    if field is None:
        return personal(one.text)
    applies = not field.ground_for or party_class in field.ground_for
    if field.ground and field.cut in ("whole", "sentences") and applies:
        return field.ground
    # The agency's own telephone and account are printed for the public to use.
    public = field.type == "fixed" or field.carried_from.startswith("agency.")
    return None if public else personal(one.text)
