"""A template tried before it goes to the tablets: printed with samples, as a tablet prints.

    pdf = trial(template)        the sample of a full form, for the eye; raises BadTemplate

In a process of its own, under limits: a template is data from outside, and Typst is a language.
What is wrong is told by the line of the template where it is: what could load something, what does
not compile, a piece that is not printed, a character that no font has. What never ends is stopped.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence

from protocol import printed
from protocol.cutting import Piece
from protocol.errors import Refused
from protocol.forms import Template
from sync_server.documents import typeset
from sync_server.documents.samples import samples, worlds

LIMIT_S = 20.0
"""As long as a tablet waits for one document."""
PDF_A = "a-2a"
"""What tablets make: with the tagged text that readers-aloud need."""
MOST_WORLDS = 40
"""Samples that one trial prints; the forms of the handbook take two to five."""

_PLACE = re.compile(r"\.typ:(\d+):(\d+)")
_SEARCHED = re.compile(r" \(searched at [^)]*\)")
_GLYPH = re.compile(r'the text `"(.+?)"` could not be displayed')
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M1 1h8v8H1z"/></svg>'
_LINE = {"label": "", "detail": "", "day": "2026年11月18日", "svg": "", "note": "", "alt": ""}
HANDS: Sequence[Mapping[str, object]] = (
    _LINE | {"label": "执法人员签名", "svg": _SVG, "alt": "签名样张"},
    _LINE | {"label": "当事人签名", "note": "当事人拒绝签名。"},
)
CODE: Mapping[str, object] = {
    "svg": _SVG,
    "heading": "样张",
    "words": ["样张，不具效力。"],
    "fingerprint": "00ff",
}


_ONE_AT_A_TIME = threading.Lock()  # which bounds the memory that templates take


class BadTemplate(Refused):
    """A template that tablets could not print."""


def trial(template: Template, limit_s: float = LIMIT_S) -> bytes:
    """The PDF of a sample. Raises BadTemplate, samples.Unknown, typeset.FontMissing."""
    _expect_safe(template)
    if len(worlds(template)) > MOST_WORLDS:
        raise BadTemplate(
            "its conditions compare with more than {most} values; join fields that apply together",
            most=MOST_WORLDS,
        )
    full, *others = samples(template)
    printable = [
        _data(template, full, HANDS, CODE),
        _data(template, full, (), CODE),
        _data(template, full, HANDS, None),
        *(_data(template, text, (), None, draft=True) for text in others),
    ]
    source = template.source + printed.CLOSING
    request = {
        "fonts": typeset.fonts(),
        "limit": limit_s + 5,
        "jobs": [
            {"source": source, "data": data, "standard": PDF_A, "at": 0} for data in printable
        ],
    }
    made = _asked(template, request, limit_s)
    whole, without_hands, without_code, *_ = made
    if whole == without_hands:
        raise BadTemplate("no signatures are printed; put #signatures() where they belong")
    if whole == without_code:
        raise BadTemplate("no code to verify by is printed; put #mark() where it belongs")
    return whole


def _asked(template: Template, request: Mapping[str, object], limit_s: float) -> list[bytes]:
    """The PDFs, by a process of its own, one such process at a time. Raises BadTemplate."""
    if not _ONE_AT_A_TIME.acquire(timeout=2 * limit_s):
        raise BadTemplate("other templates are being tried; wait a moment, and send it again")
    try:
        error, made = typeset.ask(request, limit_s)
    except subprocess.TimeoutExpired:
        raise BadTemplate(
            "expected this template to be typeset within {limit} s, it was stopped: something in "
            "it never ends; look at its loops and at functions that call themselves",
            limit=f"{limit_s:g}",
        ) from None
    finally:
        _ONE_AT_A_TIME.release()
    if error == typeset.STOPPED:
        raise BadTemplate(
            "the typesetter ended over this template, most likely for want of memory; look at its "
            "loops and at what they put together"
        )
    if error:
        raise _diagnosed(template, error)
    return made


def _expect_safe(template: Template) -> None:
    for number, line in enumerate(template.source.splitlines(), start=1):
        word = printed.loader_in(line)
        if word:
            raise BadTemplate(
                "line {line}: {word} could load something from outside the template; write it "
                "without, tablets would refuse it",
                line=number,
                word=word,
            )


def _data(
    template: Template,
    text: list[Piece],
    hands: Sequence[Mapping[str, object]],
    code: Mapping[str, object] | None,
    *,
    draft: bool = False,
) -> str:
    return json.dumps(printed.data(template, text, hands, code, draft=draft), ensure_ascii=False)


def _diagnosed(template: Template, diagnostic: str) -> BadTemplate:
    found = _PLACE.search(diagnostic)
    line = min(int(found[1]), len(template.source.splitlines())) if found else 0
    missing = "".join(dict.fromkeys("".join(_GLYPH.findall(diagnostic))))
    if missing:
        return BadTemplate(
            "line {line}: no font prints {characters}; write it in another way",
            line=line,
            characters=missing,
        )
    return BadTemplate(
        "line {line}: {reason}; correct it and send it again",
        line=line,
        reason=_SEARCHED.sub("", diagnostic.splitlines()[0]).removeprefix("error: ")[:300],
    )
