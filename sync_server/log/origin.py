"""The name of the log in a data folder, as its newest checkpoint has it.

A log keeps its name for ever: what tablets and citizens hold was signed under it. So a server
whose settings name another log refuses to start, instead of signing one history under two
names. The way to a new name is ``fujie-server succeed``.

>>> named(b"log.example/fujie\\n5\\n...")
'log.example/fujie'
"""

from __future__ import annotations

from protocol.errors import FujieError


class WrongOrigin(FujieError):
    """The settings name another log than the one in this folder."""


def named(note: bytes) -> str:
    """The origin in a checkpoint's bytes; nothing is verified."""
    return note.partition(b"\n")[0].decode("utf-8", "replace")


def expect(note: bytes | None, *origins: str) -> None:
    """Raise WrongOrigin if the newest checkpoint is of none of these logs. Bytes that are no
    checkpoint are for ``fsck`` to find."""
    if note is None or named(note) in origins or note.count(b"\n") < 4:
        return
    raise WrongOrigin(
        "the log in this folder is {stored}, the settings say {given}; set FUJIE_ORIGIN to "
        "{stored}, or open a successor with fujie-server succeed",
        stored=named(note),
        given=origins[0],
    )
