"""Targets: what the log serves and signs. Notes, heads, entries, receipts, successions."""

from __future__ import annotations

from protocol.checkpoint import Checkpoint, open_checkpoint, read_decimal
from protocol.errors import Alarm
from protocol.keys import ED25519, Verifier
from protocol.misbehaviour import misbehaviour, read_evidence
from protocol.note import VerifierKey, decode_base64, open_note
from protocol.receipt import Entry, Receipt, verify_receipt
from protocol.succession import follow, follow_all, read_chain, write_chain
from protocol.trust import TrustedLog
from tests.cast import ORIGIN
from tests.fuzzing.scene import scene
from tests.fuzzing.target import PROOF, Target, frozen, strings, text, unhex


def targets() -> list[Target]:
    """Every one of them."""
    return [*_notes(), *_receipts(), *_successions()]


def _notes() -> list[Target]:
    log, vectors = scene().world.log, frozen("checkpoint")
    keys = [log.key]
    notes = strings(vectors)
    bodies = tuple(note.partition(b"\n\n")[0] + b"\n" for note in notes if b"\n\n" in note)
    return [
        Target("note", (log.checkpoint(), *notes), lambda data: open_note(data, keys), PROOF),
        Target(
            "checkpoint",
            (log.checkpoint(),),
            lambda data: open_checkpoint(data, keys, ORIGIN),
            PROOF,
            proves=True,
        ),
        Target(
            "checkpoint's text",
            bodies,
            text(Checkpoint.parse),
            rewrite=lambda head: head.text().encode(),
            one_form=False,
        ),
        Target(
            "verifier key",
            (log.key.text().encode(), *notes),
            text(VerifierKey.parse),
            rewrite=lambda key: key.text().encode(),
        ),
        Target("decimal", (b"12", b"0", str((1 << 63) - 1).encode()), text(read_decimal)),
        Target("base64", (b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",), text(decode_base64)),
    ]


def _receipts() -> list[Target]:
    world, record, vectors = scene().world, scene().record, frozen("receipt")
    keys, link = [world.log.key], record.link
    receipt = world.receipt(record)
    entries = tuple(unhex(vectors["good"][name]) for name in ("entry", "flagged_entry"))

    def proved(data: bytes) -> object:
        """A witness or another key may sign beside the log; that changes no proof."""
        read = Receipt.decode(data)
        head = verify_receipt(read, link.hash(), link.record, keys, ORIGIN)
        return read.entry, read.index, head

    return [
        Target(
            "entry",
            (Receipt.decode(receipt).entry_bytes, *entries),
            Entry.decode,
            rewrite=Entry.encode,
        ),
        Target("receipt", (receipt, *strings(vectors)), Receipt.decode, rewrite=Receipt.encode),
        Target("receipt, proved", (receipt,), proved, PROOF, proves=True),
    ]


def _successions() -> list[Target]:
    good = frozen("trust")["good"]
    root = Verifier(ED25519, unhex(good["root_key"]))
    seen = good["second"].encode()
    log = TrustedLog(good["origin"], [VerifierKey.parse(good["key"])], seen)

    def followed(data: bytes) -> object:
        found = follow(log, data, [root])
        return found.succession, found.taken_over

    return [
        Target(
            "succession",
            (unhex(good["succession"]), *strings(frozen("trust")["bad"]["follow"], unhex)),
            followed,
            (*PROOF, Alarm),
            proves=True,
        ),
        *_lines(),
    ]


def _lines() -> list[Target]:
    """What a log serves of its successions, and what a tablet keeps of an alarm."""
    good, bad = frozen("succession")["good"], frozen("succession")["bad"]
    root = Verifier(ED25519, unhex(good["root_key"]))
    keys = [VerifierKey.parse(good["key"])]
    log = TrustedLog(good["origin"], keys, good["seen"].encode())

    def followed(data: bytes) -> object:
        return [one.succession for one in follow_all(log, [data], [root])]

    return [
        Target(
            "succession with later heads",
            (unhex(good["succession"]), *strings(bad["follow"], unhex)),
            followed,
            (*PROOF, Alarm),
        ),
        Target(
            "chain of successions",
            (good["chain"].encode(),),
            read_chain,
            rewrite=write_chain,
            one_form=False,
        ),
        Target(
            "evidence",
            (good["evidence"].encode(),),
            lambda data: misbehaviour(read_evidence(data), keys),
            PROOF,
        ),
    ]
