"""Hostile bytes at every parser of the protocol.

Good bytes are broken, cut, spliced and blown up. Two things must hold whatever comes out:

- a parser answers with a value or a ``FujieError``, never with another exception;
- what proves something (a signature, a place in the log) proves the same or nothing.

    $ FUZZ_S=60 python -m tests.fuzz          random, for that many seconds; prints its seed
    $ FUZZ_SEED=7 FUZZ_S=60 python -m tests.fuzz
"""

from __future__ import annotations

import base64
import io
import json
import os
import random
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from protocol import (
    bag,
    card,
    chain,
    credential,
    envelope,
    mark,
    messages,
    qr,
    redaction,
    statements,
)
from protocol.calendar import local_day
from protocol.casecheck import holds, verify_zip
from protocol.casefile import KEYS
from protocol.casekeys import read_keys
from protocol.casetrust import read_trust
from protocol.checkpoint import Checkpoint, open_checkpoint
from protocol.errors import FujieError
from protocol.keys import ED25519, Verifier
from protocol.note import VerifierKey
from protocol.receipt import Entry, Receipt, verify_receipt
from protocol.reference import open_reference, sign_reference
from protocol.requests import sign_request, verify_request
from protocol.succession import follow
from protocol.trust import TrustedLog
from protocol.vocabulary import DocumentKind
from tests import wire
from tests.cast import DECISION_NUMBER, ORIGIN
from tests.worlds import World

VECTORS = Path(__file__).parent / "vectors"
NOW = 1_790_000_000_000
INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x80",
    b"\n",
    b" ",
    b"0",
    b"-1",
    b"{",
    b"[",
    b'"',
    b"\xe2\x80\x94",
)


class Target(NamedTuple):
    """A parser and good bytes for it. If it ``proves``, broken bytes that it takes must mean
    what the good ones meant."""

    name: str
    good: bytes
    parse: Callable[[bytes], object]
    proves: bool = False


class Finding(NamedTuple):
    """Bytes that a parser did not withstand."""

    target: str
    data: bytes
    fault: str


def targets() -> list[Target]:
    """Every parser with good bytes, from one small world with fixed keys."""
    world = World()
    case = world.inspection()
    record = case.decision
    signed = envelope.encode(record.envelope)
    known = {p.signer.verifier.key_id: p.signer.verifier for p in (world.shen, world.lu)}
    return [
        Target("envelope (msgpack)", signed, envelope.decode),
        Target("envelope (json)", envelope.encode_json(record.envelope), envelope.decode_json),
        Target("envelope, signed", signed, lambda data: _signed(data, known), proves=True),
        *(
            Target(f"statement {kind}", body.encode(), statement_read)
            for kind, body in frozen("statements")["good"]["kinds"].items()
        ),
        Target("link", record.link.encode(), lambda data: chain.decode_link(data).hash()),
        *_log_targets(world, record.link.hash(), record.hash, world.receipt(record)),
        *_small_targets(world, case.id),
        *_wire_targets(world),
        *_file_targets(),
    ]


def frozen(subject: str) -> dict[str, Any]:
    """The frozen vectors of one subject."""
    read: dict[str, Any] = json.loads((VECTORS / f"{subject}.json").read_text(encoding="utf-8"))
    return read


def statement_read(data: bytes) -> object:
    """A body that is read can be written, has a day, and its blobs can be listed."""
    read = statements.decode(data)
    local_day(read.at)
    statements.blobs_of(read)
    return statements.encode(read) if isinstance(read, statements.Statement) else read.kind


def _signed(data: bytes, known: dict[bytes, object]) -> object:
    read = envelope.decode(data)
    signers = envelope.verify(read, known.get)  # type: ignore[arg-type]
    return read.payload_type, read.body, [signer.key_id for signer in signers]


def _log_targets(world: World, link: bytes, record: bytes, receipt: bytes) -> list[Target]:
    keys = [world.log.key]

    def proved(data: bytes) -> Checkpoint:
        return verify_receipt(Receipt.decode(data), link, record, keys, ORIGIN)

    return [
        Target("entry", Receipt.decode(receipt).entry_bytes, Entry.decode),
        Target("receipt", receipt, Receipt.decode),
        Target("receipt, proved", receipt, proved, proves=True),
        Target(
            "checkpoint",
            world.log.checkpoint(),
            lambda data: open_checkpoint(data, keys, ORIGIN),
            proves=True,
        ),
        Target("verifier key", world.log.key.text().encode(), _text(VerifierKey.parse)),
    ]


def _small_targets(world: World, case: bytes) -> list[Target]:
    issuer, device = world.issuer_claims, world.device.claims
    shown = card.present(world.device.signer, world.shen.credential, case, world.now, 30, bytes(8))
    marked = mark.document_mark(
        world.device.signer,
        mark.DocumentMark(
            issuer.agency, DocumentKind.SPOT_DECISION, DECISION_NUMBER, bytes(16), bytes(32), NOW
        ),
    )
    url = card.card_url("https://log.yunxi.example", world.shen.credential, shown)
    content = redaction.commit([redaction.Piece("fine", "罚款500元")], [bytes(16)], "spot", 1)
    reference = sign_reference(world.reference, world.issuer)
    return [
        Target(
            "issuer certificate",
            world.issuer_certificate,
            lambda data: credential.open_issuer(data, world.root.verifier),
            proves=True,
        ),
        Target(
            "officer credential",
            world.shen.credential,
            lambda data: credential.open_officer(data, issuer),
            proves=True,
        ),
        Target(
            "device certificate",
            world.device.certificate,
            lambda data: credential.open_device(data, issuer),
            proves=True,
        ),
        Target(
            "presentation",
            shown,
            lambda data: card.open_presentation(
                data, world.shen.credential, device, world.now, case
            ),
            proves=True,
        ),
        Target("document mark", marked, lambda data: mark.open_mark(data, device), proves=True),
        Target("card address", url.encode(), _text(card.parse_card_url)),
        Target("qr payload", url.encode(), _text(lambda text: qr.payload(text, "V"))),
        Target("content", redaction.encode_content(content), redaction.decode_content),
        Target(
            "reference data",
            reference,
            lambda data: open_reference(data, world.issuer.verifier, 0),
            proves=True,
        ),
    ]


