"""Entries, the log's leaves; and receipts, which prove one to anybody (c2sp.org/tlog-proof@v1).

    c2sp.org/tlog-proof@v1
    extra AWZwdNfvbsw…                               the entry, base64
    index 2                                          the leaf's number, from 0
    3ZM4TnwX6vS4++iiptHiwBLgAce/JcjEUctELU0n5Hs=     siblings, from the leaf upward

    log.yunxi.example/fujie                          the checkpoint, to its last byte
    5
    iQXNPln4yJf6RckXNHcVuZqWyAoMpADkmw0guYeAnUc=

    — log.yunxi.example/fujie 0uW78IrWA+Vv…

The format calls ``extra`` untrusted, and so it is until the last step of ``verify_receipt``:
the reader computes the link's and the record's hashes from the things themselves, compares
them with the entry, and then finds the entry's leaf hash under the signed root.

An entry names nobody. Its bytes, big-endian:

    version 1 │ link hash 32 │ record hash 32 │ received ms u64 │ verdict u8 │ n u8 │ n reasons

>>> Entry(bytes(32), bytes(32), 1_790_000_000_000, Verdict.ACCEPTED).encode()[-3:].hex()
'000100'
"""

import base64
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import msgspec

from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint, read_decimal
from protocol.errors import BadInclusion, Malformed, TooLarge
from protocol.merkle import check_inclusion, leaf_hash
from protocol.note import MAX_NOTE, decode_base64
from protocol.parts import LATEST
from protocol.witness import Policy

MAGIC = "c2sp.org/tlog-proof@v1"
ENTRY_VERSION = 1
MAX_REASONS = 16
MAX_PROOF = 63
MAX_RECEIPT = MAX_NOTE + 4096

_FIXED = struct.Struct(">B32s32sQBB")
_TOLD = struct.Struct(">QBB")


class Verdict(IntEnum):
    """What the server said when it admitted a link; it never changes."""

    ACCEPTED = 1
    FLAGGED = 2

    @property
    def zh(self) -> str:
        """The verdict in Chinese."""
        return "存疑接收" if self is Verdict.FLAGGED else "接收"

    @property
    def en(self) -> str:
        """The verdict in English."""
        return self.name.lower()


_VERDICTS = {int(verdict): verdict for verdict in Verdict}


class Reason(IntEnum):
    """Why an entry is flagged. Later versions add codes and never change one."""

    BAD_SIGNATURE = 1
    UNREADABLE_YET = 2
    MALFORMED = 3
    STATEMENT_ABSENT = 4
    UNKNOWN_SIGNER = 5

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return _REASONS_ZH[self]

    @property
    def en(self) -> str:
        """The reason in English."""
        return self.name.lower().replace("_", " ")


_REASONS_ZH = {
    Reason.BAD_SIGNATURE: "签名无效",
    Reason.UNREADABLE_YET: "暂不能识读",
    Reason.MALFORMED: "格式错误",
    Reason.STATEMENT_ABSENT: "陈述未随送",
    Reason.UNKNOWN_SIGNER: "签名人不明",
}


class Entry(msgspec.Struct, frozen=True):
    """One leaf: what was received, when, and the verdict on it.

    Hashes are 32 bytes; ``received_at`` is ms since the epoch, UTC. ``reasons`` ascend, none
    twice, none if accepted; a code that this program does not know stays a number.
    """

    link_hash: bytes
    record_hash: bytes
    received_at: int
    verdict: Verdict
    reasons: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.link_hash) != 32 or len(self.record_hash) != 32:
            raise Malformed("expected hashes of 32 bytes in an entry; compute them again")
        if not 0 <= self.received_at <= LATEST:
            raise Malformed("expected a time in ms, got {at}", at=self.received_at)
        flagged = self.verdict is Verdict.FLAGGED
        if flagged != bool(self.reasons) or (flagged and not _ascend(self.reasons)):
            raise Malformed(
                "expected ascending reasons if and only if flagged, got {verdict} with "
                "{reasons}; ask for the receipt again",
                verdict=self.verdict.en,
                reasons=self.reasons,
            )

    @property
    def doubted(self) -> bool:
        """Whether form or signature were doubted. That a statement came after its link, or
        could not be read yet by the program of that day, says nothing against it."""
        return bool({*self.reasons} - {Reason.STATEMENT_ABSENT, Reason.UNREADABLE_YET})

    def encode(self) -> bytes:
        """The bytes whose leaf hash is in the log."""
        return encode_entry(self.link_hash, self.record_hash, self.received_at, self.reasons)

    @classmethod
    def decode(cls, data: bytes) -> "Entry":
        """Read an entry; one value has one encoding. Raises Malformed."""
        if len(data) < _FIXED.size or len(data) != _FIXED.size + data[_FIXED.size - 1]:
            raise Malformed(
                "expected an entry of {size} bytes and its reasons, got {length}; "
                "ask for the receipt again",
                size=_FIXED.size,
                length=len(data),
            )
        version, link_hash, record_hash, received_at, verdict, _ = _FIXED.unpack_from(data)
        if version != ENTRY_VERSION or verdict not in _VERDICTS:
            raise Malformed(
                "expected an entry of version 1 with a verdict of 1 or 2, got {version} and "
                "{verdict}; update this program",
                version=version,
                verdict=verdict,
            )
        reasons = tuple(data[_FIXED.size :])
        return cls(link_hash, record_hash, received_at, _VERDICTS[verdict], reasons)


