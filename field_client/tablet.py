"""One unlocked tablet, wired: everything below the screens, made in one place.

    tablet = Tablet.open(settings, keys, clock, unlocked.vault_key)
    tablet.office.open(…)            # inspections
    tablet.start()                   # sync runs by itself, also while the screen is locked
    tablet.close()

``app.py`` puts the screens on top; tests and tools use it without any.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx
from sqlmodel import col, select

from field_client import training
from field_client.camera.media_source import MediaSource
from field_client.contact import carried, enrolment
from field_client.contact.exchange import Exchange
from field_client.contact.exporting import Exporter
from field_client.contact.following import Following
from field_client.contact.history import History
from field_client.contact.network import NetworkWatch
from field_client.contact.proofs import answering_keys
from field_client.contact.reference import ReferenceShelf
from field_client.contact.rekeying import Rekeying
from field_client.contact.sync import Sync
from field_client.contact.taking import Taking
from field_client.contact.uploads import Uploads
from field_client.contact.wire import Wire
from field_client.device_clock import Clock
from field_client.inspection import Office
from field_client.keys.device_keys import CurrentKey
from field_client.keys.identity import KeyStore
from field_client.settings import Settings
from field_client.store import release, rescue
from field_client.store.evidence import EvidenceLocker
from field_client.store.journal import Journal
from field_client.store.tables import JournalRow
from field_client.store.vault import Vault
from protocol.messages import DeviceAdmitted
from protocol.reference import Reference

SERVER_URL = "server_url"  # where this tablet was enrolled


@dataclass(frozen=True)
class Tablet:
    """The parts of one unlocked tablet."""

    settings: Settings
    vault: Vault
    admitted: DeviceAdmitted
    shelf: ReferenceShelf
    journal: Journal
    office: Office
    sync: Sync
    wire: Wire
    source: MediaSource
    exporter: Exporter
    taking: Taking
    network: NetworkWatch

    @classmethod
    def open(cls, settings: Settings, keys: KeyStore, clock: Clock, vault_key: bytes) -> Tablet:
        """Open the vault and wire everything over it. Raises VaultError, EnrolmentRefused,
        WrongPassphrase. Captures that a crash cut are rescued first."""
        vault = Vault.open(settings.vault_path, vault_key)
        try:
            return cls.over(settings, keys, clock, vault)
        except BaseException:
            vault.close()
            raise

    @classmethod
    def over(
        cls,
        settings: Settings,
        keys: KeyStore,
        clock: Clock,
        vault: Vault,
        transport: httpx.BaseTransport | None = None,
    ) -> Tablet:
        """Wire everything over a vault that is open already; ``transport`` in place of TCP."""
        if training.is_training(vault):
            transport = training.NoWire()
        admitted = enrolment.enrolled(vault)
        issuer, root, log_keys = enrolment.trust_of(admitted)
        device = CurrentKey(keys.device.signer())
        shelf = ReferenceShelf(vault, root, issuer, settings.repository_dir, clock)
        journal = Journal(vault, clock, lambda: shelf.current)
        enrolled_at = vault.state(SERVER_URL)
        address = enrolled_at.decode() if enrolled_at else settings.server_url
        wire = Wire(address, device.signer, clock, transport)
        wire.trust(lambda: answering_keys(shelf.current, shelf.issuers), lambda: shelf.fetch(wire))
        locker = EvidenceLocker(vault, settings.blobs_dir, clock)
        history = History.opened(
            admitted.origin, log_keys, vault, wire, clock, shelf.current if shelf.version else None
        )
        exchange = Exchange(
            vault=vault,
            device=device,
            clock=clock,
            wire=wire,
            shelf=shelf,
            history=history,
            following=Following(history, vault, wire, clock, shelf, settings.blobs_dir),
            data_dir=settings.data_dir,
            rekeying=Rekeying(
                vault=vault,
                keys=keys.device,
                current=device,
                wire=wire,
                shelf=shelf,
                device=_device_name(vault),
            ),
        )
        uploads = Uploads(vault, settings.blobs_dir, wire, exchange.hear_stored)
        sync = Sync(exchange, uploads, vault, clock)
        journal.on_saved(sync.saved)
        keys.settle(lambda cert_no, key: _certified(shelf.current, cert_no, key))
        rescue.tidy(vault, settings.blobs_dir)
        release.tidy(vault, settings.blobs_dir)
        carried.tidy(settings.answers_dir)
        return cls(
            settings=settings,
            vault=vault,
            admitted=admitted,
            shelf=shelf,
            journal=journal,
            office=Office(
                journal=journal,
                shelf=shelf,
                locker=locker,
                device=device,
                device_name=_device_name(vault),
                address=admitted.address,
                clock=clock,
            ),
            sync=sync,
            wire=wire,
            source=MediaSource(
                settings.camera,
                settings.camera_format,
                paced=settings.camera_paced,
                sound=settings.microphone,
                sound_format=settings.microphone_format,
            ),
            exporter=Exporter(
                vault=vault,
                device=device,
                clock=clock,
                shelf=shelf,
                history=history,
                admitted=admitted,
                device_name=_device_name(vault),
                data_dir=settings.data_dir,
                blobs_dir=settings.blobs_dir,
            ),
            taking=Taking(exchange, _device_name(vault), settings.answers_dir, sync.anew),
            network=NetworkWatch(sync.wake),
        )

    def start(self) -> None:
        """Sync runs from now on, and hears when the network changes."""
        self.sync.start()
        self.network.start()

    def close(self) -> None:
        """Stop sync after the action under way, and close the vault in order."""
        self.network.stop()
        self.sync.stop()
        self.wire.close()
        self.vault.close()


def _certified(reference: Reference, cert_no: str, key: bytes) -> bool:
    entry = reference.officer_of_key(key.hex(), reference.issued_at)
    return entry is not None and entry.cert_no == cert_no


def _device_name(vault: Vault) -> str:
    with vault.session() as session:
        return session.exec(select(JournalRow.device).where(col(JournalRow.open))).one()
