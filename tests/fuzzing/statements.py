"""Targets: statements, envelopes, links, and what a document's text commits to."""

from __future__ import annotations

import json

import msgspec

from protocol import casefile, chain, envelope, redaction, statements
from protocol.calendar import local_day
from protocol.envelope import Envelope
from protocol.errors import Malformed
from protocol.keys import Verifier
from tests.fuzzing.scene import scene
from tests.fuzzing.target import PROOF, Target, frozen, strings, unhex


def targets() -> list[Target]:
    """Every one of them."""
    return [*_statements(), *_envelopes(), *_links(), *_contents()]


def statement_read(data: bytes) -> object:
    """A body that is read can be written, has a day, and its blobs can be listed."""
    read = statements.decode(data)
    local_day(read.at)
    statements.blobs_of(read)
    return read


def _statements() -> list[Target]:
    vectors = frozen("statements")
    others = [*strings(vectors["good"].get("unknown", {})), *strings(vectors["bad"])]
    kinds = [
        Target(
            f"statement {kind}",
            (body.encode(), *others[:4]),
            statement_read,
            rewrite=_rewritten,
            one_form=False,
        )
        for kind, body in vectors["good"]["kinds"].items()
    ]
    every = tuple(body.encode() for body in vectors["good"]["kinds"].values())
    blobs = Target("blobs of unknown kinds", every, casefile.blobs_named)
    return [*kinds, Target("statement, any", (*every, *others), statement_read), blobs]


def _rewritten(read: object) -> bytes:
    # What an older reader does not know it passes on as it came and never writes.
    if isinstance(read, statements.Statement):
        return statements.encode(read)
    return msgspec.json.encode(read)


def _envelopes() -> list[Target]:
    vectors = frozen("envelope")
    record, world = scene().record, scene().world
    known = {p.signer.verifier.key_id: p.signer.verifier for p in (world.shen, world.lu)}
    wire, line = envelope.encode(record.envelope), envelope.encode_json(record.envelope)
    good = [one for one in vectors["good"].values() if isinstance(one, dict)]
    wires = tuple(unhex(one["msgpack"]) for one in good if "msgpack" in one)
    lines = tuple(one["json"].encode() for one in good if "json" in one)
    return [
        Target(
            "envelope (msgpack)",
            (wire, *wires, *strings(vectors["bad"]["msgpack"], unhex)),
            envelope.decode,
            rewrite=envelope.encode,
        ),
        Target(
            "envelope (json)",
            (line, *lines, *strings(vectors["bad"]["json"])),
            envelope.decode_json,
            rewrite=envelope.encode_json,
            one_form=False,
        ),
        Target(
            "envelope (msgpack), signed",
            (wire,),
            lambda data: signed(envelope.decode(data), known),
            PROOF,
            proves=True,
        ),
        Target(
            "envelope (json), signed",
            (line,),
            lambda data: signed(envelope.decode_json(data), known),
            PROOF,
            proves=True,
        ),
    ]


def signed(read: Envelope, known: dict[bytes, Verifier]) -> object:
    """What an envelope proves: its record, and who signed it."""
    signers = envelope.verify(read, known.get)
    return envelope.record_hash(read), [signer.key_id for signer in signers]


def _links() -> list[Target]:
    vectors = frozen("chain")
    good = tuple(unhex(one["bytes"]) for one in vectors["good"]["links"])
    bad = strings(vectors["bad"]["link"], unhex)
    return [
        Target(
            "link",
            (scene().record.link.encode(), *good, *bad),
            chain.decode_link,
            rewrite=chain.Link.encode,
        )
    ]


def _contents() -> list[Target]:
    vectors = frozen("redaction")
    content = redaction.commit([redaction.Piece("fine", "罚款500元")], [bytes(16)], "spot", 1)
    blob = vectors["good"]["blob"].encode()
    content_read = redaction.decode_content(blob)
    wanted = redaction.segments(content_read)
    texts = {piece.name: piece.text for piece in content_read.pieces}
    public = json.dumps(vectors["good"]["public"]).encode()

    def published(data: bytes) -> object:
        """The public's check: these words, and no others, were signed."""
        try:
            pieces = msgspec.json.decode(data, type=list[redaction.Opened])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Malformed("expected opened pieces") from None
        redaction.check(wanted, pieces)
        assert all(texts[piece.name] == piece.text for piece in pieces)
        return [piece.name for piece in pieces]

    return [
        Target(
            "content",
            (redaction.encode_content(content), blob, *strings(vectors["bad"]["blob"])),
            redaction.decode_content,
            rewrite=redaction.encode_content,
        ),
        Target("published text", (public,), published, PROOF),
    ]
