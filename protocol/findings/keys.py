"""Officers' keys that count no more: what one of them signed before that, after it, or perhaps.

    received before the key was retired                     stands
    stated after a server's time at or past the retirement  ``retired_key``
    in between                                              ``uncertain_key``

The act's time lies between the last server time that the tablet had verified (in its link) and the
reception (in its entry), whatever the tablet's clock says.
"""

from collections.abc import Iterator

from protocol.findings.facts import RetiredKey
from protocol.findings.finding import (
    Evidence,
    Finding,
    Reading,
    Severity,
    day_time,
    numbered,
    runs,
    some,
)

_RULE = "《行政处罚法》第四十二条、第五十五条"


def retired(reading: Reading) -> Iterator[Finding]:
    """``retired_key`` and ``uncertain_key``, each once a key."""
    for key in reading.facts.retired:
        after, unsure = _signed(reading, key)
        zh, en = day_time(key.retired_at)
        if after:
            yield Finding(
                "retired_key",
                Severity.ACT,
                f"{key.name}的一个密钥{zh}起停用，此后仍有{len(after)}条记录由它签名。",
                f"A key of {key.name} counts no more from {en}; "
                f"signed with it afterwards: {some(len(after))}.",
                key.retired_at,
                _evidence(key, after),
                _RULE,
                "请查明是谁签的；确属本人的，由本人用现在的密钥重新确认。",
                "Find out who signed; what the officer did sign, the officer confirms with the "
                "present key.",
                spans=tuple(runs(after)),
                subject=key.key_id.hex(),
            )
        if unsure:
            yield Finding(
                "uncertain_key",
                Severity.WATCH,
                f"{key.name}的一个密钥{zh}起停用，{len(unsure)}条记录可能在此前也可能在此后签名。",
                f"A key of {key.name} counts no more from {en}; "
                f"{some(len(unsure))} may have been signed before or after.",
                key.retired_at,
                _evidence(key, unsure),
                _RULE,
                "请该局用其他证据说明行为时间。",
                "Have the time of the act shown by other evidence.",
                spans=tuple(runs(unsure)),
                subject=key.key_id.hex(),
            )


def _signed(reading: Reading, key: RetiredKey) -> tuple[list[int], list[int]]:
    """The numbers of links that the key signed afterwards for sure, and perhaps."""
    after: list[int] = []
    unsure: list[int] = []
    for sequence, link in reading.links.items():
        envelope = reading.envelopes.get(link.record)
        found = reading.entries.get(reading.hashes[sequence])
        if envelope is None or found is None or found[1].received_at < key.retired_at:
            continue
        if any(one.key_id == key.key_id for one in envelope.signatures):
            (after if link.server_at >= key.retired_at else unsure).append(sequence)
    return after, unsure


def _evidence(key: RetiredKey, numbers: list[int]) -> tuple[Evidence, ...]:
    return (
        Evidence("证件编号", "certificate number", key.cert_no),
        Evidence("密钥", "key", key.key_id.hex()),
        Evidence("序号", "numbers", numbered(numbers)),
    )
