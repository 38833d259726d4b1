"""Enrolment: this tablet gets its keys and certificate, then each officer sets a PIN.

>>> passphrase_hint(str, "short").level
'block'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Message, RuleNote, Translate
from field_client.ui.presenters.unlock import OfficerTile

PASSPHRASE_LEAST = 12


@dataclass(frozen=True, slots=True)
class EnrolView:
    """``stage`` device: the four fields; officers: one PIN each; done: what was received.
    Of ``many`` officers those are listed who are ``sought``; where nobody is, who is ready."""

    stage: Literal["device", "officers", "done"] = "device"
    server: str = ""
    code: str = ""
    device_name: str = ""
    message: Message | None = None
    officers: tuple[OfficerTile, ...] = ()
    ready: frozenset[str] = frozenset()
    chosen: str = ""
    ask_code: bool = False
    pin_length: int = 6
    summary: tuple[tuple[str, str], ...] = ()
    busy: str = ""
    many: bool = False
    sought: str = ""


def passphrase_hint(_: Translate, passphrase: str) -> RuleNote:
    """Whether the device passphrase is long enough to make guessing costly."""
    if len(passphrase) < PASSPHRASE_LEAST:
        return RuleNote(
            "block",
            _("At least {least} characters, now {n}").format(
                least=PASSPHRASE_LEAST, n=len(passphrase)
            ),
        )
    return RuleNote("pass", _("Long enough"))
