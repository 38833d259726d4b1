"""The end of an inspection: what is missing, each with a way to it, and how it ended.

>>> closing_label(str, blocks=0, reasons=0, outcome="")
'Choose how it ended'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.presenters.common import Choice, Frame, Message, RuleNote, Translate, plural
from field_client.ui.presenters.inspection import Matter


@dataclass(frozen=True, slots=True)
class MissingStep:
    """A step that the law asks for and that is not done; ``key`` comes back through ``act``."""

    key: str
    title: str
    clause: str
    button: str


@dataclass(frozen=True, slots=True)
class ClosingView:
    """``notes`` are the rules' answers to the outcome chosen; ``ready`` opens the main button."""

    frame: Frame
    steps: tuple[MissingStep, ...]
    notes: tuple[RuleNote, ...]
    matters: tuple[Matter, ...]
    outcomes: tuple[Choice, ...]
    outcome: str
    note: str
    main_label: str
    ready: bool
    message: Message | None = None


def closing_label(_: Translate, *, blocks: int, reasons: int, outcome: str) -> str:
    """The main button says what it waits for."""
    if not outcome:
        return _("Choose how it ended")
    if blocks:
        return plural(blocks, _("Resolve {n} stop first"), _("Resolve {n} stops first"))
    if reasons:
        return _("Say why you go on first")
    return _("End: {outcome}").format(outcome=outcome)
