"""Pieces of text, signatures and the verification code → a PDF/A and its page images.

What is printed besides the pieces is what cannot be in them: handwriting, which is over their
root, and the code, which signs that root. A document that is signed page by page has a place
for a hand at the foot of each page; it is there before anybody signed, so that no page moves.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import segno

from field_client.documents import values
from field_client.documents.typesetter import Typesetter
from field_client.errors import GlyphMissing
from protocol import printed
from protocol.cutting import Piece
from protocol.printed import base
from protocol.reference import Template
from protocol.statements import PartyAct, SignAbsent, Signed
from protocol.vocabulary import Role

SCREEN_PPI = 110  # a page 909 pixels wide: as wide as the tablet shows it
MARKING = "#show json(bytes(sys.inputs.data)).marked: set text(fill: red)\n"
MARKING_PPI = 48  # enough to tell red from black
MARK_HEADING = "扫码核验本文书"
MARK_WORDS = (
    "用手机扫描二维码，可以核验本文书由哪个机关出具、文字是否被改动。",
    "核验页文号、内容指纹与本文书一致的，为真；不一致的，请拨打监督电话。",
)


@dataclass(frozen=True, slots=True)
class Signer:
    """One line under a document: handwriting (``svg``), or a ``note`` why there is none."""

    label: str
    detail: str = ""
    day: str = ""
    svg: str = ""
    note: str = ""
    alt: str = "手写签名"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document as it is signed and served. ``images`` are its pages as PNG."""

    pdf: bytes
    pages: int
    images: tuple[bytes, ...]


def render(
    typesetter: Typesetter,
    template: Template,
    text: Sequence[Piece],
    signers: Sequence[Signer] = (),
    *,
    mark_url: str | None = None,
    root: bytes = b"",
    draft: bool = False,
    at: int = 0,
    ppi: int = SCREEN_PPI,
    feet: Mapping[int, Signer] | None = None,
    initials: Mapping[int, Signer] | None = None,
) -> Rendered:
    """Print ``text``. ``mark_url`` goes into the code, ``root`` (32 bytes) beside it in words;
    ``at`` is the time in ms that the PDF bears. A ``draft`` says so across every page. ``feet``
    are the hands of pages (from 1), ``initials`` those of corrections (from 0).
    Same arguments, same bytes. Raises the DocumentErrors of ``typesetter.py``.
    """
    data = printed.data(
        template,
        text,
        [asdict(signer) for signer in signers],
        _mark(mark_url, root),
        draft=draft,
        feet={page: asdict(hand) for page, hand in (feet or {}).items()},
        initials={row: asdict(hand) for row, hand in (initials or {}).items()},
    )
    try:
        made = typesetter.typeset(
            template.title,
            template.source + printed.CLOSING,
            json.dumps(data, ensure_ascii=False, sort_keys=True),
            at=at,
            ppi=ppi,
        )
    except GlyphMissing as error:
        raise _placed(error, template, text) from None
    return Rendered(pdf=made.pdf, pages=len(made.images), images=made.images)


def pages_with(
    typesetter: Typesetter, template: Template, text: Sequence[Piece], words: str
) -> tuple[int, ...]:
    """The pages (from 1) on which ``words`` stand; none if nowhere. Set once as it is and once with
    those words in red, nothing moves and only their pages differ. Raises the DocumentErrors of
    ``typesetter.py``."""
    data = json.dumps(printed.data(template, text, draft=True) | {"marked": words})
    source = template.source + printed.CLOSING
    plain, marked = (
        typesetter.typeset(template.title, one, data, ppi=MARKING_PPI, pdf=False).images
        for one in (source, MARKING + source)
    )
    pages = enumerate(zip(plain, marked, strict=False), 1)
    return tuple(number for number, (black, red) in pages if black != red)


def officer_signed(name: str, cert_no: str, svg: str, at: int) -> Signer:
    """An officer's line."""
    return Signer(
        label=f"{Role.OFFICER.zh}签名",
        detail=f"执法证号 {cert_no}",
        day=values.moment(at),
        svg=svg,
        alt=f"{name}的手写签名",
    )


def party_signed(act: PartyAct, svg: str = "") -> Signer:
    """The party's line: handwriting, or the note that the law asks for (APL 52; EVID 15)."""
    who = act.role.zh
    if isinstance(act, Signed):
        return Signer(label=f"{who}签名", day=values.moment(act.at), svg=svg)
    what = "不在场，未签名" if isinstance(act, SignAbsent) else "拒绝签名"
    note = f"{who}{what}。原因：{act.reason.rstrip('。')}。执法人员于{values.moment(act.at)}注明。"
    return Signer(label=f"{who}签名", note=note)


def waiting(role: Role, detail: str = "") -> Signer:
    """A line that nobody has signed yet."""
    return Signer(label=f"{role.zh}签名", detail=detail)


def _placed(error: GlyphMissing, template: Template, text: Sequence[Piece]) -> GlyphMissing:
    """The same, saying in which fields the characters stand."""
    characters = set(str(error.facts["characters"]))
    names = {base(piece.name) for piece in text if characters & set(piece.text)}
    labels = [field.label_zh for field in template.fields if field.name in names]
    if not labels:
        return error
    return GlyphMissing(
        "no font on this tablet can print {characters}, which stands in {places}; write it in "
        "another way, and note the right writing in the remarks",
        characters=error.facts["characters"],
        places="、".join(labels),
        template=template.id,
    )


def _mark(url: str | None, root: bytes) -> dict[str, object] | None:
    if url is None:
        return None
    picture = io.BytesIO()
    code = segno.make(url, error="m", boost_error=False, micro=False)
    code.save(
        picture, kind="svg", border=4, xmldecl=False, svgclass=None, lineclass=None, dark="#000"
    )
    shown = root.hex()[:32]
    return {
        "svg": picture.getvalue().decode(),
        "heading": MARK_HEADING,
        "words": list(MARK_WORDS),
        "fingerprint": " ".join(shown[n : n + 4] for n in range(0, len(shown), 4)),
    }
