"""What tablets save in a simulation: signed once for each process, verified once each.

Most statements are good. Some are what a tablet with a damaged disk, a newer program or an
unknown officer would send; each must get its place in the log and block nothing behind it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import decode_link
from protocol.envelope import STATEMENT_TYPE
from protocol.keys import Signer, Verifier
from protocol.messages import PushItem
from protocol.receipt import Reason
from protocol.registry.registry import Registry
from protocol.statements import BlobRef
from protocol.vocabulary import MediaKind, Outcome, Step
from sync_server.log.intake import BELIEVED, BadLink, Checked, verify
from sync_server.log.packed import MOST_BYTES, packed
from sync_server.log.stretch import Stretch
from tests.cast import AGENCY, seeded
from tests.simulation.world import START

OFFICER = seeded("simulated officer")
STRANGER = seeded("somebody whom nobody knows")
CASE = "ab" * 32
SIZES = (900, 40_000, 300_000, 1_300_000, 3_000_000)


@dataclass(frozen=True)
class Sample:
    """A statement as a tablet keeps it, and what intake must say of it."""

    record: bytes
    sent: bytes | None
    reasons: tuple[int, ...] = ()
    blob: bytes | None = None
    size: int = 0


def _said(number: int) -> dict[str, object]:
    salt = sha256(number.to_bytes(8, "big")).digest()[:16].hex()
    return {"agency": AGENCY, "at": START, "salt": salt, "case": CASE}


def _closing(number: int) -> bytes:
    closed = statements.InspectionClosed(**_said(number), outcome=Outcome.PENALISED_ON_SPOT)
    return statements.encode(closed)


def _sample(body: bytes, *reasons: Reason, signer: Signer = OFFICER, sent: bool = True) -> Sample:
    signed = dsse.sign(STATEMENT_TYPE, body, [signer])
    data = dsse.encode(signed) if sent else None
    return Sample(dsse.record_hash(signed), data, tuple(sorted(reasons)))


def _photo(number: int) -> Sample:
    name = sha256(b"photo %d" % number).digest()
    size = SIZES[number % len(SIZES)]
    taken = statements.MediaCaptured(
        **_said(number),
        media=MediaKind.PHOTO,
        blob=BlobRef(sha256=name.hex(), size=size, media_type="image/jpeg"),
        case_no="云市监检〔2026〕318号",
        began_at=START,
        ended_at=START,
        place=statements.Place(text="货架3"),
        recorder="00992304117",
        purpose="证明散装商品未标明价格",
        step=Step.EVIDENCE,
        device="YX-T07",
    )
    return replace(_sample(statements.encode(taken)), blob=name, size=size)


def _bad_signature() -> Sample:
    signed = dsse.sign(STATEMENT_TYPE, _closing(90), [OFFICER])
    (made,) = signed.signatures
    broken = type(made)(made.key_id, made.signature[:-1] + bytes([made.signature[-1] ^ 1]))
    wrong = type(signed)(signed.payload_type, signed.body, (broken,))
    return Sample(dsse.record_hash(wrong), dsse.encode(wrong), (Reason.BAD_SIGNATURE,))


@cache
def good() -> tuple[Sample, ...]:
    """Ordinary records."""
    return tuple(_sample(_closing(number)) for number in range(8))


@cache
def bad() -> tuple[Sample, ...]:
    """Records of which each has another fault."""
    closing = _closing(91)
    return (
        _bad_signature(),
        _sample(closing, Reason.STATEMENT_ABSENT, sent=False),
        replace(_sample(closing), sent=b"\xc1 no envelope", reasons=(Reason.MALFORMED,)),
        replace(good()[0], record=bytes(31) + b"x", reasons=(Reason.STATEMENT_ABSENT,)),
        _sample(b'{"kind":"inspection_closed"', Reason.MALFORMED),
        _sample(closing.replace(b"closed", b"dreamt"), Reason.UNREADABLE_YET),
        _sample(closing, Reason.UNKNOWN_SIGNER, signer=STRANGER),
    )


@cache
def photos() -> tuple[Sample, ...]:
    """Records that name a blob, each another one."""
    return tuple(_photo(number) for number in range(160))


class Album:
    """The samples of one schedule: no blob is taken twice."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._photos = list(photos())

    def next(self) -> Sample:
        """What an officer saves next."""
        drawn = self._chance.random()
        if drawn < 0.3 and self._photos:
            return self._photos.pop()
        return self._chance.choice(bad() if drawn < 0.4 else good())


# ── verification, as intake does it, each statement once ─────────────────────────────────

_verified: dict[bytes, Checked] = {}


def checked(item: PushItem, registry: Registry) -> Checked | BadLink:
    """``intake.verify``; a signature that was checked before in this process is not again."""
    known = _verified.get(item.statement or b"")
    if known is None or known.link.record != (link := decode_link(item.link)).record:
        fresh = verify(item, registry)
        if isinstance(fresh, Checked) and fresh.statement is not None:
            _verified[fresh.statement] = fresh
        return fresh
    return Checked(
        link,
        item.link,
        sha256(item.link).digest(),
        statement=known.statement,
        said=known.said,
        signers=known.signers,
        reasons=known.reasons,
        registry=known.registry,
    )


def blobs_of(item: Checked) -> Sequence[BlobRef]:
    """The blobs that an admitted statement names."""
    return item.said.blobs if item.said else ()


def keys() -> dict[bytes, Verifier]:
    """What the office knows of officers."""
    return {OFFICER.verifier.key_id: OFFICER.verifier}


@cache
def device_keys() -> tuple[Verifier, ...]:
    """A key for each tablet."""
    return tuple(seeded(f"tablet {number}").verifier for number in range(50))


def joined(items: Sequence[Checked | BadLink], registry: int) -> Stretch | None:
    """The stretch that items come to which were judged one by one, if they come to one: what
    ``together`` has to make of them."""
    good: list[Checked] = []
    for item in items:
        if not isinstance(item, Checked) or not _is_plain(item):
            return None
        if good and not _follows(good[-1], item):
            return None
        good.append(item)
    if not good or sum(len(item.statement or b"") for item in good) > MOST_BYTES:
        return None
    said = [item.said for item in good if item.said is not None]
    return Stretch(
        journal=good[0].link.journal,
        first=good[0].link.sequence,
        previous=good[0].link.previous,
        hashes=[(item.link_hash, item.link.record) for item in good],
        links=packed([item.link_bytes for item in good]),
        filed=packed([(one.kind, one.case, one.agency, one.at) for one in said]),
        statements=packed([item.statement for item in good]),
        kinds=sorted({(one.kind, one.agency) for one in said}),
        cases=sorted({one.case for one in said if one.case is not None}),
        blobs=[(number, one.agency, one.blobs) for number, one in enumerate(said) if one.blobs],
        registry=registry,
    )


def _is_plain(item: Checked) -> bool:
    """Whether it is accepted, and what it says changes nothing of what is known of people."""
    said = item.said
    return not (item.reasons or said is None or item.statement is None or said.kind in BELIEVED)


def _follows(before: Checked, item: Checked) -> bool:
    link, last = item.link, before.link
    return (
        link.sequence == last.sequence + 1
        and link.previous == before.link_hash
        and link.journal == last.journal
    )
