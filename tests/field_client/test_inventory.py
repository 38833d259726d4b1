"""What a tablet says of itself as each contact begins is true, and the server keeps it."""

from __future__ import annotations

import shutil

from sqlmodel import col, select

from field_client.contact.inventory import PROGRAM
from field_client.store.tables import BlobRow, JournalRow, LinkRow
from protocol.statements import DeviceInventory
from sync_server import demo
from sync_server.devices.heard import last_contact
from tests.cast import AGENCY
from tests.field_client.county import County, FieldTablet


def kept(county: County) -> DeviceInventory:
    """The tablet's last word, as the office's log has it."""
    assert county.services is not None
    registry = county.services.facts.registry
    with county.services.db.engine.connect() as connection:
        found = last_contact(registry, connection, registry.devices[AGENCY, demo.DEVICE])
    assert found is not None
    return found[0]


def test_what_a_tablet_says_of_itself_is_what_it_holds(tablet: FieldTablet, online: County) -> None:
    """Head, what is unsent and since when, media that wait, room, clock, versions, the last head
    of the log: before a push that brings records, and after it."""
    sync, clock = tablet.tablet.sync, tablet.clock
    sync.pause()
    tablet.photo(tablet.opened_and_notified())
    with tablet.tablet.vault.session() as session:
        (journal,) = session.exec(select(JournalRow)).all()
        links = session.exec(select(LinkRow).order_by(col(LinkRow.sequence))).all()
        blobs = session.exec(select(BlobRow).where(col(BlobRow.named))).all()
    clock.pass_seconds(90)

    sync.contact()
    said = kept(online)
    assert (said.journal, said.length) == (journal.id.hex(), len(links))
    assert said.head == links[-1].link_hash.hex() == journal.head_hash.hex()
    assert (said.unsent, said.oldest_unsent_at) == (len(links), links[0].saved_at)
    assert said.blobs_outstanding == len(blobs) > 0
    assert said.bytes_outstanding == sum(one.size for one in blobs)
    assert (said.at, said.monotonic) == (clock.wall_ms(), clock.monotonic_ms())
    assert said.boot == clock.boot_id.hex()
    assert (said.program, said.reference_version) == (PROGRAM, tablet.tablet.shelf.version)
    assert said.disk_bytes == shutil.disk_usage(tablet.folder).total > (said.free_bytes or 0) > 0

    seen = tablet.tablet.exporter.history.log.size
    tablet.open()
    clock.pass_seconds(90)
    sync.contact()
    said = kept(online)
    assert (said.length, said.unsent, said.checkpoint_size) == (len(links) + 1, 1, seen)
    assert said.checkpoint.split("\n")[1] == str(seen)
    assert (said.blobs_outstanding, said.halted) == (len(blobs), "")
