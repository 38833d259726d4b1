"""A request is believed for one target, one body and five minutes; an answer, for one request."""

import base64
import datetime
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from protocol import httpsig
from protocol.errors import (
    BadDigest,
    BadSignature,
    FujieError,
    Malformed,
    MissingSignature,
    Stale,
    TooLarge,
    UnknownSigner,
)
from protocol.keys import Ed25519Signer, Verifier
from protocol.requests import (
    REQUEST_COVERS,
    VerifiedRequest,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)

TABLET_SEED = b"tablet key, for tests, 32 bytes."
tablet = Ed25519Signer(TABLET_SEED)
SERVER_SEED = b"server key, for tests, 32 bytes."
server = Ed25519Signer(SERVER_SEED)
NOW = 1_700_000_000_000  # long past, so that the independent library finds it in no future
NONCE = "00112233445566778899aabbccddeeff"


class Target(NamedTuple):
    """Where a request goes."""

    method: str
    authority: str
    path: str
    query: str


TARGET = Target("POST", "log.yunxi.example", "/fujie/v1/push", "dry=1")
DERIVED = {
    "@method": "POST",
    "@authority": "log.yunxi.example",
    "@path": "/fujie/v1/push",
    "@query": "?dry=1",
}
BODY = b"links and statements"
TYPE = {"Content-Type": "application/msgpack"}


def known(key_id: bytes) -> Verifier | None:
    """The server's roster in these tests: one tablet."""
    return tablet.verifier if key_id == tablet.verifier.key_id else None


def known_server(key_id: bytes) -> Verifier | None:
    return server.verifier if key_id == server.verifier.key_id else None


def signed(**changes: str) -> dict[str, str]:
    """The tablet's headers for BODY at TARGET, some of them changed afterwards."""
    return {**TYPE, **sign_request(*TARGET, TYPE, BODY, tablet, NOW, NONCE), **changes}


def check(headers: dict[str, str], body: bytes = BODY, now: int = NOW) -> VerifiedRequest:
    return verify_request(*TARGET, headers, body, known, now)


def test_a_signed_request_is_verified() -> None:
    assert check(signed()) == VerifiedRequest(tablet.verifier.key_id, NONCE, NOW)


def test_field_names_do_not_distinguish_case() -> None:
    assert check({name.upper(): value for name, value in signed().items()}).nonce == NONCE


def test_an_empty_body_is_digested_and_typed_too() -> None:
    target = Target("GET", "log.yunxi.example", "/fujie/v1/pull", "")
    headers = sign_request(*target, {}, b"", tablet, NOW, NONCE)
    assert headers["Content-Type"] == "application/octet-stream"
    assert verify_request(*target, headers, b"", known, NOW).nonce == NONCE


@pytest.mark.parametrize(
    "other",
    [
        TARGET._replace(method="PUT"),
        TARGET._replace(authority="log.other.example"),
        TARGET._replace(authority="log.yunxi.example:8443"),
        TARGET._replace(path="/fujie/v1/pull"),
        TARGET._replace(path="/fujie/v1/push/"),
        TARGET._replace(query="dry=0"),
        TARGET._replace(query=""),
    ],
)
def test_another_target_is_refused(other: Target) -> None:
    with pytest.raises(BadSignature):
        verify_request(*other, signed(), BODY, known, NOW)


def test_a_path_is_written_from_the_root() -> None:
    with pytest.raises(Malformed):
        sign_request(*TARGET._replace(path="v1/push"), TYPE, BODY, tablet, NOW, NONCE)


def test_the_authority_does_not_distinguish_case() -> None:
    target = TARGET._replace(authority="LOG.Yunxi.Example")
    assert verify_request(*target, signed(), BODY, known, NOW).nonce == NONCE


def test_every_byte_of_the_body_counts() -> None:
    for place in range(len(BODY)):
        damaged = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        with pytest.raises(BadDigest):
            check(signed(), damaged)
    with pytest.raises(BadDigest):
        check(signed(), BODY + b"\x00")


@pytest.mark.parametrize("name", ["Content-Type", "Content-Digest", "Signature-Input", "Signature"])
def test_every_character_of_every_signed_header_counts(name: str) -> None:
    headers = signed()
    value = headers[name]
    for place in range(len(value)):
        for mask in (0x01, 0x20):
            char = chr(ord(value[place]) ^ mask)
            damaged = {**headers, name: value[:place] + char + value[place + 1 :]}
            with pytest.raises(FujieError):
                check(damaged)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("Content-Type", Malformed),
        ("Content-Digest", BadDigest),
        ("Signature-Input", MissingSignature),
        ("Signature", MissingSignature),
    ],
)
def test_a_missing_header_is_named(name: str, error: type[FujieError]) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(error, match=r"(?i)" + name):
        check(headers)


