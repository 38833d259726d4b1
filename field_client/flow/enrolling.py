"""Enrolment on screen: the tablet first, then each officer with a PIN and a code of his own.

Whatever goes wrong, the same screen can try again: what the office certified already is kept
and not asked for twice, as its one-time code is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import suppress
from dataclasses import replace

from field_client.contact import enrolment
from field_client.contact.wire import Wire
from field_client.flow.desk import Desk
from field_client.keys.identity import KeyStore, Unlocked
from field_client.settings import read_address
from field_client.store.vault import Vault
from field_client.tablet import SERVER_URL, Tablet
from field_client.ui.presenters.common import Message, error_words
from field_client.ui.presenters.enrol import EnrolView
from field_client.ui.presenters.unlock import OfficerTile
from protocol.errors import FujieError
from protocol.messages import DeviceAdmitted
from protocol.reference import RosterOfficer

MOST_LISTED = 3
"""Officers among whom one chooses without looking for a name, and who find room on the screen."""


class Enrolling:
    """The enrolment screen. The vault's key stays here until the officers have their PINs."""

    def __init__(self, desk: Desk, finished: Callable[[], None]) -> None:
        self._desk = desk
        self._finished = finished
        self._view = EnrolView(server=desk.settings.server_url)
        self._vault_key = b""
        # Certified, and the sealed vault key not at the office yet.
        self._half: tuple[KeyStore, Vault, bytes, DeviceAdmitted] | None = None

    def show(self) -> None:
        """The enrolment screen."""
        self._desk.shell.show("enrol", self._view)

    def enrol(self, server: str, code: str, device_name: str, passphrase: str) -> None:
        """Enrol the tablet: keys, certificate, vault, and the key entrusted to the office."""
        desk = self._desk
        self._view = replace(
            self._view, server=server, code=code, device_name=device_name, message=None
        )
        half = self._half

        def job() -> tuple[KeyStore, Vault, bytes, DeviceAdmitted]:
            if half is not None:
                return half
            settings = replace(desk.settings, server_url=read_address(server))
            keys = desk.make_keys(passphrase)
            unsigned = Wire(settings.server_url, None, desk.clock)
            unsigned.speak(desk.language)
            try:
                vault, key, admitted = enrolment.enrol_device(
                    settings, keys, desk.clock, unsigned, code.strip(), device_name.strip()
                )
            finally:
                unsigned.close()
            vault.set_state(SERVER_URL, settings.server_url.encode())
            return keys, vault, key, admitted

        desk.work(job, self._entrust, self._failed, desk._("Making keys and asking the office…"))

    def _entrust(self, half: tuple[KeyStore, Vault, bytes, DeviceAdmitted]) -> None:
        """The office gets the vault's key, sealed; until it has it, no officer is enrolled."""
        desk, self._half = self._desk, half
        keys, vault, key, admitted = half
        address = (vault.state(SERVER_URL) or b"").decode()
        settings = replace(desk.settings, server_url=address)

        def job() -> Tablet:
            wire = Wire(address, keys.device.signer(), desk.clock)
            wire.speak(desk.language)
            trusted = enrolment.office_keys_of(admitted)
            wire.trust(lambda: trusted, lambda: None)
            try:
                enrolment.entrust_recovery(keys, wire, admitted, key)
            finally:
                wire.close()
            return Tablet.over(settings, keys, desk.clock, vault)

        def then(tablet: Tablet) -> None:
            desk.keys, desk.settings, desk.tablet = keys, settings, tablet
            tablet.wire.speak(desk.language)
            self._half, self._vault_key = None, key
            self._to_officers()

        desk.work(job, then, self._failed, desk._("Making keys and asking the office…"))

    def more(self, officer: Unlocked) -> None:
        """Enrol another officer on a tablet that is in use, beside one who is on duty."""
        self._vault_key = officer.vault_key
        self._to_officers()

    def recovered(self, vault_key: bytes) -> None:
        """Nobody's PIN opens the tablet: a new one, over the vault's key from the office."""
        self._vault_key = vault_key
        self._to_officers()

    def choose(self, officer_id: str) -> None:
        """Whose PIN follows."""
        self._view = replace(self._view, chosen=officer_id, message=None)
        self._desk.shell.update(self._view)

    def look_for(self, words: str) -> None:
        """List who has this name or number; the only one is chosen."""
        view = self._view
        officers = self._listed(words, view.ready)
        found = [one.officer_id for one in officers if one.officer_id not in view.ready]
        chosen = view.chosen if view.chosen in found else ""
        self._view = replace(
            view,
            sought=words,
            officers=officers,
            chosen=found[0] if len(found) == 1 else chosen,
            message=None,
        )
        self._desk.shell.update(self._view)

    def set_pin(self, officer_id: str, pin: str, code: str) -> None:
        """An officer sets a PIN; the office certifies the key that was made. Who had one here
        before has the new one from now on, on duty too."""
        desk, tablet = self._desk, self._desk.open_tablet
        keys, vault_key = desk.keys, self._vault_key
        assert keys is not None

        def job() -> Unlocked:
            with suppress(FujieError):  # the agency may certify by another key by now
                tablet.shelf.fetch(tablet.wire)
            made = enrolment.enrol_officer(
                keys,
                tablet.wire,
                tablet.admitted,
                vault_key,
                officer_id,
                pin,
                code.strip(),
                tablet.shelf.issuers,
            )
            with suppress(FujieError):  # the officer has keys by now; sync fetches it else
                tablet.shelf.fetch(tablet.wire)
                tablet.shelf.fetch_photos(tablet.wire, tablet.office.device_name)
            return made

        def then(made: Unlocked) -> None:
            if officer_id in desk.duty:
                desk.duty[officer_id] = made
                if desk.inspection is not None:
                    desk.inspection.officers = desk.officers
            ready = self._view.ready | {officer_id}
            left = [one.officer_id for one in self._view.officers if one.officer_id not in ready]
            view = replace(self._view, ready=ready, chosen=left[0] if left else "", message=None)
            self._view = view
            desk.keep_faces()
            if view.many:  # who else works with this tablet is for them to say
                officers = self._listed("", ready, first={officer_id})
                self._view = replace(view, sought="", chosen="", officers=officers)
            elif not left:
                self._view = replace(self._view, stage="done", summary=self._summary())
            desk.shell.update(self._view)

        desk.work(job, then, self._failed, desk._("Making keys and asking the office…"))

    def finish(self) -> None:
        """Every officer is ready: start sync and lock, or back to duty."""
        self._vault_key = b""
        self._desk.open_tablet.start()
        self._finished()

    def _to_officers(self) -> None:
        keys = self._desk.keys
        assert keys is not None
        held = keys.officers()
        ready = frozenset(one.cert_no for one in held if not one.wiped)
        wiped = {one.cert_no for one in held if one.wiped}
        officers = self._listed("", ready, first=wiped)
        left = [one.officer_id for one in officers if one.officer_id not in ready]
        left += [one.officer_id for one in officers if one.officer_id not in self._desk.duty]
        self._view = replace(
            self._view,
            stage="officers",
            officers=officers,
            many=len(self._enrollable()) > MOST_LISTED,
            sought="",
            ready=ready,
            chosen=left[0] if left else "",
            ask_code=True,
            message=None,
        )
        self._desk.shell.show("enrol", self._view)

    def _enrollable(self) -> list[RosterOfficer]:
        return [one for one in self._desk.open_tablet.shelf.current.officers if not one.auxiliary]

    def _listed(
        self, sought: str, ready: frozenset[str], first: Set[str] = frozenset()
    ) -> tuple[OfficerTile, ...]:
        """The whole roster where it is short; of a long one whoever is sought by name or number,
        or who has keys here. ``first`` stand at the top: who lost keys, or just got them."""
        everyone, held = self._enrollable(), self._desk.open_tablet.shelf.portraits
        if len(everyone) > MOST_LISTED:
            everyone = [one for one in everyone if _has(one, sought, ready | first)]
            everyone.sort(key=lambda one: one.cert_no not in first)
        return tuple(
            OfficerTile(one.cert_no, one.name, one.cert_no, held.of(one).data)
            for one in everyone[:MOST_LISTED]
        )

    def _summary(self) -> tuple[tuple[str, str], ...]:
        """What this tablet has received."""
        _, office = self._desk._, self._desk.open_tablet.office
        names = (one.name for one in self._view.officers if one.officer_id in self._view.ready)
        return (
            (_("Name of the tablet"), office.device_name),
            (_("Agency"), office.shelf.current.agency.name),
            (_("Officers"), _(", ").join(names)),
            (_("Server address"), self._desk.settings.server_url),
        )

    def _failed(self, error: FujieError) -> None:
        self._view = replace(
            self._view, message=Message("danger", error_words(self._desk._, error))
        )
        self._desk.shell.update(self._view)


def _has(one: RosterOfficer, sought: str, ready: frozenset[str]) -> bool:
    words = "".join(sought.split())
    return words in one.name + one.cert_no if words else one.cert_no in ready