def encode_entry(
    link_hash: bytes, record_hash: bytes, received_at: int, reasons: tuple[int, ...]
) -> bytes:
    """The bytes of an entry whose parts are known to be sound; flagged if there are reasons."""
    verdict = Verdict.FLAGGED if reasons else Verdict.ACCEPTED
    parts = (ENTRY_VERSION, link_hash, record_hash, received_at, verdict, len(reasons))
    return _FIXED.pack(*parts) + bytes(reasons)


def encode_accepted(hashes: Iterable[tuple[bytes, bytes]], received_at: int) -> list[bytes]:
    """The same of many that are accepted: of pairs of a link's and a record's hash."""
    pack, verdict = _FIXED.pack, int(Verdict.ACCEPTED)
    return [pack(ENTRY_VERSION, link, record, received_at, verdict, 0) for link, record in hashes]


def received(entry: bytes) -> tuple[int, bytes]:
    """When an encoded entry was received, and its reasons: of one that this program wrote."""
    at, _, _ = _TOLD.unpack_from(entry, _FIXED.size - _TOLD.size)
    return at, entry[_FIXED.size :]


def _ascend(reasons: tuple[int, ...]) -> bool:
    known = sorted({code for code in reasons if 0 < code < 256})
    return list(reasons) == known and len(known) <= MAX_REASONS


@dataclass(frozen=True)
class Receipt:
    """An entry, its number, the way from its leaf to the root, and the root's checkpoint.

    All still as bytes: nothing here is checked before ``verify_receipt``.
    """

    entry_bytes: bytes
    index: int
    proof: tuple[bytes, ...]
    checkpoint_bytes: bytes

    @property
    def entry(self) -> Entry:
        """The entry, read. Raises Malformed."""
        return Entry.decode(self.entry_bytes)

    def encode(self) -> bytes:
        """The text of a ``.tlog-proof`` file."""
        lines = [MAGIC, f"extra {_base64(self.entry_bytes)}", f"index {self.index}"]
        lines += [_base64(sibling) for sibling in self.proof]
        return "\n".join([*lines, "", ""]).encode() + self.checkpoint_bytes

    @classmethod
    def decode(cls, data: bytes) -> "Receipt":
        """Read a receipt's form; encoding it again gives the same bytes.

        Raises Malformed or TooLarge. Proves nothing yet.
        """
        if len(data) > MAX_RECEIPT:
            raise TooLarge(
                "expected a receipt of at most {bound} bytes, got {size}; ask for it again",
                bound=MAX_RECEIPT,
                size=len(data),
            )
        head, divider, checkpoint = data.partition(b"\n\n")
        try:
            magic, *lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            raise Malformed("expected a receipt's head in ASCII; ask for it again") from None
        if magic != MAGIC or not divider or len(lines) < 2 or len(lines) - 2 > MAX_PROOF:
            raise Malformed(
                "expected {magic}, then extra, index, a proof, an empty line and a checkpoint; "
                "ask for the receipt again",
                magic=MAGIC,
            )
        proof = tuple(decode_base64(line) for line in lines[2:])
        index = read_decimal(_field(lines[1], "index "))
        return cls(decode_base64(_field(lines[0], "extra ")), index, proof, checkpoint)


def verify_receipt(
    receipt: Receipt,
    link_hash: bytes,
    record_hash: bytes,
    verifiers: Iterable[VerifierKey],
    origin: str,
    policy: Policy | None = None,
) -> Checkpoint:
    """Check that the log of ``origin`` admitted exactly this link of this record, and that as
    many witnesses as the ``policy`` asks for have seen the head that says so.

    The caller computes both hashes from the link and the envelope that he holds. Returns the
    checkpoint, whose place in the log's one history is for ``trust.TrustedLog`` to judge.
    Raises Malformed, BadInclusion, or what ``open_checkpoint`` raises.
    """
    entry = receipt.entry
    if entry.link_hash != link_hash or entry.record_hash != record_hash:
        raise BadInclusion(
            "expected a receipt for link {link}, got one for {got}; ask for the right receipt",
            link=link_hash.hex(),
            got=entry.link_hash.hex(),
        )
    checkpoint = open_checkpoint(receipt.checkpoint_bytes, verifiers, origin, policy)
    leaf = leaf_hash(receipt.entry_bytes)
    check_inclusion(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return checkpoint


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _field(line: str, name: str) -> str:
    if not line.startswith(name):
        raise Malformed(
            "expected a line that starts with {name}, got {line}; ask for the receipt again",
            name=name,
            line=line[:60],
        )
    return line.removeprefix(name)
