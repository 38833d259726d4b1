"""When rules of .kv are compiled, and how they are followed.

Kivy compiles every expression of a .kv file when it reads the file. That takes five times as long
as reading, and most rules of its own style.kv are for widgets that no screen of ours has: a sixth
of what it takes to open a window. Until the first screen stands, a rule is compiled by the first
widget that it is for.

    compile_when_used()     # before anything imports kivy.lang
    compile_when_read()     # once the first screen stands: no finger waits for a rule

What is read afterwards is compiled as Kivy does, between two frames (``ui/screens.py``).

    follow_quietly()        # before the first widget

Kivy writes down what each rule gave, for a log that nobody reads: of a view with printed pages in
it that is megabytes of text for every rule that looks at the view, 30 ms in a form's frame. Here a
rule is followed and nothing is written down.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

UNSTYLED = Path(__file__).parent / "unstyled"


def compile_when_used() -> None:
    """Rules that are read from now on, Kivy's own too, wait for their first widget. Where Kivy has
    read its own already, nothing is gained any more."""
    if "kivy.lang" in sys.modules:
        return
    import kivy
    import kivy.resources  # it notes the folder in which it looks for shaders and pictures

    own, kivy.kivy_data_dir = kivy.kivy_data_dir, str(UNSTYLED)
    try:
        from kivy.lang import Builder
        from kivy.lang.parser import ParserRule
    finally:
        kivy.kivy_data_dir = own
    really = ParserRule.create_missing

    def create_missing(rule: Any, widget: Any) -> None:
        """What is asked of a rule before all else; it notes for whom it was."""
        if not rule.cache_marked:
            _compile(rule)
            for canvas in (rule.canvas_before, rule.canvas_root, rule.canvas_after):
                if canvas:
                    _compile_whole(canvas)
        really(rule, widget)

    _kept["precompile"] = ParserRule.precompile
    ParserRule.create_missing = create_missing
    ParserRule.precompile = _later
    Builder.load_file(str(Path(own) / "style.kv"), rulesonly=True)


def compile_when_read() -> None:
    """Rules that are read from now on are compiled at once; those that wait still wait."""
    from kivy.lang.parser import ParserRule

    if "precompile" in _kept:
        ParserRule.precompile = _kept.pop("precompile")


def follow_quietly() -> None:
    """Rules of widgets that are made from now on."""
    from kivy.lang import builder

    builder.call_fn = _follow


_kept: dict[str, Any] = {}


def _follow(args: Any, _instance: Any, _value: Any) -> None:
    """What a rule looks at has changed: give its widget what it says now."""
    element, key, value, rule, names = args
    rule.count += 1
    setattr(element, key, eval(value, names))


def _later(_rule: Any) -> None:
    """Not yet."""


def _compile(rule: Any) -> None:
    for line in (*rule.properties.values(), *rule.handlers):
        if line.co_value is None:
            line.precompile()


def _compile_whole(canvas: Any) -> None:
    _compile(canvas)
    for instruction in canvas.children:
        _compile_whole(instruction)
