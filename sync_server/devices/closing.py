"""The end of a device's journal, and the one that follows it: a *journal closed* of the office.

    closed = close_journal(services, device, "从副本恢复", signers)
    closed.length, closed.successor

A journal that forked takes nothing more; whoever answers for the registry looks at both branches,
decides that the one in the log stands, and closes it where it ends. The issuer signs, because that
is whom a tablet can check; a registrar who decided signs too. The device learns of it at its next
pull, opens the successor and links there what the log does not hold.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from protocol import envelope as dsse
from protocol import statements
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.registry.registry import OFFICE, Device
from protocol.statements import JournalClosed
from sync_server.services import Services


def close_journal(
    services: Services, device: Device, reason: str, persons: Sequence[Signer] = ()
) -> JournalClosed:
    """Close the journal that ``device`` writes, and name its successor; returns after the commit.
    ``persons`` sign beside the issuer. Raises Refused, Changed."""
    sequencer = services.sequencer
    known = sequencer.journal(device.journal)
    if known is None or device.name == OFFICE or device.journal in sequencer.registry.closed:
        raise Refused(
            "expected a tablet with a journal that is not closed yet, got {device}; see "
            "fujie-server report",
            device=device.name,
        )
    said = JournalClosed(
        agency=device.agency,
        at=services.clock.now(),
        salt=secrets.token_hex(16),
        device=device.name,
        journal=device.journal.hex(),
        length=known.head.length,
        head=known.head.hash.hex(),
        reason=reason,
        successor=secrets.token_hex(16),
    )
    signers = [services.keyring.issuer(device.agency), *persons]
    signed = dsse.sign(STATEMENT_TYPE, statements.encode(said), signers)
    job = services.office.job([signed], heads={device.journal: known.head})
    sequencer.submit(job).result()
    if device.journal not in sequencer.registry.closed:
        raise Refused(
            "the statement is in the log and closed nothing: its signers may not close the "
            "journals of {agency}; use the agency's issuer key",
            agency=device.agency,
        )
    return said
