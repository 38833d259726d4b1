"""Signed requests and signed answers: which device asked, when, for exactly what.

    POST /fujie/v1/push HTTP/1.1
    Host: log.yunxi.example
    Content-Type: application/msgpack
    Content-Digest: sha-256=:…:
    Signature-Input: fujie=("@method" "@authority" "@path" "@query" "content-digest"
        "content-type");created=1790000000;keyid="…64 hex…";alg="ed25519";nonce="…";tag="fujie"
    Signature: fujie=:…:

This is RFC 9421 with one choice of components, so any library of it can write and read these.
Every request has a Content-Type and a Content-Digest, also one with an empty body: what is
always covered cannot be left out by somebody on the way.

A request is fresh for five minutes on either side of the reader's clock. Within that window
the reader keeps the nonces that he has seen and refuses a second use: that store is his, not
this module's. ``Stale`` brings the reader's time, by which a tablet corrects its own.

An answer is signed over the request's own signature (RFC 9421 §2.4), so that it is the answer to
this request and no other, whatever the tablet's clock says; so its ``Fujie-Time`` (ms) is a time
that the tablet can trust, and its problem one that the server really had:

    Fujie-Time: 1790000000123
    Signature-Input: fujie=("@status" "content-digest" "content-type" "fujie-time"
        "signature";req);created=1790000000;keyid="…";alg="ed25519";tag="fujie-answer"

>>> from protocol.keys import Ed25519Signer
>>> tablet = Ed25519Signer(bytes(32))
>>> place = ("POST", "log.example", "/v1/push", "")
>>> signed = sign_request(*place, {}, b"links", tablet, 1_790_000_000_000, "0" * 32)
>>> known = {tablet.verifier.key_id: tablet.verifier}
>>> verify_request(*place, signed, b"links", known.get, 1_790_000_020_000).created
1790000000000
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from protocol import httpsig
from protocol.errors import BadSignature, Malformed, MissingSignature, Stale, UnknownSigner
from protocol.keys import Signer, Verifier

Lookup = Callable[[bytes], Verifier | None]

REQUEST_COVERS = ("@method", "@authority", "@path", "@query", "content-digest", "content-type")
ANSWER_COVERS = ("@status", "content-digest", "content-type", "fujie-time", "signature;req")
LABEL = "fujie"
TAG, ANSWER_TAG = "fujie", "fujie-answer"
TIME = "Fujie-Time"
WINDOW_MS = 300_000
MIN_NONCE, MAX_NONCE = 16, 128

_UNTYPED = "application/octet-stream"


@dataclass(frozen=True)
class VerifiedRequest:
    """Who asked: the 32-byte key id; the nonce to remember; ``created`` in ms, whole seconds."""

    key_id: bytes
    nonce: str
    created: int


@dataclass(frozen=True)
class VerifiedAnswer:
    """Who answered: the 32-byte key id; and ``at``, his clock in ms."""

    key_id: bytes
    at: int


def sign_request(
    method: str,
    authority: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    signer: Signer,
    created: int,
    nonce: str,
    tag: str = TAG,
) -> dict[str, str]:
    """The headers to add: Content-Type (if absent), Content-Digest, Signature-Input, Signature.

    ``authority`` is the Host without its scheme's default port; ``path`` and ``query`` as they
    go over the wire, the query without its question mark; ``created`` in ms; ``nonce`` 16
    random bytes or more as hex.
    """
    parts = _target(method, authority, path, query)
    said = _said(signer, created, nonce=nonce, tag=tag)
    return _sign(REQUEST_COVERS, parts, headers, body, signer, said)


def verify_request(
    method: str,
    authority: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    body: bytes,
    keys: Lookup,
    now: int,
    window_ms: int = WINDOW_MS,
) -> VerifiedRequest:
    """Check the one signature tagged ``fujie`` and the body's digest.

    Raises MissingSignature, Malformed, TooLarge, BadDigest, UnknownSigner, BadSignature, and
    last of all Stale, so that only a known key learns this reader's time from it.
    """
    parts = _target(method, authority, path, query)
    fields = httpsig.lower_names(headers)
    label, said = _our_input(httpsig.inputs(fields), REQUEST_COVERS, TAG, {"keyid", "alg", "nonce"})
    nonce, created = said.strings["nonce"], said.numbers["created"] * 1000
    if not MIN_NONCE <= len(nonce) <= MAX_NONCE:
        raise Malformed(
            "expected a nonce of {least} to {most} characters; sign again with a fresh one",
            least=MIN_NONCE,
            most=MAX_NONCE,
        )
    key_id = _verify(label, said, fields, parts, body, keys)
    if abs(now - created) > window_ms:
        raise Stale(
            "expected a request made within {window_s} seconds of {server_time} (ms), got "
            "{created}; set the clock and send it again",
            window_s=window_ms // 1000,
            server_time=now,
            created=created,
        )
    return VerifiedRequest(key_id, nonce, created)


def sign_response(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    signer: Signer,
    at: int,
    asked: Mapping[str, str],
) -> dict[str, str]:
    """The headers to add to an answer: Content-Type (if absent), Content-Digest, Fujie-Time,
    Signature-Input, Signature.

    ``body`` as it goes over the wire; ``at`` the server's clock in ms; ``asked`` the headers of
    the request. Raises MissingSignature for a request that bears no signature.
    """
    parts = {"@status": str(status), "signature;req": signature_of(asked)}
    said = _said(signer, at, tag=ANSWER_TAG)
    timed = {**headers, TIME: str(at)}
    return {TIME: str(at), **_sign(ANSWER_COVERS, parts, timed, body, signer, said)}


def verify_response(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    keys: Lookup,
    asked: Mapping[str, str],
) -> VerifiedAnswer:
    """Check that a known key answered the request with the headers ``asked``.

    The request's signature makes the answer fresh, whatever this reader's clock says. Raises as
    ``verify_request`` does, and BadSignature for the answer to another request.
    """
    fields = httpsig.lower_names(headers)
    label, said = _our_input(httpsig.inputs(fields), ANSWER_COVERS, ANSWER_TAG, {"keyid", "alg"})
    parts = {"@status": str(status), "signature;req": signature_of(asked)}
    key_id = _verify(label, said, fields, parts, body, keys)
    told = fields["fujie-time"]
    if not (told.isascii() and told.isdigit() and len(told) < 16):
        raise Malformed("expected the server's time in ms, got {told}", told=told[:40])
    return VerifiedAnswer(key_id, int(told))


def signature_of(asked: Mapping[str, str]) -> str:
    """The Signature field of a request, which its answer covers. Raises MissingSignature."""
    field = httpsig.lower_names(asked).get("signature")
    if field is None:
        raise MissingSignature("expected a signed request to answer; sign the request")
    return field


def _target(method: str, authority: str, path: str, query: str) -> dict[str, str]:
    """The derived components of a request (RFC 9421 §2.2)."""
    if not path.startswith("/"):
        raise Malformed("expected a path from the root, got {path}; write it whole", path=path)
    return {
        "@method": method,
        "@authority": authority.lower(),
        "@path": path,
        "@query": "?" + query,
    }


def _said(signer: Signer, at: int, **more: str) -> dict[str, int | str]:
    """The parameters of a signature made at ``at`` (ms)."""
    verifier = signer.verifier
    return {
        "created": at // 1000,
        "keyid": verifier.key_id.hex(),
        "alg": verifier.algorithm,
        **more,
    }


def _sign(
    covered: Sequence[str],
    parts: Mapping[str, str],
    headers: Mapping[str, str],
    body: bytes,
    signer: Signer,
    said: Mapping[str, int | str],
) -> dict[str, str]:
    given = httpsig.lower_names(headers)
    added = {} if "content-type" in given else {"Content-Type": _UNTYPED}
    added["Content-Digest"] = httpsig.content_digest(body)
    parameters = httpsig.write_parameters(covered, said)
    values = {**given, **httpsig.lower_names(added), **parts}
    signature = signer.sign(httpsig.signature_base(covered, values, parameters))
    added["Signature-Input"] = f"{LABEL}={parameters}"
    added["Signature"] = httpsig.write_bytes(LABEL, signature)
    return added


def _verify(
    label: str,
    said: httpsig.SignatureInput,
    fields: Mapping[str, str],
    parts: Mapping[str, str],
    body: bytes,
    keys: Lookup,
) -> bytes:
    """The id of the key that made the one signature that counts, over this message and body."""
    signature = httpsig.signatures(fields).get(label)
    if signature is None:
        raise MissingSignature("expected a signature named {label}; sign again", label=label)
    httpsig.check_digest(fields, body)
    key_id = _hex32(said.strings["keyid"])
    verifier = keys(key_id)
    if verifier is None:
        raise UnknownSigner(
            "key {key} is not enrolled here; enrol this device, or ask the office",
            key=key_id.hex(),
        )
    # The roster says which algorithm a key has; the message may only agree.
    base = httpsig.signature_base(said.covered, {**fields, **parts}, said.text)
    if said.strings["alg"] != verifier.algorithm or not verifier.verify(base, signature):
        raise BadSignature(
            "expected a signature by key {key} over this message; it was altered on the way, "
            "send it again",
            key=key_id.hex(),
        )
    return key_id


def _our_input(
    members: Mapping[str, httpsig.SignatureInput],
    must_cover: Sequence[str],
    tag: str,
    strings: set[str],
) -> tuple[str, httpsig.SignatureInput]:
    """The one member with this tag, with all parameters and components that we ask for."""
    ours = [(label, said) for label, said in members.items() if said.strings.get("tag") == tag]
    if len(ours) != 1:
        raise MissingSignature(
            "expected one signature with the tag {tag}, got {count}; sign the message",
            tag=tag,
            count=len(ours),
        )
    label, said = ours[0]
    missing = strings - said.strings.keys()
    missing |= {"created"} - said.numbers.keys() | set(must_cover) - set(said.covered)
    if missing:
        raise MissingSignature(
            "expected a signature over {missing} too; cover them and sign again",
            missing=", ".join(sorted(missing)),
        )
    return label, said


def _hex32(text: str) -> bytes:
    try:
        key_id = bytes.fromhex(text)
    except ValueError:
        key_id = b""
    if key_id.hex() != text or len(key_id) != 32:
        raise Malformed("expected a key id of 64 hex digits, got {text}", text=text[:80])
    return key_id
