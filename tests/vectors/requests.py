"""Vectors of signed requests and answers (RFC 9421, RFC 9530)."""

import hashlib

from tests.vectors.materials import (
    AT,
    DEVICE,
    NONCE,
    OFFICE,
    Vectors,
    b64,
    key_id,
    public,
    seed,
    sign,
)


def digest(body: bytes) -> str:
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def identifier(name: str) -> str:
    plain, mark, rest = name.partition(";")
    return f'"{plain}"{mark}{rest}'


def parameters(covered: list[str], **changes: object) -> str:
    said: dict[str, object] = {
        "created": AT // 1000,
        "keyid": key_id(DEVICE).hex(),
        "alg": "ed25519",
        "nonce": NONCE,
        "tag": "fujie",
        **changes,
    }
    names = " ".join(map(identifier, covered))
    return f"({names})" + "".join(
        f";{name}={value}" if isinstance(value, int) else f';{name}="{value}"'
        for name, value in said.items()
        if value is not None
    )


def base(values: dict[str, str], covered: list[str], said: str) -> str:
    lines = [f"{identifier(name)}: {values[name]}" for name in covered]
    return "\n".join([*lines, f'"@signature-params": {said}'])


def build() -> Vectors:
    body = b"links and statements"
    values = {
        "@method": "POST",
        "@authority": "log.yunxi.example",
        "@path": "/fujie/v1/push",
        "@query": "?dry=1",
        "content-digest": digest(body),
        "content-type": "application/msgpack",
    }
    names = list(values)

    def headers(covered: list[str], said: str) -> dict[str, str]:
        signature = sign(DEVICE, base(values, covered, said).encode())
        return {
            "Content-Type": values["content-type"],
            "Content-Digest": values["content-digest"],
            "Signature-Input": f"fujie={said}",
            "Signature": f"fujie=:{b64(signature)}:",
        }

    plain = headers(names, parameters(names))
    lines = ["POST /fujie/v1/push?dry=1 HTTP/1.1", "Host: log.yunxi.example"]
    wire = "\n".join([*lines, *(f"{name}: {value}" for name, value in plain.items())]) + "\n"
    good = {
        "seed": seed("YX-T07").hex(),
        "public_key": public(DEVICE).hex(),
        "now": AT + 1000,
        "created": AT,
        "nonce": NONCE,
        "body": body.decode(),
        "base": base(values, names, parameters(names)) + "\n",
        "headers": plain,
        "wire": wire,
    }
    bad: dict[str, tuple[dict[str, str], str]] = {
        "unsigned": ({"Content-Type": "application/msgpack"}, "MissingSignature"),
        "another tag": (headers(names, parameters(names, tag="other")), "MissingSignature"),
        "without a nonce": (headers(names, parameters(names, nonce=None)), "MissingSignature"),
        "six minutes ago": (headers(names, parameters(names, created=AT // 1000 - 360)), "Stale"),
        "in six minutes": (headers(names, parameters(names, created=AT // 1000 + 362)), "Stale"),
        "a key that nobody knows": (
            headers(names, parameters(names, keyid="00" * 32)),
            "UnknownSigner",
        ),
        "another algorithm": (
            headers(names, parameters(names, alg="rsa-pss-sha512")),
            "BadSignature",
        ),
        "digest of another body": ({**plain, "Content-Digest": digest(b"x")}, "BadDigest"),
        "another type": ({**plain, "Content-Type": "text/plain"}, "BadSignature"),
        "input without its tag": (
            {**plain, "Signature-Input": plain["Signature-Input"][:-12]},
            "MissingSignature",
        ),
        "input cut short": (
            {**plain, "Signature-Input": plain["Signature-Input"][:-1]},
            "Malformed",
        ),
        "an escaped quote": (
            {**plain, "Signature-Input": plain["Signature-Input"].replace('fujie"', 'fu\\"jie"')},
            "Malformed",
        ),
    }
    for name in names:
        fewer = [each for each in names if each != name]
        bad[f"{name} not covered"] = (headers(fewer, parameters(fewer)), "MissingSignature")
    return {
        "good": good,
        "bad": {name: {"headers": each, "error": error} for name, (each, error) in bad.items()},
        "answers": answers(plain["Signature"]),
    }


def answers(asked: str) -> Vectors:
    """Answers to the request with the Signature field ``asked``, by the office's device key."""
    body = '{"type":"/problems/stale","status":401}'
    values = {
        "@status": "401",
        "content-digest": digest(body.encode()),
        "content-type": "application/problem+json",
        "fujie-time": str(AT + 123),
        "signature;req": asked,
    }
    names = list(values)

    def said(covered: list[str], **changes: object) -> str:
        told: dict[str, object] = {"keyid": key_id(OFFICE).hex(), "nonce": None}
        return parameters(covered, **{**told, "tag": "fujie-answer", **changes})

    def headers(covered: list[str], text: str, **changed: str) -> dict[str, str]:
        over = {**values, **changed}
        return {
            "Content-Type": over["content-type"],
            "Content-Digest": over["content-digest"],
            "Fujie-Time": over["fujie-time"],
            "Signature-Input": f"fujie={text}",
            "Signature": f"fujie=:{b64(sign(OFFICE, base(over, covered, text).encode()))}:",
        }

    plain = headers(names, said(names))
    lines = "\n".join(["HTTP/1.1 401 Unauthorized", *(f"{k}: {v}" for k, v in plain.items())])
    other = f"fujie=:{b64(bytes(64))}:"
    bad: dict[str, tuple[dict[str, str], str]] = {
        "unsigned": ({"Content-Type": values["content-type"]}, "MissingSignature"),
        "to another request": (
            headers(names, said(names), **{"signature;req": other}),
            "BadSignature",
        ),
        "another status": (headers(names, said(names), **{"@status": "200"}), "BadSignature"),
        "digest of another body": ({**plain, "Content-Digest": digest(b"x")}, "BadDigest"),
        "another type": ({**plain, "Content-Type": "text/html"}, "BadSignature"),
        "another time": ({**plain, "Fujie-Time": str(AT + 3_600_000)}, "BadSignature"),
        "a time in words": (headers(names, said(names), **{"fujie-time": "noon"}), "Malformed"),
        "the tag of requests": (headers(names, said(names, tag="fujie")), "MissingSignature"),
        "a key that nobody knows": (headers(names, said(names, keyid="00" * 32)), "UnknownSigner"),
        "another algorithm": (headers(names, said(names, alg="rsa-pss-sha512")), "BadSignature"),
    }
    for name in names:
        fewer = [each for each in names if each != name]
        bad[f"{name} not covered"] = (headers(fewer, said(fewer)), "MissingSignature")
    return {
        "seed": seed("office").hex(),
        "status": 401,
        "asked": asked,
        "body": body,
        "at": AT + 123,
        "headers": plain,
        "wire": lines + "\n",
        "base": base(values, names, said(names)) + "\n",
        "bad": {name: {"headers": each, "error": error} for name, (each, error) in bad.items()},
    }
