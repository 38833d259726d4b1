"""What the protocol costs over the signatures that it cannot do without.

The peer is PyNaCl itself: one Ed25519 verification of the same bytes. A statement is signed by two
officers, so admitting one cannot cost less than two of these. SM2 stands beside it where the
machine has it: one signature each, and a statement that two officers signed by both suites.

    $ python -m benchmarks.protocol
      verify_two_signatures              microseconds 85.5, raw_verifications 2.13
"""

from __future__ import annotations

from collections.abc import Callable

import nacl.signing

from benchmarks._timing import keep, measure
from protocol import envelope as dsse
from protocol import sm2, statements
from protocol.chain import EMPTY, NO_CASE, Link, advance, decode_link
from protocol.checkpoint import Checkpoint, sign_checkpoint
from protocol.keys import Ed25519Signer, Sm2Signer
from protocol.merkle import Frontier, inclusion_proof, leaf_hash, stored_hashes
from protocol.note import VerifierKey
from protocol.receipt import Entry, Receipt, Verdict, verify_receipt
from protocol.statements import Corrected

ORIGIN = "log.yunxi.example/fujie"
NOW = 1_790_000_000_000
OFFICERS = [Ed25519Signer(bytes([number]) * 32) for number in (1, 2)]
LOG = Ed25519Signer(bytes([3]) * 32)


def example() -> dsse.Envelope:
    """A statement of 1.5 KB, signed by two officers."""
    body = statements.encode(
        Corrected(
            agency="11990123MB0000001A",
            at=NOW,
            salt="00" * 16,
            case="11" * 32,
            record="22" * 32,
            reason="笔误",
            text="七种散装商品未标明价格。" * 34,
        )
    )
    return dsse.sign(dsse.STATEMENT_TYPE, body, OFFICERS)


def example_receipt(link: bytes, record: bytes, size: int = 1 << 14) -> bytes:
    """A receipt in a log of ``size`` entries."""
    entry = Entry(link, record, NOW, Verdict.ACCEPTED).encode()
    store: dict[tuple[int, int], bytes] = {}
    frontier = Frontier()
    for index in range(size):
        leaf = leaf_hash(entry if index == size // 3 else index.to_bytes(8, "big"))
        for level, place, made in stored_hashes(index, leaf, lambda lv, at: store[lv, at]):
            store[level, place] = made
        frontier.append(leaf)
    proof = inclusion_proof(size // 3, size, lambda level, place: store[level, place])
    note = sign_checkpoint(Checkpoint(ORIGIN, size, frontier.root()), LOG)
    return Receipt(entry, size // 3, tuple(proof), note).encode()


def suites(body: bytes) -> dict[str, Callable[[], object]]:
    """The two suites side by side."""
    message = dsse.pae(dsse.STATEMENT_TYPE, body)
    one, made = OFFICERS[0], OFFICERS[0].sign(message)
    found: dict[str, Callable[[], object]] = {
        "ed25519_sign": lambda: one.sign(message),
        "ed25519_verify": lambda: one.verifier.verify(message, made),
    }
    if sm2.available():
        second = [Sm2Signer(bytes([number]) * 32) for number in (1, 2)]
        other, by_sm2 = second[0], second[0].sign(message)
        both = dsse.sign(dsse.STATEMENT_TYPE, body, [*OFFICERS, *second])
        known = {key.verifier.key_id: key.verifier for key in (*OFFICERS, *second)}
        found |= {
            "sm2_sign": lambda: other.sign(message),
            "sm2_verify": lambda: other.verifier.verify(message, by_sm2),
            "verify_two_officers_by_both_suites": lambda: dsse.verify(both, known.get),
        }
    return found


def operations() -> dict[str, Callable[[], object]]:
    """Each by the name under which its figure is kept."""
    envelope = example()
    wire = dsse.encode(envelope)
    record = dsse.record_hash(envelope)
    link = Link(bytes(16), 0, bytes(32), record, NO_CASE, 1, NOW, bytes(16), 1, 0)
    link_bytes = link.encode()
    receipt = example_receipt(link.hash(), record)
    known = {signer.verifier.key_id: signer.verifier for signer in OFFICERS}
    log_keys = [VerifierKey(ORIGIN, LOG.verifier.public_key)]

    def admit_form() -> None:
        read = dsse.decode(wire)
        placed = decode_link(link_bytes)
        assert dsse.record_hash(read) == placed.record
        dsse.verify(read, known.get)
        advance(EMPTY, placed)

    return {
        **suites(envelope.body),
        "sign_by_two": lambda: dsse.sign(dsse.STATEMENT_TYPE, envelope.body, OFFICERS),
        "verify_two_signatures": lambda: dsse.verify(envelope, known.get),
        "decode_envelope": lambda: dsse.decode(wire),
        "decode_statement": lambda: statements.decode(envelope.body),
        "record_hash": lambda: dsse.record_hash(envelope),
        "link_decode_and_advance": lambda: advance(EMPTY, decode_link(link_bytes)),
        "all_that_intake_checks": admit_form,
        "verify_receipt": lambda: verify_receipt(
            Receipt.decode(receipt), link.hash(), record, log_keys, ORIGIN
        ),
    }


def main() -> None:
    """Measure and keep the figures."""
    envelope = example()
    message = dsse.pae(envelope.payload_type, envelope.body)
    key = nacl.signing.SigningKey(bytes([1]) * 32)
    signature = key.sign(message).signature
    raw = measure(lambda: key.verify_key.verify(message, signature))
    figures: dict[str, object] = {
        "statement_bytes": len(envelope.body),
        "raw_pynacl_verify": {"microseconds": round(raw * 1e6, 1)},
    }
    for name, call in operations().items():
        spent = measure(call)
        figures[name] = {
            "microseconds": round(spent * 1e6, 1),
            "raw_verifications": round(spent / raw, 2),
        }
    keep("protocol", figures)


if __name__ == "__main__":
    main()
