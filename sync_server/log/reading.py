"""A push as it came over the wire, read: unpacked, in its parts, each item verified.

    body ──unpack──▶ zstd away ──decode──▶ Push ──verify──▶ Opened(inventory, items, …)

Nothing here knows the database. So it is done wherever there is a core for it: in a thread of the
server, or in one of the processes beside it (``readers.py``), whose keys are told to them.
"""

from __future__ import annotations

import msgspec
import zstandard

from protocol import messages
from protocol.errors import Malformed, TooLarge
from protocol.messages import MAX_MESSAGE, Push
from protocol.registry.registry import Registry
from sync_server.log.intake import BadLink, Checked, verify
from sync_server.log.stretch import Stretch, together

MAX_WINDOW = 1 << 23


class Opened(msgspec.Struct, frozen=True, array_like=True):
    """What a push says (``protocol/messages.py``), its items verified: one by one, or as the
    ``stretch`` that they are."""

    inventory: bytes
    items: list[Checked | BadLink]
    stretch: Stretch | None
    seen: int
    runs: bool


def decoded(body: bytes, encoding: str) -> Push:
    """A push in its parts, nothing of it verified. Raises TooLarge or Malformed."""
    return messages.decode(unpack(body, encoding), Push)


def opened(sent: Push, registry: Registry) -> Opened:
    """Verify the items of a push."""
    stretch = together(sent.items, registry)
    items = [] if stretch else [verify(item, registry) for item in sent.items]
    return Opened(sent.inventory, items, stretch, sent.seen, sent.runs)


def unpack(body: bytes, encoding: str) -> bytes:
    """A body without its compression. Raises TooLarge or Malformed."""
    if encoding in ("", "identity"):
        return body
    if encoding != "zstd":
        raise Malformed("expected a body in zstd or plain, got {encoding}", encoding=encoding[:40])
    try:
        if not body.startswith(zstandard.FRAME_HEADER):
            raise zstandard.ZstdError  # one to be skipped asks for as much memory as it says
        size = zstandard.frame_content_size(body)
        if size > MAX_MESSAGE:
            raise TooLarge(
                "expected a message of at most {bound} bytes, got {size}; send less at once",
                bound=MAX_MESSAGE,
                size=size,
            )
        unpacker = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        return unpacker.decompress(body, max_output_size=MAX_MESSAGE)
    except zstandard.ZstdError:
        raise Malformed("expected a whole zstd frame within bounds; send it again") from None
