"""The tablet gets itself a new device key, and signs with it from then on.

    asked      the office's device_key_asked came by pull, or the certificate nears its end
    1  vault   which key is to be replaced
    2  file    a new key beside the old one (``device_keys.py``)
    3  office  POST /v1/rekey, signed by the old key, proved by the new: a certificate
    4  file    the new key in the old one's place
    5  vault   done

Whatever is cut in between, the next contact begins here and goes on: the same new key is asked for
again and gets the same certificate, and after 4 nothing is left to ask. What fails is told to the
log and tried again; records are never held up. Journal, vault and officers' keys stay as they are.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from sqlmodel import Session

from field_client.contact.reference import ReferenceShelf
from field_client.contact.wire import Wire, unclear
from field_client.errors import ServerRefuses
from field_client.keys.device_keys import CurrentKey, DeviceKeys
from field_client.store import stages
from field_client.store.stages import SERVER_AT
from field_client.store.tables import StateRow
from field_client.store.vault import Vault
from protocol.credential import DeviceClaims, issuer_of, open_device
from protocol.errors import FujieError
from protocol.messages import Rekeyed, RekeyWanted, possession

REKEY = "rekey"
"""Name of a single value in the vault's ``state``: that a new key is asked for, then the id of the
key that it replaces."""
ASKED = b"asked"
NEAR_MS = 45 * 24 * 3_600_000
"""How long before its certificate's end the tablet asks by itself."""
CONFLICT = 409

log = logging.getLogger(__name__)


def ask(session: Session) -> None:
    """The office wants a new key; in the caller's transaction."""
    if session.get(StateRow, REKEY) is None:
        stages.put(session, REKEY, ASKED)


@dataclass
class Rekeying:
    """The change of one tablet's device key. ``current`` is shared with all who sign by it."""

    vault: Vault
    keys: DeviceKeys
    current: CurrentKey
    wire: Wire
    shelf: ReferenceShelf
    device: str

    def attend(self) -> None:
        """Do what is due, at the beginning and the end of a contact. Raises nothing of ours."""
        try:
            began = self.vault.state(REKEY)
            if began is None and self._near_its_end():
                began = ASKED
            if began is not None:
                self._go_on(began)
        except FujieError as error:
            log.warning("the device keeps its key for now: %s", error)

    def _go_on(self, began: bytes) -> None:
        old = self.current.signer
        if began not in (ASKED, old.verifier.key_id):
            self._end()  # the new key was in force already when the program was cut
            return
        self.vault.set_state(REKEY, old.verifier.key_id)
        new = self.keys.prepare()
        proof = new.sign(possession("rekey", old.verifier.key_id, new.verifier.key_id))
        wanted = RekeyWanted(public_key=new.verifier.public_key, proof=proof)
        try:
            answer = self.wire.post("/v1/rekey", wanted, Rekeyed)
        except ServerRefuses as error:
            if error.facts.get("status") == CONFLICT:
                self._end()  # nobody asks for it any more
            raise
        claims = self._opened(answer.certificate)
        if (claims.public_key, claims.name) != (new.verifier.public_key, self.device):
            raise unclear("a certificate for another key or device")
        self.current.signer = self.keys.adopt()
        self.wire.sign_with(self.current.signer)
        self._end()
        self.shelf.fetch(self.wire)

    def _opened(self, certificate: bytes) -> DeviceClaims:
        return open_device(certificate, issuer_of(certificate, self.shelf.issuers))

    def _end(self) -> None:
        with self.vault.transaction() as session:
            held = session.get(StateRow, REKEY)
            if held is not None:
                session.delete(held)

    def _near_its_end(self) -> bool:
        """By the server's time: a wrong clock of ours asks for nothing."""
        now = int.from_bytes(self.vault.state(SERVER_AT) or b"", "big")
        held = self._certificate()
        return held is not None and held.valid_until - now < NEAR_MS

    def _certificate(self) -> DeviceClaims | None:
        for one in self.shelf.current.devices:
            if one.name == self.device:
                claims = self._opened(one.certificate)
                return claims if claims.key_id == self.current.signer.verifier.key_id else None
        return None
