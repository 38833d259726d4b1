"""The rights notice: read out on screen, acknowledged by handwriting or refused with a reason.

>>> LegalBlock("truth", "Tell the truth", "...", "APL 55").clause
'APL 55'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from field_client.ui.presenters.common import Choice, Frame, PartyLock
from field_client.ui.presenters.sign import NOBODY_ELSE, Signing


@dataclass(frozen=True, slots=True)
class LegalBlock:
    """One right or duty with its clause, and ``plain``: the same in plain words."""

    key: str
    title: str
    text: str
    clause: str
    kind: Literal["right", "duty"] = "right"
    plain: str = ""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """``explained`` is the officer's tick that all was read aloud; the pad opens after it.
    ``signing`` says who of the party's side signs."""

    frame: Frame
    blocks: tuple[LegalBlock, ...]
    explained: bool
    signer: str
    refusals: tuple[Choice, ...]
    lock: PartyLock
    signing: Signing = NOBODY_ELSE
    busy: str = ""
