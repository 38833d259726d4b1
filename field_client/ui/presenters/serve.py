"""Service of a document: how, to whom, received when.

>>> served_label(str, missing=())
'Record as served'
"""

from __future__ import annotations

from dataclasses import dataclass

from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, Frame, Message, Translate


@dataclass(frozen=True, slots=True)
class ServeView:
    """One proof of service; ``sign_here`` asks the receiver's handwriting."""

    frame: Frame
    document: str
    number: str
    methods: tuple[Choice, ...]
    method: str
    addressee: str
    receiver: str
    relation: str
    received_at: str
    place: str
    missing: tuple[str, ...]
    pages: tuple[bytes, ...] = ()
    sign_here: bool = True
    handwriting: Handwriting | None = None
    message: Message | None = None
    busy: str = ""


def served_label(_: Translate, *, missing: tuple[str, ...]) -> str:
    """The main button, or what is still missing."""
    if missing:
        return _("Still to fill in: {words}").format(words=_(", ").join(missing))
    return _("Record as served")
