"""Whether signed heads of one log prove that it told two stories.

    two heads of one size with two roots     proof by themselves: nobody but the log could sign both
    any others                               no proof: a longer head may continue the shorter one,
                                             and it is for the log to show that it does

A tablet keeps such heads when it raises an alarm, as ``{"evidence": [note, …]}`` beside its own
words for it; the judge needs those notes and the log's key from a source of his own, and nothing
else that the file says.

>>> from protocol.checkpoint import sign_checkpoint
>>> from protocol.keys import Ed25519Signer
>>> log = Ed25519Signer(bytes(32))
>>> key = VerifierKey("log.example", log.verifier.public_key)
>>> heads = [sign_checkpoint(Checkpoint("log.example", 5, bytes([n]) * 32), log) for n in (1, 2)]
>>> misbehaviour(heads, [key]).conclusive
True
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

import msgspec

from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import Malformed, TooLarge

MAX_EVIDENCE = 1 << 20
MAX_NOTES = 64


@dataclass(frozen=True)
class Judgement:
    """What the heads prove. ``sizes`` are those of the two that decide it, or of all."""

    origin: str
    sizes: tuple[int, ...]
    conclusive: bool
    zh: str
    en: str


class _Evidence(msgspec.Struct, frozen=True):
    evidence: Annotated[list[str], msgspec.Meta(min_length=2, max_length=MAX_NOTES)]


def read_evidence(data: bytes) -> list[bytes]:
    """The notes in an evidence file. Raises TooLarge, Malformed."""
    if len(data) > MAX_EVIDENCE:
        raise TooLarge(
            "expected at most {bound} bytes of evidence, got {size}",
            bound=MAX_EVIDENCE,
            size=len(data),
        )
    try:
        read = msgspec.json.decode(data, type=_Evidence)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise Malformed("expected evidence in JSON: {fault}", fault=str(fault)) from None
    return [note.encode() for note in read.evidence]


def misbehaviour(notes: Sequence[bytes], keys: Iterable[VerifierKey]) -> Judgement:
    """Judge signed heads of the log whose ``keys`` are believed, all of one name.

    Raises what ``open_checkpoint`` raises for a head that these keys did not sign.
    """
    known = list(keys)
    if not known or len({key.name for key in known}) != 1:
        raise Malformed("expected the keys of one log; check one log at a time")
    origin = known[0].name
    heads = [open_checkpoint(note, known, origin) for note in notes]
    for one, other in combinations(heads, 2):
        if one.size == other.size and one.root != other.root:
            return _proved(one, other)
    sizes = tuple(sorted(head.size for head in heads))
    return Judgement(
        origin,
        sizes,
        False,
        f"{origin} 的这些检查点（{_listed(sizes, '、')} 条）可能同属一段历史，"
        "单凭它们不能证明日志作伪；应由日志出示一致性证明",
        f"these heads of {origin} ({_listed(sizes, ', ')} entries) may be of one history; by "
        "themselves they do not prove that it lied, the log has to show how they follow",
    )


def _proved(one: Checkpoint, other: Checkpoint) -> Judgement:
    return Judgement(
        one.origin,
        (one.size, other.size),
        True,
        f"{one.origin} 就同样的 {one.size} 条记录签署了两个不同的根：日志作伪，证据确凿",
        f"{one.origin} signed two different roots for the same {one.size} entries: it told two "
        "stories, and this proves it",
    )


def _listed(sizes: Sequence[int], comma: str) -> str:
    return comma.join(map(str, sizes))
