"""Enrolment on screen: the tablet first, then each officer with a PIN and a code of his own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from field_client import enrolment
from field_client.flow.desk import Desk
from field_client.identity import KeyStore
from field_client.tablet import SERVER_URL, Tablet
from field_client.ui.presenters.common import Message, error_words
from field_client.ui.presenters.enrol import EnrolView
from field_client.ui.presenters.unlock import OfficerTile
from field_client.vault import Vault
from field_client.wire import Wire
from protocol.errors import FujieError
from protocol.messages import DeviceAdmitted


class Enrolling:
    """The enrolment screen. The vault's key stays here until the officers have their PINs."""

    def __init__(self, desk: Desk, finished: Callable[[], None]) -> None:
        self._desk = desk
        self._finished = finished
        self._view = EnrolView(server=desk.settings.server_url)
        self._vault_key = b""

    def show(self) -> None:
        """The enrolment screen."""
        self._desk.shell.show("enrol", self._view)

    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol the tablet: keys, certificate, vault, and the key entrusted to the office."""
        desk = self._desk
        self._view = replace(
            self._view, server=server, code=code, device_name=device_name, message=None
        )
        settings = replace(desk.settings, server_url=server.rstrip("/"))

        def job() -> tuple[KeyStore, Vault, bytes, DeviceAdmitted]:
            keys = desk.make_keys(passphrase)
            unsigned = Wire(settings.server_url, None, desk.clock)
            vault, key, admitted = enrolment.enrol_device(
                settings, keys, desk.clock, unsigned, code, device_name
            )
            vault.set_state(SERVER_URL, settings.server_url.encode())
            signed = Wire(settings.server_url, keys.device.signer(), desk.clock)
            enrolment.entrust_recovery(keys, signed, admitted, key)
            return keys, vault, key, admitted

        def then(result: tuple[KeyStore, Vault, bytes, DeviceAdmitted]) -> None:
            desk.keys, vault, self._vault_key, _ = result
            desk.settings = settings
            desk.tablet = Tablet.over(settings, desk.keys, desk.clock, vault)
            self._to_officers()

        desk.work(job, then, self._failed, desk._("Making keys and asking the office…"))

    def choose(self, officer_id: str) -> None:
        """Whose PIN follows."""
        self._view = replace(self._view, chosen=officer_id, message=None)
        self._desk.shell.update(self._view)

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer sets a PIN; the office certifies the key that was made."""
        desk, tablet = self._desk, self._desk.open_tablet
        keys = desk.keys
        assert keys is not None

        def job() -> None:
            enrolment.enrol_officer(
                keys, tablet.wire, tablet.admitted, self._vault_key, officer_id, pin, code
            )
            bundle = tablet.wire.get_bytes("/v1/reference", f"have={tablet.shelf.version}")
            if bundle is not None:
                tablet.shelf.put(bundle)

        def then(_: None) -> None:
            ready = self._view.ready | {officer_id}
            left = [one.officer_id for one in self._view.officers if one.officer_id not in ready]
            self._view = replace(
                self._view, ready=ready, chosen=left[0] if left else "", message=None
            )
            desk.keep_faces()
            desk.shell.update(self._view)

        desk.work(job, then, self._failed, desk._("Making keys and asking the office…"))

    def finish(self) -> None:
        """Every officer is ready: start sync and lock."""
        self._vault_key = b""
        self._desk.open_tablet.sync.start()
        self._finished()

    def _to_officers(self) -> None:
        reference = self._desk.open_tablet.shelf.current
        officers = tuple(
            OfficerTile(one.cert_no, one.name, one.cert_no, one.photo_bytes or None)
            for one in reference.officers
            if not one.auxiliary
        )
        self._view = replace(
            self._view,
            stage="officers",
            officers=officers,
            chosen=officers[0].officer_id if officers else "",
            ask_code=True,
            message=None,
        )
        self._desk.shell.show("enrol", self._view)

    def _failed(self, error: FujieError) -> None:
        self._view = replace(
            self._view, message=Message("danger", error_words(self._desk._, error))
        )
        self._desk.shell.update(self._view)
