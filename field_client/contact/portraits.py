"""Officers' photos on their way to the tablet: from the server or a stick, each verified by itself.

    fetch(held, reference, Online(wire, agency, clock), device, clock)    some, at each contact
    fetch(held, reference, Stick(folder), device, clock, within_ms=None)  all of them

Those who have keys on this tablet come first, for their cards are shown; the others are wanted when
a colleague's card is checked. Over a network they take a few seconds of each contact, so that no
record waits for them. What the office does not have is asked for once in each version of the
roster, and once after each start; what came in other bytes keeps no other photo from coming.
"""

from __future__ import annotations

import logging

from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError

from field_client.contact.repository import Online, Stick
from field_client.device_clock import Clock
from field_client.store.portraits import Portraits
from protocol.errors import Altered
from protocol.portraits import where
from protocol.reference import Reference
from protocol.statements import BlobRef

WITHIN_MS = 3_000

log = logging.getLogger(__name__)


def fetch(
    held: Portraits,
    reference: Reference,
    source: Online | Stick,
    device: str,
    clock: Clock,
    within_ms: int | None = WITHIN_MS,
) -> int:
    """Fetch photos that the roster names and that are not here; returns how many came. Raises
    NoNetwork, DiskFull; what came before that stays. A stick, which has no ``within_ms``, is asked
    for all of them."""
    began, came, is_stick = clock.monotonic_ms(), 0, within_ms is None
    for ref in _wanted(held, reference, device):
        if within_ms is not None and clock.monotonic_ms() - began > within_ms:
            break
        if ref.sha256 in held.not_offered and not is_stick:
            continue
        try:
            held.keep(ref, _whole(source, ref))
            came += 1
        except DownloadHTTPError:
            if not is_stick:
                held.not_offered.add(ref.sha256)
        except (Altered, DownloadLengthMismatchError) as fault:
            log.warning("other bytes came than an officer's photo: %s", fault)
        except (DownloadError, OSError) as fault:  # the next will hardly be better
            log.warning("an officer's photo did not come: %s", fault)
            break
    return came


def _wanted(held: Portraits, reference: Reference, device: str) -> list[BlobRef]:
    here_first = sorted(
        reference.officers, key=lambda one: all(key.device != device for key in one.credentials)
    )
    return held.lacking(here_first)


def _whole(source: Online | Stick, ref: BlobRef) -> bytes:
    data = bytearray()
    for piece in source.fetch(source.base + where(ref)):
        data += piece
        if len(data) > ref.size:
            raise DownloadLengthMismatchError(f"more than {ref.size} bytes")
    return bytes(data)