def test_a_digest_made_anew_over_another_body_is_refused() -> None:
    forged = signed(**{"Content-Digest": httpsig.content_digest(b"other")})
    with pytest.raises(BadSignature):
        check(forged, b"other")


@pytest.mark.parametrize("late", [-300_000, 0, 300_000])
def test_a_request_within_five_minutes_is_fresh(late: int) -> None:
    assert check(signed(), now=NOW + late).created == NOW


@pytest.mark.parametrize("late", [-300_001, 300_001, 86_400_000])
def test_a_stale_request_is_told_the_server_s_time(late: int) -> None:
    with pytest.raises(Stale) as caught:
        check(signed(), now=NOW + late)
    assert caught.value.facts["server_time"] == NOW + late


def test_only_a_known_key_learns_the_server_s_time() -> None:
    stranger = Ed25519Signer(bytes(32))
    headers = {**TYPE, **sign_request(*TARGET, TYPE, BODY, stranger, 0, NONCE)}
    with pytest.raises(UnknownSigner, match=stranger.verifier.key_id.hex()):
        check(headers)
    blank = base64.b64encode(bytes(64)).decode()
    with pytest.raises(BadSignature):
        check(signed(Signature=f"fujie=:{blank}:"), now=NOW + 86_400_000)


def with_input(text: str, covered: tuple[str, ...] = REQUEST_COVERS) -> dict[str, str]:
    """A request whose Signature-Input member is ``text``, correctly signed over it."""
    headers = httpsig.lower_names(signed())
    signature = tablet.sign(httpsig.signature_base(covered, {**headers, **DERIVED}, text))
    headers["signature-input"] = f"x={text}"
    headers["signature"] = httpsig.write_bytes("x", signature)
    return headers


GOOD: dict[str, int | str] = {
    "created": NOW // 1000,
    "keyid": tablet.verifier.key_id.hex(),
    "alg": "ed25519",
    "nonce": NONCE,
    "tag": "fujie",
}


def test_another_order_of_components_and_parameters_is_read() -> None:
    covered = (*REQUEST_COVERS[::-1], "content-length")
    text = httpsig.write_parameters(covered, dict(reversed(GOOD.items())))
    headers = httpsig.lower_names(signed()) | {"content-length": str(len(BODY))}
    base = httpsig.signature_base(covered, {**headers, **DERIVED}, text)
    headers["signature-input"] = f'other=("date");created=1, x={text}'
    headers["signature"] = f"other=:AAAA:, {httpsig.write_bytes('x', tablet.sign(base))}"
    assert check(headers).nonce == NONCE
    with pytest.raises(BadSignature):
        check(headers | {"content-length": "1"})


@pytest.mark.parametrize("name", REQUEST_COVERS)
def test_a_signature_that_leaves_a_component_out_is_refused(name: str) -> None:
    covered = tuple(each for each in REQUEST_COVERS if each != name)
    with pytest.raises(MissingSignature, match=name):
        check(with_input(httpsig.write_parameters(covered, GOOD), covered))


@pytest.mark.parametrize("name", GOOD)
def test_a_signature_that_leaves_a_parameter_out_is_refused(name: str) -> None:
    rest = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(MissingSignature):
        check(with_input(httpsig.write_parameters(REQUEST_COVERS, rest)))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"tag": "another"}, MissingSignature),
        ({"created": "1700000000"}, MissingSignature),
        ({"nonce": "short"}, Malformed),
        ({"nonce": "0" * 129}, Malformed),
        ({"keyid": "T07"}, Malformed),
        ({"keyid": tablet.verifier.key_id.hex().upper()}, Malformed),
        ({"alg": "hmac-sha256"}, BadSignature),
    ],
)
def test_parameters_of_another_kind_are_refused(
    changes: dict[str, int | str], error: type[FujieError]
) -> None:
    with pytest.raises(error):
        check(with_input(httpsig.write_parameters(REQUEST_COVERS, {**GOOD, **changes})))


def test_two_signatures_with_our_tag_are_refused() -> None:
    headers = signed()
    text = headers["Signature-Input"].removeprefix("fujie=")
    headers["Signature-Input"] += f", second={text}"
    with pytest.raises(MissingSignature, match="got 2"):
        check(headers)


