"""What a hostile sender makes of each format: deep, long, many, doubled, lying. At any size.

A shape fills about ``size`` bytes and is given to its decoder as it is. What the decoder answers
does not matter here (``target.py`` judges answers): it must not take more than its share of
memory and steps, whether it takes the bytes or refuses them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from protocol import (
    bag,
    casefile,
    chain,
    cose,
    cutting,
    envelope,
    httpsig,
    messages,
    note,
    package,
    qr,
    redaction,
    reference,
    requests,
    statements,
    tiles,
)
from protocol.casecheck import verify_casefile, verify_zip
from protocol.casekeys import read_keys
from protocol.casetrust import read_trust
from protocol.checkpoint import Checkpoint, read_decimal
from protocol.messages import MAX_MESSAGE
from protocol.receipt import MAX_RECEIPT, Entry, Receipt
from sync_server import words
from sync_server.projections import search
from sync_server.web.messages import unpack as unpack_zstd
from tests import wire
from tests.fuzzing import files, sticks
from tests.fuzzing.codes import resigned
from tests.fuzzing.files import Unpacked, case_trust
from tests.fuzzing.scene import scene

Parse = Callable[[bytes], object]
Make = Callable[[int], bytes]


class Shape(NamedTuple):
    """A decoder, bytes made to hurt it, and ``most``: the size at which it refuses unread, or
    the largest that is tried."""

    name: str
    parse: Parse
    make: Make
    most: int


def _filled(before: bytes, part: bytes, after: bytes = b"") -> Make:
    """``part`` as often as it fits between the ends."""

    def make(size: int) -> bytes:
        return before + part * max(0, (size - len(before) - len(after)) // len(part)) + after

    return make


def _nested(opened: bytes, inner: bytes, closed: bytes) -> Make:
    """``inner`` inside as many pairs as fit."""

    def make(size: int) -> bytes:
        deep = max(0, (size - len(inner)) // (len(opened) + len(closed)))
        return opened * deep + inner + closed * deep

    return make


def _numbered(before: bytes, part: Callable[[int], bytes], joined: bytes, after: bytes) -> Make:
    """Parts that all differ."""

    def make(size: int) -> bytes:
        step = len(part(10**6)) + len(joined)
        many = max(1, (size - len(before) - len(after)) // step)
        return before + joined.join(map(part, range(many))) + after

    return make


def _text(parse: Callable[[str], object]) -> Parse:
    return lambda data: parse(data.decode("utf-8", "replace"))


# ── JSON ─────────────────────────────────────────────────────────────────────────────────

_HEAD = (
    b'{"kind":"inspection_closed","agency":"11990123MB0000001A","at":1790000000000,'
    b'"salt":"88c8074c6aac188ca78f2a5a47a8f1a6","more":'
)
_UNKNOWN = _HEAD.replace(b"inspection_closed", b"hologram_taken")
_REFERENCE = b'{"sha256":"' + b"0" * 64 + b'","size":1,"media_type":"a/b"}'

JSON: dict[str, Make] = {
    "deep lists": _nested(b"[", b"", b"]"),
    "deep maps": _nested(b'{"a":', b"0", b"}"),
    "lists never closed": _filled(b"", b"["),
    "one name many times": _filled(b"{", b'"a":0,', b'"a":0}'),
    "many names": _numbered(b"{", lambda n: b'"%07d":0' % n, b",", b"}"),
    "many names of one hash": _numbered(b"{", lambda n: b'"\\u0000%07d":0' % n, b",", b"}"),
    "many empty lists": _filled(b"[", b"[],", b"[]]"),
    "a long text": _filled(b'"', b"a", b'"'),
    "a text never closed": _filled(b'"', b"a"),
    "many escapes": _filled(b'"', b"\\u0041", b'"'),
    "a long number": _filled(b"", b"9"),
    "a long fraction": _filled(b"0.", b"9"),
    "white space": _filled(b"", b" ", b"0"),
    "letters cut short": _filled(b'"', b"\xe4", b'"'),
}


def _inside(head: bytes, make: Make) -> Make:
    return lambda size: head + make(size - len(head) - 1) + b"}"


def _json() -> Iterator[Shape]:
    trust = case_trust()
    plain: dict[str, tuple[Parse, int]] = {
        "envelope (json)": (envelope.decode_json, envelope.MAX_JSON),
        "statement": (statements.decode, statements.MAX_STATEMENT),
        "content": (redaction.decode_content, redaction.MAX_CONTENT),
        "trust file": (read_trust, 1 << 20),
        "key list": (lambda data: read_keys(data, trust.roots), 1 << 20),
        "reference data": (resigned, reference.MAX_REFERENCE),
    }
    for format_name, (parse, most) in plain.items():
        for name, make in JSON.items():
            yield Shape(f"{format_name}: {name}", parse, make, most)
    most = statements.MAX_STATEMENT
    for name, make in JSON.items():
        yield Shape(f"statement, a field: {name}", statements.decode, _inside(_HEAD, make), most)
        yield Shape(f"blobs: {name}", casefile.blobs_named, _inside(_UNKNOWN, make), most)
    many = _filled(_UNKNOWN + b"[", _REFERENCE + b",", _REFERENCE + b"]}")
    deep = _inside(_UNKNOWN, _nested(b"[" + _REFERENCE + b",", b"0", b"]"))
    yield Shape("blobs: many", casefile.blobs_named, many, most)
    yield Shape("blobs: many, deep", casefile.blobs_named, deep, most)
    signed = b'{"payload":"","payloadType":"t","signatures":['
    one = b'{"keyid":"' + b"0" * 64 + b'","sig":"AAAA"}'
    yield Shape(
        "envelope (json): many signatures",
        envelope.decode_json,
        _filled(signed, one + b",", one + b"]}"),
        envelope.MAX_JSON,
    )
    opened = b'{"template":"t","template_version":1,"pieces":['
    yield Shape(
        "content: many pieces",
        redaction.decode_content,
        _numbered(
            opened,
            lambda n: b'{"name":"p%07d","salt":"%032d","text":""}' % (n, n),
            b",",
            b"]}",
        ),
        redaction.MAX_CONTENT,
    )


# ── msgpack and CBOR ─────────────────────────────────────────────────────────────────────

MSGPACK: dict[str, Make] = {
    "deep lists": _filled(b"", b"\x91"),
    "deep maps": _filled(b"", b"\x81\x00"),
    "a list that says 2^32": _filled(b"\xdd\xff\xff\xff\xff", b"\xc0"),
    "a map that says 2^32": _filled(b"\xdf\xff\xff\xff\xff", b"\xc0\xc0"),
    "bytes that say 2^32": _filled(b"\xc6\xff\xff\xff\xff", b"\x00"),
    "text that says 2^32": _filled(b"\xdb\xff\xff\xff\xff", b"a"),
    "an extension that says 2^32": _filled(b"\xc9\xff\xff\xff\xff\x01", b"a"),
    "lists that say 2^32, in lists": _filled(b"", b"\xdd\xff\xff\xff\xff"),
    "one name many times": lambda size: _counted(b"\xdf", b"\xa1a\xc0", size),
    "many empty lists": lambda size: _counted(b"\xdd", b"\x90", size),
}


def _counted(kind: bytes, part: bytes, size: int) -> bytes:
    many = max(0, (size - 5) // len(part))
    return kind + many.to_bytes(4, "big") + part * many


def _packed() -> Iterator[Shape]:
    pushed: Parse = lambda data: messages.decode(data, messages.Push)  # noqa: E731
    for name, make in MSGPACK.items():
        most = envelope.MAX_ENVELOPE
        yield Shape(f"envelope (msgpack): {name}", envelope.decode, make, most)
        behind = _under(b"\x94\xa1t\xc4\x00\x90", make)
        yield Shape(f"envelope (msgpack), one more: {name}", envelope.decode, behind, most)
        yield Shape(f"message: {name}", pushed, make, MAX_MESSAGE)
        field = _under(b"\x81\xa5items", make)
        yield Shape(f"message, a field: {name}", pushed, field, MAX_MESSAGE)
        unknown = _under(b"\x81\xa4more", make)
        yield Shape(f"message, an unknown field: {name}", pushed, unknown, MAX_MESSAGE)
    signed = b"\x93\xa1t\xc4\x00"
    one = b"\x92\xc4\x20" + bytes(32) + b"\xc4\x01\x00"
    yield Shape(
        "envelope (msgpack): many signatures",
        envelope.decode,
        lambda size: signed + _counted(b"\xdd", one, size - len(signed)),
        envelope.MAX_ENVELOPE,
    )
    grown = messages.encode(wire.ALL[0])
    yield Shape("message: bytes behind it", pushed, _filled(grown, b"\x00"), MAX_MESSAGE)
    zeros: Make = lambda size: _zstd(size * 100)  # noqa: E731
    yield Shape("body in zstd: zeros", lambda data: unpack_zstd(data, "zstd"), zeros, 1 << 16)


def _under(head: bytes, make: Make) -> Make:
    return lambda size: head + make(size - len(head))


def _zstd(size: int) -> bytes:
    import zstandard

    return zstandard.compress(bytes(size))


CBOR: dict[str, Make] = {
    "deep lists": _filled(b"", b"\x81"),
    "deep maps": _filled(b"", b"\xa1\x00"),
    "deep tags": _filled(b"", b"\xc1"),
    "a list that says 2^64": _filled(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x00"),
    "a map that says 2^64": _filled(b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff", b"\x00\x00"),
    "bytes that say 2^62": _filled(b"\x5b\x3f\xff\xff\xff\xff\xff\xff\xff", b"\x00"),
    "text that says 2^62": _filled(b"\x7b\x3f\xff\xff\xff\xff\xff\xff\xff", b"a"),
    "lists without a length": _filled(b"", b"\x9f"),
    "bytes without a length": _filled(b"\x5f", b"\x41a", b"\xff"),
    "a large number": _filled(b"\xc2\x59\xff\xff", b"\xff"),
    "one name many times": lambda size: _counted(b"\xba", b"\x00\x00", size),
    "shared values": _filled(b"\xd8\x1c", b"\xd8\x1d\x00"),
}


def _codes() -> Iterator[Shape]:
    for name, make in CBOR.items():
        yield Shape(f"cose: {name}", lambda data: cose.kid(b"\xd2" + data), make, cose.MAX_SIGN1)
        yield Shape(f"cbor: {name}", cose.load, make, qr.MAX_TEXT)
    lines: dict[str, Make] = {
        "slashes": _filled(b"HTTPS://A", b"/V"),
        "a long host": _filled(b"HTTPS://", b"A.", b"/V/AAAA"),
        "a long path": _filled(b"HTTPS://A", b"/A-._", b"/V/AAAA"),
        "a long payload": _filled(b"HTTPS://A/V/", b"AAAAAAAA"),
        "a payload of one bad letter": _filled(b"HTTPS://A/V/", b"A", b"1"),
    }
    for name, make in lines.items():
        yield Shape(f"qr: {name}", _text(lambda told: qr.payload(told, "V")), make, qr.MAX_TEXT)


# ── lines ────────────────────────────────────────────────────────────────────────────────

NOTES: dict[str, Make] = {
    "many lines": _filled(b"", b"a\n", b"\n\xe2\x80\x94 a AAAAAAAA\n"),
    "many empty lines": _filled(b"a", b"\n"),
    "many signatures": _filled(b"a\n\n", b"\xe2\x80\x94 a AAAAAAAA\n"),
    "a long signature": _filled(b"a\n\n\xe2\x80\x94 a ", b"AAAA", b"\n"),
    "a long name": _filled(b"a\n\n\xe2\x80\x94 ", b"a", b" AAAAAAAA\n"),
    "one long line": _filled(b"", b"a"),
    "dashes": _filled(b"a\n\n", b"\xe2\x80\x94 "),
    "letters cut short": _filled(b"", b"\xe2"),
}
_PROOF = b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 1\n"
_SIBLING = b"A" * 43 + b"=\n"


def _lines() -> Iterator[Shape]:
    key = scene().world.log.key
    for name, make in NOTES.items():
        yield Shape(f"note: {name}", lambda data: note.open_note(data, [key]), make, note.MAX_NOTE)
        yield Shape(f"receipt: {name}", Receipt.decode, make, MAX_RECEIPT)
        yield Shape(f"checkpoint: {name}", _text(Checkpoint.parse), make, note.MAX_NOTE)
    siblings = _filled(_PROOF, _SIBLING, b"\n")
    yield Shape("receipt: many siblings", Receipt.decode, siblings, MAX_RECEIPT)
    yield Shape(
        "receipt: a long extra",
        Receipt.decode,
        _filled(b"c2sp.org/tlog-proof@v1\nextra ", b"AAAA", b"\nindex 1\n\n"),
        MAX_RECEIPT,
    )
    yield Shape("entry: many reasons", Entry.decode, _filled(b"", b"\x01"), 1 << 16)
    yield Shape("link: long", chain.decode_link, _filled(b"", b"\x01"), 1 << 16)
    yield Shape("decimal: long", _text(read_decimal), _filled(b"", b"9"), 1 << 16)
    pluses = _filled(b"", b"+")
    yield Shape("verifier key: pluses", _text(note.VerifierKey.parse), pluses, 1 << 16)
    bundle = _filled(b"", b"\x00\x00")
    yield Shape(
        "bundle: empty entries", lambda data: tiles.decode_bundle(data, 256), bundle, 1 << 16
    )
    path = _filled(b"tile/0/", b"x000/", b"000")
    yield Shape("tile: a long path", _text(tiles.Tile.parse), path, 1 << 16)


# ── HTTP ─────────────────────────────────────────────────────────────────────────────────

FIELDS: dict[str, Make] = {
    "many components": _filled(b"a=(", b'"a" ', b'"a")'),
    "many parameters": _numbered(b'a=("a")', lambda n: b";p%07d=1" % n, b"", b""),
    "one parameter many times": _filled(b'a=("a")', b";a=1"),
    "many members": _numbered(b"", lambda n: b'm%07d=("a")' % n, b", ", b""),
    "many signatures": _numbered(b"", lambda n: b"m%07d=:AAAA:" % n, b", ", b""),
    "spaces": _filled(b'a=("a"),', b" ", b"!"),
    "a long name": _filled(b"", b"a", b"!"),
    "a long text": _filled(b'a=("a");a="', b"a"),
    "a long component": _filled(b'a=("', b"a"),
    "a long signature": _filled(b"a=:", b"A", b"!"),
    "commas": _filled(b"", b","),
}


def _http() -> Iterator[Shape]:
    for name, make in FIELDS.items():
        for field, read in (("signature-input", httpsig.inputs), ("signature", httpsig.signatures)):
            yield Shape(f"{field}: {name}", _field(field, read), make, httpsig.MAX_FIELD)
    device = scene().world.device.signer.verifier
    covered = b" ".join(b'"%b"' % one.encode() for one in requests.REQUEST_COVERS)
    tagged = _numbered(b"", lambda n: b'm%07d=(%b);tag="fujie"' % (n, covered), b", ", b"")
    yield Shape("request: many of ours", _request(device), tagged, httpsig.MAX_FIELD)
    yield Shape("languages: commas", _text(words.language_of), _filled(b"", b","), 1 << 16)
    yield Shape("languages: many", _text(words.language_of), _filled(b"", b"de;q=0.1,"), 1 << 16)


def _field(name: str, read: Callable[[dict[str, str]], object]) -> Parse:
    return lambda data: read({name: data.decode("latin-1")})


def _request(device: object) -> Parse:
    def parse(data: bytes) -> object:
        headers = {"signature-input": data.decode("latin-1"), "signature": "a=:AAAA:"}
        return requests.verify_request(
            "GET",
            "a",
            "/",
            "",
            headers,
            b"",
            lambda _: device,
            0,  # type: ignore[arg-type,return-value]
        )

    return parse


# ── files ────────────────────────────────────────────────────────────────────────────────


def _members(name: Callable[[int], str], size: int) -> bytes:
    """A zip of empty members, without its directory."""
    step = 30 + len(name(10**6))
    heads = [_local(name(number).encode(), 0, 0) for number in range(max(1, size // step))]
    return b"".join(heads)


def _local(name: bytes, size: int, extra: int) -> bytes:
    fixed = (10, 0, 0, 0, 0x21, 0, size, size, len(name), extra)
    return struct.pack("<4s5H3I2H", b"PK\x03\x04", *fixed) + name


def _whole(size: int) -> bytes:
    """A good package of many empty members."""
    out = io.BytesIO()
    many = max(1, size // 130)
    package.write_package(
        out,
        [package.Member(f"case/data/{n:07}", 0, 0, list[bytes]) for n in range(many)],
    )
    return out.getvalue()


def _lying(size: int) -> bytes:
    """A ZIP64 member that says it is 2^63 long."""
    extra = struct.pack("<2H2Q", 1, 16, 1 << 63, 1 << 63)
    fixed = (45, 0, 0, 0, 0x21, 0, 0xFFFFFFFF, 0xFFFFFFFF, 6, len(extra))
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", *fixed) + b"case/a" + extra
    return head + bytes(max(0, size - len(head)))


def _folder(names: Callable[[int], str], content: bytes) -> Make:
    step = len(names(10**6)) + len(content) + 5
    return lambda size: files.framed({names(n): content for n in range(max(1, size // step))})


PACKAGES: dict[str, Make] = {
    "many members": _whole,
    "many members, no directory": lambda size: _members(lambda n: f"case/{n:07}", size),
    "one name many times": lambda size: _members(lambda _: "case/a", size),
    "long names": lambda size: _members(lambda n: "case/" + "a/" * 54 + f"{n:07}", size),
    "a member that says 2^63": _lying,
    "heads only": _filled(b"", b"PK\x03\x04"),
    "directories only": _filled(b"", b"PK\x01\x02"),
}
MANIFESTS: dict[str, Make] = {
    "many lines": _numbered(b"", lambda n: b"0" * 64 + b"  data/%07d" % n, b"\n", b"\n"),
    "one line many times": _filled(b"", b"0" * 64 + b"  data/a\n"),
    "one long line": _filled(b"0" * 64 + b"  ", b"a"),
    "empty lines": _filled(b"", b"\n"),
}


def _files() -> Iterator[Shape]:
    trust = case_trust()
    zipped: Parse = lambda data: verify_zip(io.BytesIO(data), trust)  # noqa: E731
    for name, make in PACKAGES.items():
        yield Shape(f"case file: {name}", zipped, make, 1 << 20)
    folder: Parse = lambda data: verify_casefile(Unpacked(files.unframed(data)), trust)  # noqa: E731
    links = _folder(lambda n: f"data/records/{n:06}.link", scene().record.link.encode())
    yield Shape("case folder: many links", folder, links, 1 << 20)
    odd = _folder(lambda n: f"data/{n:07}", b"")
    yield Shape("case folder: odd names", folder, odd, 1 << 20)
    yield Shape("export: many journals", sticks.taken, sticks.many_journals, 1 << 18)
    for name, make in MANIFESTS.items():
        yield Shape(f"manifest: {name}", bag.read_manifest, make, 1 << 20)


# ── texts ────────────────────────────────────────────────────────────────────────────────

TEXTS: dict[str, Make] = {
    "digits": _filled(b"", b"1"),
    "accounts": _filled(b"", "账号 ".encode()),
    "spaced digits": _filled("账号".encode(), b"1 "),
    "a name again and again": _filled(b"", "周明禾".encode()),
    "no end of a sentence": _filled(b"", "周".encode()),
    "ends of sentences": _filled(b"", "。".encode()),
    "telephones": _filled(b"", b"0799-"),
    "letters that unfold": _filled(b"", "ﷺ".encode()),
    "townships": _filled(b"", "镇".encode()),
}


def _texts() -> Iterator[Shape]:
    for name, make in TEXTS.items():
        for how in ("sentences", "name", "address"):
            cut = _cut(how)
            yield Shape(f"cut by {how}: {name}", cut, make, 1 << 16)
        yield Shape(f"search: {name}", _text(search.query), make, 1 << 16)
        yield Shape(f"index: {name}", _text(search.index), make, 1 << 16)


def _cut(how: str) -> Parse:
    return _text(lambda told: cutting.cut("facts", told, ["周明禾", "明禾"], how))  # type: ignore[arg-type]


SHAPES: tuple[Shape, ...] = tuple(
    shape for kind in (_json, _packed, _codes, _lines, _http, _files, _texts) for shape in kind()
)
