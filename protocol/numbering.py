"""Numbers of documents as their blocks write them.

>>> serial("云市监当罚〔2026〕{n}号", "云市监当罚〔2026〕126号")
126
"""

from __future__ import annotations


def serial(pattern: str, label: str) -> int | None:
    """The serial number of ``label``, if a block of this pattern can have given it: written as
    the block writes it, so without a leading zero. None otherwise."""
    head, _, tail = pattern.partition("{n}")
    digits = label.removeprefix(head).removesuffix(tail)
    if not digits.isdecimal() or f"{head}{int(digits)}{tail}" != label:
        return None
    return int(digits)
