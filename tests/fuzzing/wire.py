"""Targets: messages of every kind, signed requests and answers, compressed bodies."""

from __future__ import annotations

import zstandard

from protocol import httpsig, messages, requests
from protocol.errors import Malformed
from protocol.messages import Message
from sync_server.web.messages import unpack
from tests import wire as samples
from tests.fuzzing.scene import scene
from tests.fuzzing.target import NOW, PROOF, Target, frozen

PLACE = ("POST", "log.example", "/v1/push", "dry=1")
BODY = b"links and statements"
NONCE = "0" * 32


def targets() -> list[Target]:
    """Every one of them."""
    return [*_messages(), *_requests(), *_fields(), *_packed()]


def _messages() -> list[Target]:
    return [_message(kind) for kind in dict.fromkeys(map(type, samples.ALL))]


def _message(kind: type[Message]) -> Target:
    return Target(
        f"message {kind.__name__}",
        tuple(messages.encode(one) for one in samples.ALL if type(one) is kind),
        lambda data: messages.decode(data, kind),
        rewrite=messages.encode,
        one_form=False,  # fields from the future are left aside
    )


def request_text() -> bytes:
    """A signed request as it goes over the wire."""
    device = scene().world.device.signer
    headers = requests.sign_request(*PLACE, {}, BODY, device, NOW, NONCE)
    method, authority, path, query = PLACE
    lines = [f"{method} {path}?{query} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + BODY


def read_request(data: bytes) -> object:
    """A request off the wire, verified, as a server without a framework would do it."""
    head, blank, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if not blank or len(parts) != 3 or parts[2] != "HTTP/1.1":
        raise Malformed("expected an HTTP request")
    path, _, query = parts[1].partition("?")
    headers = dict(line.partition(": ")[::2] for line in lines)
    host = headers.pop("Host", "")
    device = scene().world.device.signer.verifier
    known = {device.key_id: device}
    read = requests.verify_request(parts[0], host, path, query, headers, body, known.get, NOW)
    kind = headers["Content-Type"].strip(" \t")  # RFC 9110 §5.5
    return read, parts[0], host.lower(), path, query, body, kind


def _requests() -> list[Target]:
    vectors = frozen("requests")
    wires = tuple(
        vectors[part]["wire"].encode("latin-1")
        for part in ("good", "answers")
        if "wire" in vectors.get(part, {})
    )
    return [Target("signed request", (request_text(), *wires), _folded, PROOF, proves=True)]


def _folded(data: bytes) -> object:
    try:
        return read_request(data)
    except KeyError:
        raise Malformed("expected the headers by their names") from None


def _fields() -> list[Target]:
    device = scene().world.device.signer
    signed = requests.sign_request(*PLACE, {}, BODY, device, NOW, NONCE)
    good = tuple(value.encode("latin-1") for value in signed.values())
    known = {device.verifier.key_id: device.verifier}

    def field(name: str, read: object) -> Target:
        def parse(data: bytes) -> object:
            return read({name: data.decode("latin-1")})  # type: ignore[operator]

        return Target(f"field {name}", (signed_of(name), *good), parse, PROOF)

    def signed_of(name: str) -> bytes:
        return {key.lower(): value for key, value in signed.items()}[name].encode("latin-1")

    def answered(data: bytes) -> object:
        """What a tablet makes of an answer's headers, a line each."""
        lines = data.decode("latin-1").split("\n")
        headers = dict(line.partition(": ")[::2] for line in lines)
        return requests.verify_response(200, headers, BODY, known.get, signed)

    reply = requests.sign_response(200, {}, BODY, device, NOW, signed)
    answer = "\n".join(f"{name}: {value}" for name, value in reply.items()).encode("latin-1")
    return [
        field("signature-input", httpsig.inputs),
        field("signature", httpsig.signatures),
        field("content-digest", lambda headers: httpsig.check_digest(headers, BODY)),
        Target("signed answer", (answer,), answered, PROOF, proves=True),
    ]


def _packed() -> list[Target]:
    push = messages.encode(samples.ALL[0]) * 20
    plain = zstandard.compress(push)
    streamed = zstandard.ZstdCompressor(write_content_size=False).compress(push)
    return [Target("body in zstd", (plain, streamed), lambda data: unpack(data, "zstd"))]
