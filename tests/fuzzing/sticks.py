"""Targets: what comes on a stick. Exports, answers, evidence, TUF repositories, scanned codes."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from functools import cache
from pathlib import Path

from field_client.contact import repository
from field_client.errors import NoRepository, ReferenceRefused
from protocol import card, envelope, mark, statements
from protocol.answer import (
    Hashes,
    check_files,
    open_answered,
    open_asked,
    take_files,
    unseal_answer,
)
from protocol.chain import Link
from protocol.errors import BrokenChain, Malformed, Unverified
from protocol.export import Kind, Part, unseal
from protocol.exported import Exported, branches
from protocol.keys import ED25519, Verifier
from protocol.misbehaviour import misbehaviour, read_evidence
from protocol.note import VerifierKey
from protocol.scanned import check_card, check_mark
from protocol.sealing import reached
from protocol.statements import DeviceInventory
from tests.fuzzing import codes
from tests.fuzzing.files import framed, unframed
from tests.fuzzing.scene import scene
from tests.fuzzing.target import FORM, NOW, PROOF, Target, frozen, strings, text, unhex


def targets() -> list[Target]:
    """Every one of them."""
    return [*_exports(), *_answers(), *_evidence(), *_scanned(), _repository()]


def taken(data: bytes) -> object:
    """The journals in the parts of a device that signs whatever it likes."""
    device = scene().world.device.signer.verifier
    export = Exported()
    for name, body in unframed(data).items():
        kind = name.partition(" ")[0]
        export.take(Part(int(kind) if kind.isdecimal() and len(kind) < 4 else 0, body))
    return list(branches(export, {device.key_id: device}))


def many_journals(size: int) -> bytes:
    """An inventory and a link for each of as many journals as fit."""
    device, files = scene().world.device.signer, {}
    for number in range(max(1, size // 1200)):
        journal = number.to_bytes(16, "big")
        link = Link(journal, 0, bytes(32), bytes(32), bytes(16), 1, 1, bytes(16), 1, 1)
        said = DeviceInventory(
            agency="11990123MB0000001A",
            at=NOW,
            salt=bytes(16).hex(),
            journal=journal.hex(),
            length=1,
            head=link.hash().hex(),
            unsent=0,
            oldest_unsent_at=None,
            blobs_outstanding=0,
            bytes_outstanding=0,
            free_bytes=0,
            boot=bytes(16).hex(),
            monotonic=1,
            checkpoint_size=0,
            reference_version=1,
            program="fujie-field/0.1",
        )
        signed = envelope.sign(envelope.STATEMENT_TYPE, statements.encode(said), [device])
        files[f"{Kind.INVENTORY:d} {number}"] = envelope.encode(signed)
        files[f"{Kind.LINK:d} {number}"] = link.encode()
    return framed(files)


def _exports() -> list[Target]:
    vectors = frozen("export")
    good, key = vectors["good"], unhex(vectors["good"]["office_key"])
    sealed = unhex(good["export"])
    parts = [Part(one["kind"], unhex(one["body"])) for one in good["parts"]]

    public, chance = unhex(good["office_public"]), unhex(good["chance"])

    def opened(data: bytes) -> object:
        return list(unseal(io.BytesIO(data).read, key))

    def begun(data: bytes) -> object:
        found = reached(io.BytesIO(data).read, public, chance)
        assert found.size <= len(data)
        return found.whole

    inside = framed({f"{part.kind} {n}": part.body for n, part in enumerate(parts)})
    others = (unhex(good["in_three_frames"]), *strings(vectors["bad"], unhex))
    return [
        Target("export", (sealed, *others), opened, PROOF, slow=2),
        Target("export, opened", (sealed,), opened, PROOF, proves=True, slow=2),
        Target("export, begun", (sealed, sealed[:-1], sealed[:150]), begun, PROOF, slow=2),
        Target("export, inside", (inside, many_journals(4000)), taken, (*PROOF, BrokenChain)),
        Target(
            "export's manifest",
            (parts[0].body,),
            lambda data: Exported().take(Part(Kind.MANIFEST, data)),
        ),
    ]


def _answers() -> list[Target]:
    """What a tablet reads before it talks of it: the file, its manifest, and what proofs are made
    from."""
    vectors = frozen("answer")
    good, key = vectors["good"], unhex(vectors["good"]["tablet_key"])
    office = Verifier(ED25519, unhex(good["office"]))
    device = Verifier(ED25519, unhex(good["device"]))
    files = {name: unhex(body) for name, body in good["files"].items()}

    def opened(data: bytes) -> object:
        found: dict[str, bytes] = {}
        told = take_files(unseal_answer(io.BytesIO(data).read, key), found.__setitem__)
        answered = open_answered(told, {office.key_id: office})
        digests = {name: hashlib.sha256(body).digest() for name, body in found.items()}
        check_files(answered, digests)
        return answered, found

    def proved(data: bytes) -> Hashes:
        told = Hashes.decode(data)
        told.consistency(told.first, told.size)
        return told

    return [
        Target(
            "answer",
            (unhex(good["answer"]), *strings(vectors["bad"], unhex)),
            opened,
            PROOF,
            proves=True,
            slow=2,
        ),
        Target(
            "answer's question",
            (files["question"],),
            lambda data: open_asked(data, {device.key_id: device}),
            PROOF,
            proves=True,
        ),
        Target("answer's hashes", (files["log/hashes"],), proved, FORM, rewrite=Hashes.encode),
    ]


def _evidence() -> list[Target]:
    good = frozen("succession")["good"]
    key = VerifierKey.parse(good["key"])
    told = good["evidence"]
    shown = told.encode() if isinstance(told, str) else json.dumps(told).encode()

    def judged(data: bytes) -> object:
        return misbehaviour(read_evidence(data), [key])

    return [Target("evidence of an alarm", (shown,), judged, PROOF)]


def _scanned() -> list[Target]:
    """Another tablet reads a code with no network: it says what it is worth, and never fails but
    for a text that is no code at all."""
    world = scene().world
    issuers = [world.issuer_claims]
    shown = card.card_url(codes.BASE, world.shen.credential, codes.presentation()).encode()
    marked = mark.document_url(codes.BASE, codes.document_mark()).encode()
    return [
        Target(
            "card, scanned",
            (shown, marked),
            text(lambda told: check_card(told, world.reference, issuers, world.now)),
            FORM,
        ),
        Target(
            "document, scanned",
            (marked, shown),
            text(lambda told: check_mark(told, world.reference, issuers)),
            FORM,
        ),
    ]


@cache
def _work() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fujie-hunt-")


def _repository() -> Target:
    vectors = frozen("tuf")
    root = Verifier(ED25519, unhex(vectors["good"]["root_key"]))
    first = {
        name: unhex(body) if "dsse" in name else body.encode()
        for name, body in vectors["good"]["first"].items()
    }

    def followed(data: bytes) -> object:
        """A tablet that was just enrolled takes its reference data from a stick."""
        with tempfile.TemporaryDirectory(dir=_work().name) as folder:
            stick = Path(folder) / "stick"
            for name, body in unframed(data).items():
                if name not in first:
                    raise Malformed("expected a file of the repository")
                (stick / name).parent.mkdir(parents=True, exist_ok=True)
                (stick / name).write_bytes(body)
            source = repository.Stick(stick)
            fetched = repository.refresh(None, root, source, Path(folder) / "work", b"")
            return fetched.bundle, repository.keys_of(fetched.held.root)

    return Target(
        "tuf repository on a stick",
        (framed(first),),
        followed,
        (Malformed, Unverified, NoRepository, ReferenceRefused),
        proves=True,
        slow=300,
    )
