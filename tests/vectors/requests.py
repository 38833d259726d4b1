"""Vectors of signed requests and answers (RFC 9421, RFC 9530)."""

import hashlib

from tests.vectors.materials import AT, DEVICE, LOG, NONCE, Vectors, b64, key_id, public, seed, sign


def digest(body: bytes) -> str:
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def parameters(covered: list[str], **changes: object) -> str:
    said: dict[str, object] = {
        "created": AT // 1000,
        "keyid": key_id(DEVICE).hex(),
        "alg": "ed25519",
        "nonce": NONCE,
        "tag": "fujie",
        **changes,
    }
    names = " ".join(f'"{name}"' for name in covered)
    return f"({names})" + "".join(
        f";{name}={value}" if isinstance(value, int) else f';{name}="{value}"'
        for name, value in said.items()
        if value is not None
    )


def base(values: dict[str, str], covered: list[str], said: str) -> str:
    lines = [f'"{name}": {values[name]}' for name in covered]
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
    answer = {"@status": "200", "content-digest": digest(b"receipts"), "content-type": "text/plain"}
    answer_said = parameters(list(answer), keyid=key_id(LOG).hex())
    answer_base = base(answer, list(answer), answer_said)
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
        "answer_seed": seed("log").hex(),
        "answer_body": "receipts",
        "answer_base": answer_base + "\n",
        "answer_headers": {
            "Content-Type": "text/plain",
            "Content-Digest": answer["content-digest"],
            "Signature-Input": f"fujie={answer_said}",
            "Signature": f"fujie=:{b64(sign(LOG, answer_base.encode()))}:",
        },
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
    }
