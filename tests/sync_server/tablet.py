"""A tablet as the server sees it: keys, a journal, signed requests. No field_client in it.

tablet = Tablet(server.url, World())
tablet.enrol(server.code("device", "YX-T07"))
tablet.enrol_officers(server.code)
case = tablet.world.inspection()
answer = tablet.push(tablet.links(case))
tablet.receipts(case, answer)
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import msgspec
import zstandard

from protocol import chain, credential, envelope, messages, receipt, statements
from protocol.checkpoint import Checkpoint, VerifierKey
from protocol.credential import IssuerClaims
from protocol.keys import ED25519, Ed25519Signer, Verifier
from protocol.messages import (
    DeviceAdmitted,
    DeviceWanted,
    Message,
    OfficerAdmitted,
    OfficerWanted,
    PullAnswer,
    Push,
    PushAnswer,
    PushItem,
    Refusal,
    UploadGranted,
    UploadWanted,
    code_tag,
    possession,
)
from protocol.reference import open_reference
from protocol.requests import sign_request
from protocol.statements import DeviceInventory
from sync_server.devices.codes import Purpose
from tests.cast import AGENCY, Inspection, Recorded
from tests.worlds import World

MSGPACK = "application/vnd.msgpack"
TUS = {"tus-resumable": "1.0.0"}


class Tablet:
    """The tablet YX-T07 of the small world, speaking HTTP to a real server."""

    def __init__(self, url: str, world: World) -> None:
        self.url = url
        self.world = world
        self.signer = world.device.signer
        # The signature is over the bytes on the wire, and httpx hands out unpacked ones.
        plain = {"accept-encoding": "identity"}
        # Plain HTTP: without a word the machine's authorities are read for every client.
        self.http = httpx.Client(
            base_url=url, trust_env=False, verify=False, timeout=30, headers=plain
        )
        self.admitted: DeviceAdmitted | None = None
        self._nonces = itertools.count()
        self.seen = 0

    # ── requests ─────────────────────────────────────────────────────────────────────────

    def headers(
        self, method: str, path: str, query: str, body: bytes, at: int | None = None
    ) -> dict[str, str]:
        """The headers of a signed request, each with a fresh nonce."""
        told = int(self.http.get("/log/key").headers["fujie-time"]) if at is None else at
        nonce = hashlib.sha256(f"{id(self)} {next(self._nonces)} {told}".encode()).hexdigest()
        headers = {"content-type": MSGPACK}
        host = urlsplit(self.url).netloc
        signed = sign_request(method, host, path, query, headers, body, self.signer, told, nonce)
        return headers | signed

    def post(self, path: str, message: Message, packed: bool = False) -> httpx.Response:
        """A signed POST."""
        body = messages.encode(message)
        if packed:
            body = zstandard.compress(body)
        headers = self.headers("POST", path, "", body)
        if packed:
            headers["content-encoding"] = "zstd"
        return self.http.post(path, content=body, headers=headers)

    def get(self, path: str, query: str) -> httpx.Response:
        """A signed GET."""
        return self.http.get(f"{path}?{query}", headers=self.headers("GET", path, query, b""))

    # ── enrolment ────────────────────────────────────────────────────────────────────────

    def wanted(self, code: str) -> DeviceWanted:
        """The message that asks to be enrolled."""
        journal, nonce = self.world.device.journal, bytes(range(16))
        return messages.seal_with_code(
            DeviceWanted(
                name=self.world.device.claims.name,
                public_key=self.signer.verifier.public_key,
                journal=journal,
                nonce=nonce,
                proof=self.signer.sign(possession("device", nonce, journal)),
            ),
            code,
            "device",
        )

    def enrol(self, code: str) -> DeviceAdmitted:
        """Be enrolled, and believe nothing that was not sealed with the code."""
        body = messages.encode(self.wanted(code))
        headers = {"content-type": MSGPACK}
        response = self.http.post("/v1/enrol/device", content=body, headers=headers)
        assert response.status_code == 200, response.text
        self.admitted = messages.decode(response.content, DeviceAdmitted)
        messages.check_code(self.admitted, code, "device")
        return self.admitted

    def enrol_officers(self, code: Callable[[Purpose, str], str]) -> list[OfficerAdmitted]:
        """Have both officers' keys certified on this tablet."""
        made = []
        for officer in (self.world.shen, self.world.lu):
            answer = self.post(
                "/v1/enrol/officer",
                self.officer_wanted(officer, code("officer", officer.cert_no)),
            )
            assert answer.status_code == 200, answer.text
            made.append(messages.decode(answer.content, OfficerAdmitted))
        return made

    def officer_wanted(self, officer: object, code: str) -> OfficerWanted:
        """The message that asks for an officer's credential."""
        signer, cert_no = officer.signer, officer.cert_no  # type: ignore[attr-defined]
        key_id = self.signer.verifier.key_id
        public_key = signer.verifier.public_key
        return OfficerWanted(
            cert_no=cert_no,
            public_key=public_key,
            algorithm=signer.verifier.algorithm,
            proof=signer.sign(possession("officer", key_id, cert_no.encode())),
            code_tag=code_tag(code, "officer", cert_no.encode() + public_key),
        )

    # ── push and pull ────────────────────────────────────────────────────────────────────

    def links(self, case: Inspection) -> list[PushItem]:
        """The tablet's own records of an inspection."""
        mine = [r for r in case.records if r.link.journal == self.world.device.journal]
        return [item(record) for record in mine]

    def inventory(self, unsent: int = 0, checkpoint: str = "") -> bytes:
        """What the tablet says it holds, signed; ``checkpoint`` is the last head it verified."""
        head = self.world.heads.get(self.world.device.journal, chain.EMPTY)
        said = DeviceInventory(
            agency=AGENCY,
            at=self.world.now,
            salt=self.world.salt(),
            journal=self.world.device.journal.hex(),
            length=head.length,
            head=head.hash.hex(),
            unsent=unsent,
            oldest_unsent_at=None,
            blobs_outstanding=0,
            bytes_outstanding=0,
            free_bytes=1 << 33,
            boot=bytes(16).hex(),
            monotonic=1,
            checkpoint_size=self.seen,
            checkpoint=checkpoint,
            reference_version=99,  # as if it had fetched the newest
            program="test",
        )
        return envelope.encode(self.world.sign(said, self.world.device))

    def push_response(
        self, items: Sequence[PushItem], packed: bool = False, runs: bool = False
    ) -> httpx.Response:
        """Push, whatever comes back."""
        sent = Push(inventory=self.inventory(), items=list(items), seen=self.seen, runs=runs)
        return self.post("/v1/push", sent, packed)

    def push(self, items: Sequence[PushItem], packed: bool = False) -> PushAnswer:
        """Push, and check every receipt and the log that they come from."""
        response = self.push_response(items, packed)
        assert response.status_code == 200, response.text
        answer = messages.decode(response.content, PushAnswer)
        self.check(items, answer)
        return answer

    def check(self, items: Sequence[PushItem], answer: PushAnswer) -> list[receipt.Entry]:
        """The entries of an answer, each proved to be in the log."""
        entries = []
        for sent, admitted in zip(items, answer.admitted, strict=False):
            link = chain.decode_link(sent.link)
            made = receipt.Receipt(
                admitted.entry, admitted.index, tuple(admitted.proof), answer.checkpoint
            )
            self.verify(made, link)
            entries.append(made.entry)
        return entries

    def verify(self, made: receipt.Receipt, link: chain.Link) -> Checkpoint:
        """Check one receipt against the log key that was received at enrolment."""
        assert self.admitted is not None
        key = VerifierKey.parse(self.admitted.log_key)
        return receipt.verify_receipt(made, link.hash(), link.record, [key], self.admitted.origin)

    def refusal(self, answer: PushAnswer) -> Refusal:
        """The refusal in an answer, if the office's device signed it."""
        assert answer.refusal is not None
        signed = envelope.decode(answer.refusal)
        assert signed.payload_type == messages.REFUSAL_TYPE
        office = self.office_key()
        assert [v.key_id for v in envelope.verify(signed, {office.key_id: office}.get)]
        return msgspec.json.decode(signed.body, type=Refusal)

    def office_key(self, reference: bytes | None = None) -> Verifier:
        """The key of the office's device, as the reference data certify it."""
        assert self.admitted is not None
        issuer = self.certifier()
        read = open_reference(reference or self.admitted.reference, issuer.verifier, 0)
        (office,) = [one for one in read.devices if one.name == "office"]
        return credential.open_device(office.certificate, issuer).verifier

    def certifier(self) -> IssuerClaims:
        """The issuer that the tablet learnt of at its enrolment."""
        assert self.admitted is not None
        root = Verifier(ED25519, self.admitted.root_key)
        return credential.open_issuer(self.admitted.issuer, root)

    def use(self, signer: Ed25519Signer) -> None:
        """Sign requests and inventories with another device key from now on."""
        self.signer = signer
        self.world.device = replace(self.world.device, signer=signer)

    def pull(self, cursor: int = -1) -> tuple[PullAnswer, list[object]]:
        """The office's records behind ``cursor``, each proved."""
        response = self.get("/v1/pull", f"cursor={cursor}")
        assert response.status_code == 200, response.text
        answer = messages.decode(response.content, PullAnswer)
        told = []
        for record in answer.records:
            signed = envelope.decode(record.statement)
            link = chain.decode_link(record.link)
            assert envelope.record_hash(signed) == link.record
            self.verify(receipt.Receipt.decode(record.receipt), link)
            told.append(statements.decode(signed.body))
        return answer, told

    # ── blobs ────────────────────────────────────────────────────────────────────────────

    def grant(self, data: bytes) -> UploadGranted:
        """Ask where to upload."""
        wanted = UploadWanted(sha256=hashlib.sha256(data).digest(), size=len(data))
        response = self.post("/v1/uploads", wanted)
        assert response.status_code == 200, response.text
        return messages.decode(response.content, UploadGranted)

    def patch(
        self, granted: UploadGranted, offset: int, data: bytes, **headers: str
    ) -> httpx.Response:
        """One chunk."""
        told = {
            **TUS,
            "authorization": f"Bearer {granted.token}",
            "content-type": "application/offset+octet-stream",
            "upload-offset": str(offset),
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.patch(granted.path, content=data, headers=told)

    def upload(self, data: bytes) -> None:
        """Upload a whole blob."""
        granted = self.grant(data)
        if not granted.complete:
            assert self.patch(granted, granted.offset, data[granted.offset :]).status_code == 204


def item(record: Recorded) -> PushItem:
    """A record as it is pushed."""
    return PushItem(link=record.link.encode(), statement=envelope.encode(record.envelope))


def checksum(algorithm: str, data: bytes) -> str:
    """The value of ``Upload-Checksum``."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"
