"""The party's answer to an act that is no document: what it reads, and who writes.

>>> answer_label(str, "attestor", written=False, named=False)
'Write the name of the attestor first'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, Message, PartyLock, Translate
from field_client.ui.presenters.sign import NOBODY_ELSE, Signing

Writer = Literal["party", "attestor"]


@dataclass(frozen=True, slots=True)
class AnswerView:
    """``lines`` is a list that belongs to it; ``attestor`` the name typed so far; ``skip`` is
    the word of the button that goes on without one, empty where the law wants one (ACL 18);
    ``signing`` who of the party's side signs, while it does."""

    frame: Frame
    stage: Writer
    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    signer: str
    day: str
    refusals: tuple[Choice, ...]
    lock: PartyLock
    attestor: str = ""
    absent_reason: str = ""
    skip: str = ""
    message: Message | None = None
    signing: Signing = NOBODY_ELSE


def answer_label(
    _: Translate, stage: Writer, *, written: bool, named: bool, whole: bool = True
) -> str:
    """The main button, or what it waits for; ``whole``: it is said who signs for the party."""
    if stage == "party" and not whole:
        return _("Write the agent's name and authority first")
    if stage == "attestor" and not named:
        return _("Write the name of the attestor first")
    if not written:
        return _("Please sign on the line above")
    return _("I have read it: sign") if stage == "party" else _("I attest to it: sign")