@pytest.mark.parametrize(
    "field",
    [
        "",
        "fujie",
        "fujie=()",
        'fujie=("@method" "@method");tag="fujie"',
        'fujie=("@method";req);tag="fujie"',
        'fujie=("@method"  "@path");tag="fujie"',
        'fujie=("@Method");tag="fujie"',
        'fujie=("@method");tag="fu\\"jie"',
        'fujie=("@method");tag="符节"',
        'fujie=("@method");created=1.5',
        'fujie=("@method");created=-1',
        'fujie=("@method");created=01',
        'fujie=("@method");tag="a";tag="fujie"',
        'fujie=("@method");tag="fujie",',
        'fujie=("@method");tag="fujie" x',
        'fujie=("@method");tag="fujie", fujie=("@path")',
    ],
)
def test_a_signature_input_of_another_form_is_refused(field: str) -> None:
    with pytest.raises((Malformed, MissingSignature)):
        check(signed(**{"Signature-Input": field}))


def test_fields_past_their_bound_are_refused() -> None:
    for name in ("Signature-Input", "Signature", "Content-Digest"):
        with pytest.raises(TooLarge):
            check(signed(**{name: "a" * 5000}))


def test_a_content_type_that_is_there_is_not_added_again() -> None:
    """Under another spelling it would go over the wire twice."""
    added = sign_request(*TARGET, {"content-type": "a/b"}, BODY, tablet, NOW, NONCE)
    assert "Content-Type" not in added
    assert check({"content-type": "a/b", **added}).nonce == NONCE


def test_a_header_with_a_line_break_is_never_signed() -> None:
    with pytest.raises(Malformed):
        sign_request(*TARGET, {"Content-Type": "a\nb"}, BODY, tablet, NOW, NONCE)
    with pytest.raises(Malformed):
        sign_request(*TARGET, TYPE, BODY, tablet, NOW, 'x" y')


ANSWER = b"receipts"


def answered(asked: dict[str, str], status: int = 200, at: int = NOW + 123) -> dict[str, str]:
    """The server's headers for ANSWER to the request with these headers."""
    return {**TYPE, **sign_response(status, TYPE, ANSWER, server, at, asked)}


def test_an_answer_is_verified_for_its_request() -> None:
    """Whatever the reader's clock says: the request's own signature makes it fresh."""
    answer = verify_response(200, answered(signed()), ANSWER, known_server, signed())
    assert (answer.key_id, answer.at) == (server.verifier.key_id, NOW + 123)


def test_an_answer_counts_for_no_other_request_status_body_or_time() -> None:
    headers = answered(signed())
    later = {**TYPE, **sign_request(*TARGET, TYPE, BODY, tablet, NOW, NONCE[::-1])}
    for changed, status, body, asked, error in (
        (headers, 500, ANSWER, signed(), BadSignature),
        (headers, 200, b"no receipts", signed(), BadDigest),
        (headers, 200, ANSWER, later, BadSignature),
        ({**headers, "Fujie-Time": str(NOW)}, 200, ANSWER, signed(), BadSignature),
    ):
        with pytest.raises(error):
            verify_response(status, changed, body, known_server, asked)


@pytest.mark.parametrize(
    "name", ["Content-Type", "Content-Digest", "Fujie-Time", "Signature-Input", "Signature"]
)
def test_every_character_of_an_answer_s_headers_counts(name: str) -> None:
    headers, asked = answered(signed()), signed()
    value = headers[name]
    for place in range(len(value)):
        damaged = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
        with pytest.raises(FujieError):
            verify_response(200, {**headers, name: damaged}, ANSWER, known_server, asked)


def test_what_was_not_signed_is_answered_with_no_signature() -> None:
    with pytest.raises(MissingSignature):
        answered(dict(TYPE))
    with pytest.raises(MissingSignature):
        verify_response(200, answered(signed()), ANSWER, known_server, TYPE)


def test_a_request_cannot_be_played_back_as_an_answer() -> None:
    with pytest.raises(MissingSignature, match="fujie-answer"):
        verify_response(200, signed(), BODY, known, signed())


def test_an_answer_cannot_be_played_back_as_a_request() -> None:
    with pytest.raises(MissingSignature, match="tag fujie"):
        verify_request(*TARGET, answered(signed()), ANSWER, known_server, NOW)


# ── other programs ──────────────────────────────────────────────────────────────────────


