"""The rights notice as it is read out on screen, and the hash that says which words they were.

blocks, text = notice_text(template)
RightsNotified(template=template.id, template_version=template.version, text=text, …)
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from protocol.reference import NoticeText, Template

CONTEXT = "fujie/notice/v1\n"


def notice_text(template: Template) -> tuple[Sequence[NoticeText], str]:
    """The blocks to show, and the SHA-256 (hex) of their canonical text, which goes into
    ``RightsNotified.text``."""
    return template.notice, hashlib.sha256(canonical(template).encode()).hexdigest()


def canonical(template: Template) -> str:
    """The Chinese words in order: title, then heading, text, clause and plain words of each
    block, one a line. The translation is an aid and is not part of it."""
    blocks = ((block.heading, block.text, block.clause, block.plain) for block in template.notice)
    lines = [template.title, *(line.replace("\n", " ") for block in blocks for line in block)]
    return CONTEXT + "".join(f"{line}\n" for line in lines)
