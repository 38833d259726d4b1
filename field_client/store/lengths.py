"""A statement's body, or a sentence for whoever wrote more than a record holds.

>>> TOO_LONG.search("Expected `str` of length <= 100000 - at `$.reply`").group(1)
'100000'
"""

from __future__ import annotations

import re

from field_client.errors import TextTooLong
from protocol import statements
from protocol.errors import Malformed, TooLarge
from protocol.statements import Statement

TOO_LONG = re.compile(r"`str` of length <= ([0-9]+)")
"""How the reader of statements says that a text is longer than its place."""


def body(statement: Statement) -> bytes:
    """The body bytes of a statement. Raises TextTooLong where people wrote too much, and what
    ``statements.encode`` raises besides."""
    try:
        return statements.encode(statement)
    except TooLarge as fault:
        raise TextTooLong(
            "The texts of this record come to {size} bytes, and a record takes at most {most}. "
            "Nothing was saved; shorten them, or attach the whole as a file.",
            size=fault.facts["size"],
            most=fault.facts["bound"],
        ) from fault
    except Malformed as fault:
        told = TOO_LONG.search(str(fault))
        if told is None:
            raise
        raise TextTooLong(
            "A text is too long: its place in the record takes at most {most} characters. "
            "Nothing was saved; shorten it, or attach the whole as a file.",
            most=int(told.group(1)),
        ) from fault
