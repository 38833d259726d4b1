"""The typesetter: whatever a template tries, the tablet and its time are safe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from field_client.documents import Typesetter
from field_client.documents.worker import BEHIND
from field_client.errors import (
    FontMissing,
    TemplateBroken,
    TemplateUnsafe,
    TypesettingFailed,
    TypesettingTooSlow,
)

# Typst refuses obvious loops by itself; this one would end after years.
ENDLESS = "#for a in range(99999) { for b in range(99999) { for c in range(99999) { } } }"
HELLO = '#set document(title: "t")\n#set text(font: "Noto Serif CJK SC", lang: "zh")\n'


@pytest.fixture
def typesetter() -> Iterator[Typesetter]:
    with Typesetter(limit_s=10) as one:
        yield one


def test_an_endless_loop_is_stopped_and_the_next_document_is_made() -> None:
    with Typesetter(limit_s=1) as typesetter:
        with pytest.raises(TypesettingTooSlow, match="template loop"):
            typesetter.typeset("loop", HELLO + ENDLESS, "{}")
        typesetter.limit_s = 60  # on a busy machine its start alone may take the second
        made = typesetter.typeset("good", HELLO + "好", "{}")
        assert made.pdf.startswith(b"%PDF-")


def test_a_loop_that_the_compiler_sees_through_is_refused_at_once(typesetter: Typesetter) -> None:
    with pytest.raises(TemplateBroken, match="condition is always true"):
        typesetter.typeset("loop", HELLO + "#while true {}", "{}")


@pytest.mark.parametrize(
    "source",
    [
        '#import "@preview/cetz:0.3.0": *',
        '#let at = str.from-unicode(64)\n#import at + "preview/cetz:0.3.0": *',
        '#include "other.typ"',
        '#eval("#im" + "port \\"x\\"", mode: "markup")',
        '#let go = eval\n#go("1")',
        '#read("/etc/hostname")',
        '#std.read("/etc/hostname")',
        '#plugin("x.wasm")',
    ],
)
def test_what_could_load_something_is_refused_before_compiling(
    typesetter: Typesetter, source: str
) -> None:
    with pytest.raises(TemplateUnsafe, match="template sly"):
        typesetter.typeset("sly", HELLO + source, "{}")


@pytest.mark.parametrize(
    "path", ["/etc/hostname", "../../../../etc/hostname", "/proc/self/environ"]
)
def test_files_of_the_tablet_are_out_of_reach(typesetter: Typesetter, path: str) -> None:
    """``json`` and ``image`` are needed, and find an empty folder."""
    for call in (f'#json("{path}")', f'#image("{path}")'):
        with pytest.raises(TemplateBroken, match=r"not found|escape"):
            typesetter.typeset("nosy", HELLO + call, "{}")


def test_a_template_that_does_not_compile_says_why(typesetter: Typesetter) -> None:
    with pytest.raises(TemplateBroken, match=r"template odd .*unknown variable: nothing"):
        typesetter.typeset("odd", HELLO + "#nothing", "{}")


def test_a_template_that_eats_memory_ends_alone(typesetter: Typesetter) -> None:
    """The worker's memory is bounded; the tablet goes on."""
    greedy = '#let x = "ab" * 1000000\n#let all = range(9999).map(n => x + str(n))\n#all.len()'
    with pytest.raises((TypesettingFailed, TypesettingTooSlow)):
        typesetter.typeset("greedy", HELLO + greedy, "{}")
    assert typesetter.typeset("good", HELLO + "好", "{}").images


def test_the_window_comes_before_the_page_that_is_being_set(typesetter: Typesetter) -> None:
    """On two cores its threads would be on both while somebody types."""
    typesetter.typeset("good", HELLO + "好", "{}")
    assert typesetter._process is not None
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, typesetter._process.pid) == min(19, own + BEHIND)


def test_without_its_font_it_says_what_to_install(tmp_path: Path) -> None:
    with (
        Typesetter(fonts=(tmp_path,)) as typesetter,
        pytest.raises(FontMissing, match="fonts-noto"),
    ):
        typesetter.typeset("good", HELLO + "好", "{}")