def _wire_targets(world: World) -> list[Target]:
    place = ("POST", "log.example", "/v1/push", "")
    known = {world.device.signer.verifier.key_id: world.device.signer.verifier}
    headers = sign_request(*place, {}, b"body", world.device.signer, world.now, "0" * 32)

    def request(data: bytes) -> object:
        """One header, broken; the others as they were signed."""
        broken = headers | {"Signature-Input": data.decode("latin-1")}
        return verify_request(*place, broken, b"body", known.get, world.now)

    good = headers["Signature-Input"].encode("latin-1")
    return [
        *(
            Target(f"message {type(one).__name__}", messages.encode(one), _message(type(one)))
            for one in wire.ALL
        ),
        Target("signed request", good, request, proves=True),
    ]


def _message(kind: type[messages.Message]) -> Callable[[bytes], object]:
    return lambda data: messages.decode(data, kind)


def _file_targets() -> list[Target]:
    """The files that people hand to one another: trust, succession, the case file."""
    case, followed = frozen("casefile"), frozen("trust")["good"]
    trust_json = json.dumps(case["trust"]).encode()
    trust = read_trust(trust_json)
    packed = base64.b64decode(case["good"])
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        keys, listed = (opened.read(f"case/{name}") for name in (KEYS, bag.PAYLOAD))
    root = Verifier(ED25519, bytes.fromhex(followed["root_key"]))
    log = TrustedLog(followed["origin"], [VerifierKey.parse(followed["key"])])

    def checked(data: bytes) -> object:
        return [(c.name, c.level, c.en) for c in verify_zip(io.BytesIO(data), trust) if c.ok]

    def whole(data: bytes) -> bool:
        return holds(verify_zip(io.BytesIO(data), trust)) and data != packed

    return [
        Target("trust file", trust_json, read_trust),
        Target("key list", keys, lambda data: sorted(read_keys(data, trust.roots))),
        Target("manifest", listed, bag.read_manifest),
        Target("case file, check by check", packed, checked),
        Target("case file, as a whole", packed, whole, proves=True),
        Target(
            "succession",
            bytes.fromhex(followed["succession"]),
            lambda data: follow(log, data, [root]).succession,
            proves=True,
        ),
    ]


def _text(parse: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parse(data.decode("utf-8", "replace"))


def broken(good: bytes, chance: random.Random) -> bytes:
    """``good`` after one to three of the things that go wrong."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 3)):
        _break(data, chance)
    return bytes(data)


def _break(data: bytearray, chance: random.Random) -> None:
    at, to = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    match chance.randrange(7):
        case 0 if data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
        case 1 if data:
            data[min(at, len(data) - 1)] = chance.randrange(256)
        case 2:
            del data[at : min(to, at + 64)]
        case 3:
            data[at:at] = chance.choice(INTERESTING)
        case 4:
            data[at:at] = data[at : min(to, at + 64)]
        case 5:
            data[at:to] = bytes(reversed(data[at : min(to, at + 16)])) + data[at + 16 : to]
        case _:
            data[at:at] = chance.choice(INTERESTING) * chance.choice((2, 40, 3000))


def attempt(target: Target, data: bytes, meant: object) -> Finding | None:
    """What is wrong with the answer to ``data``, if anything."""
    try:
        answer = target.parse(data)
    except FujieError:
        return None
    except Exception as fault:  # noqa: BLE001  the search is for exactly these
        return Finding(target.name, data, f"{type(fault).__name__}: {fault}")
    if target.proves and answer != meant:
        return Finding(target.name, data, f"proved something else: {answer!r}"[:300])
    return None


def findings(rounds: Iterator[int], seed: int) -> Iterator[Finding | None]:
    """One attempt on each target per round."""
    chance = random.Random(seed)
    all_targets = [(target, target.parse(target.good)) for target in targets()]
    for _ in rounds:
        for target, meant in all_targets:
            yield attempt(target, broken(target.good, chance), meant)


def main() -> int:
    """Search for FUZZ_S seconds; 1 if something was found."""
    seconds = float(os.environ.get("FUZZ_S") or 60)
    seed = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"seed {seed}, {seconds:.0f} s")
    ends = time.monotonic() + seconds
    count, found = 0, {}
    for finding in findings(iter(lambda: time.monotonic() < ends, False), seed):
        count += 1
        kind = finding and (finding.target, finding.fault.partition(":")[0])
        if finding and kind not in found:
            found[kind] = finding
            print(f"{finding.target}: {finding.fault}\n  {finding.data.hex()[:400]}")
    print(f"{count} attempts, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