class PlainMessage:
    """As much of a request as the independent library asks for."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        method, authority, path, query = TARGET
        self.method, self.url = method, f"https://{authority}{path}?{query}"
        self.headers, self.body = headers, body


class PlainAnswer:
    """As much of an answer, and of the request that it is for."""

    def __init__(self, headers: dict[str, str], request: PlainMessage) -> None:
        self.status_code, self.headers, self.request = 200, headers, request


class TheServer(HTTPSignatureKeyResolver):
    """The office's device key, for the independent library."""

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == server.verifier.key_id.hex()
        return Ed25519PublicKey.from_public_bytes(server.verifier.public_key)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        assert key_id == server.verifier.key_id.hex()
        return Ed25519PrivateKey.from_private_bytes(SERVER_SEED)


class OneTablet(HTTPSignatureKeyResolver):
    """The independent library's roster: the same tablet."""

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == tablet.verifier.key_id.hex()
        return Ed25519PublicKey.from_public_bytes(tablet.verifier.public_key)

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey:
        assert key_id == tablet.verifier.key_id.hex()
        return Ed25519PrivateKey.from_private_bytes(TABLET_SEED)


def test_an_independent_library_verifies_our_request() -> None:
    headers = signed()
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=OneTablet())
    results = verifier.verify(
        PlainMessage(headers, BODY),
        max_age=None,
        expect_tag="fujie",
        body=BODY,
    )
    assert [result.parameters["nonce"] for result in results] == [NONCE]


def test_a_request_of_an_independent_library_is_verified() -> None:
    message = PlainMessage(dict(TYPE), BODY)
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=OneTablet())
    signer.sign(
        message,
        key_id=tablet.verifier.key_id.hex(),
        created=datetime.datetime.fromtimestamp(NOW // 1000, datetime.UTC),
        nonce=NONCE,
        tag="fujie",
        covered_component_ids=REQUEST_COVERS,
        body=BODY,
    )
    assert check(message.headers) == VerifiedRequest(tablet.verifier.key_id, NONCE, NOW)


def test_an_independent_library_verifies_our_answer() -> None:
    """Its signature covers the request's, by RFC 9421 §2.4."""
    asked = signed()
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=TheServer())
    results = verifier.verify(
        PlainAnswer(answered(asked), PlainMessage(asked, BODY)),
        max_age=None,
        expect_tag="fujie-answer",
        body=ANSWER,
    )
    assert [result.parameters["tag"] for result in results] == ["fujie-answer"]
    assert any("signature" in name for name in results[0].covered_components)


def test_an_answer_of_an_independent_library_is_verified() -> None:
    asked = signed()
    message = PlainAnswer({**TYPE, "Fujie-Time": str(NOW)}, PlainMessage(asked, BODY))
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=TheServer())
    signer.sign(
        message,
        key_id=server.verifier.key_id.hex(),
        created=datetime.datetime.fromtimestamp(NOW // 1000, datetime.UTC),
        tag="fujie-answer",
        covered_component_ids=(
            '"@status"',
            '"content-digest"',
            '"content-type"',
            '"fujie-time"',
            '"signature";req',
        ),
        body=ANSWER,
    )
    assert verify_response(200, message.headers, ANSWER, known_server, asked).at == NOW


def test_the_rfc_s_own_ed25519_example_is_verified() -> None:
    """RFC 9421, B.2.6: the base is what the RFC prints, and its signature holds."""
    key = Verifier(
        "ed25519", base64.urlsafe_b64decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs=")
    )
    headers = {
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-length": "18",
        "signature-input": 'sig-b26=("date" "@method" "@path" "@authority" "content-type" '
        '"content-length");created=1618884473;keyid="test-key-ed25519"',
        "signature": "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0"
        "w6vuQv5lIp5WPpBKRCw==:",
    }
    said = httpsig.inputs(headers)["sig-b26"]
    target = {"@method": "POST", "@path": "/foo", "@authority": "example.com"}
    base = httpsig.signature_base(said.covered, {**headers, **target}, said.text)
    assert base.decode() == (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n'
        '"@method": POST\n'
        '"@path": /foo\n'
        '"@authority": example.com\n'
        '"content-type": application/json\n'
        '"content-length": 18\n'
        '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" '
        '"content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    assert key.verify(base, httpsig.signatures(headers)["sig-b26"])


def test_the_rfc_s_own_content_digest_is_made() -> None:
    """RFC 9530, appendix B.1: the digest of a body of 19 bytes."""
    body = b'{"hello": "world"}\n'
    assert httpsig.content_digest(body) == (
        "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"
    )
