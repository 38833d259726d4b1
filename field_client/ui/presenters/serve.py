"""Service of a document: how, to whom, and what the chosen way asks for.

>>> served_label(str, missing=())
'Record as served'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, Frame, Message, RuleNote, Translate


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact that the way asks for."""

    key: str
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """A photo or video of the case that may show how it was left."""

    key: str
    word: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ServeView:
    """One proof of service. ``writer`` is whose hand is asked for, empty for nobody's; ``how`` is
    chosen among ``hows`` where leaving is proved (CPL 89); ``done`` once it is on record."""

    frame: Frame
    document: str
    number: str
    methods: tuple[Choice, ...]
    method: str
    asked: tuple[Asked, ...]
    received_at: str
    writer: str = ""
    hint: str = ""
    clause: str = ""
    hows: tuple[Choice, ...] = ()
    how: str = ""
    media: tuple[ShownMedia, ...] = ()
    refusals: tuple[Choice, ...] = ()
    missing: tuple[str, ...] = ()
    pages: tuple[bytes, ...] = ()
    handwriting: Handwriting | None = None
    notes: tuple[RuleNote, ...] = ()
    message: Message | None = None
    busy: str = ""

    @property
    def by_media(self) -> bool:
        """Whether photo or video stands for the hand."""
        return self.how == "media"


def served_label(_: Translate, *, missing: tuple[str, ...]) -> str:
    """The main button, or what is still missing."""
    if missing:
        return _("Still to fill in: {words}").format(words=_(", ").join(missing))
    return _("Record as served")


def serve_word(_: Translate, view: ServeView, *, begun: bool, written: bool) -> str:
    """The main button while a hand may be asked for."""
    if view.busy:
        return view.busy
    if view.missing:
        return served_label(_, missing=view.missing)
    if view.writer and begun and not written:
        return _("Too little for a signature: please write your name")
    if view.writer and not written:
        return _("{name} signs on the line").format(name=view.writer)
    return served_label(_, missing=())
