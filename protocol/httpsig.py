"""HTTP message signatures to the byte: the base, the fields, the digest (RFC 9421, RFC 9530).

A signature covers named components of a message and its own parameters:

    "@method": POST
    "@path": /fujie/v1/push
    "content-digest": sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:
    "@signature-params": ("@method" "@path" "content-digest");created=1790000000;keyid="…"

These lines, joined by newlines and with none at the end, are the signed bytes (§2.5). The
last line's value travels in Signature-Input, the signature in Signature, both under a label.

Structured fields (RFC 8941) are read in the narrow form that signers write: labels, lists of
plain names, of which those of the request under an answer bear ``;req``, whole numbers, strings
without escapes. What is wider is refused, not guessed:
a reader who understands a field otherwise than the signer is how signatures are bypassed.

>>> content_digest(b"")
'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocol.errors import BadDigest, Malformed, MissingSignature, TooLarge
from protocol.note import decode_base64

MAX_FIELD = 4096
"""Characters of one Signature-Input, Signature or Content-Digest field."""

# Possessive throughout: what is read is never given back, so that no field costs more than its
# length, whatever is missing at its end.
_KEY = r"[a-z*][a-z0-9_.*-]*+"
_TEXT = r'"[ !#-\[\]-~]*+"'
_NUMBER = r"(?:0|[1-9][0-9]{0,14})"
_COMPONENT = r'"@?[a-z0-9!#$%&*+.^_`|~-]++"(?:;req)?+'
_NAMES = rf"({_COMPONENT}(?: {_COMPONENT})*+)"
_SAID = rf"((?:;{_KEY}=(?:{_NUMBER}|{_TEXT}))*+)"
_INPUT = re.compile(rf"({_KEY})=(\({_NAMES}\){_SAID})(?:, *+|$)")
_PARAMETER = re.compile(rf";({_KEY})=(?:({_NUMBER})|({_TEXT}))")
_BYTES = re.compile(rf"({_KEY})=:([A-Za-z0-9+/=]++):(?:, *+|$)")


@dataclass(frozen=True)
class SignatureInput:
    """One member of Signature-Input. ``covered`` names components, those of the request that an
    answer is for as ``name;req`` (§2.4). ``text`` is its value as it came, which is signed."""

    covered: tuple[str, ...]
    numbers: Mapping[str, int]
    strings: Mapping[str, str]
    text: str


def content_digest(body: bytes) -> str:
    """The value of Content-Digest for a whole body (RFC 9530 §2), SHA-256."""
    return write_bytes("sha-256", hashlib.sha256(body).digest())


def check_digest(headers: Mapping[str, str], body: bytes) -> None:
    """Raises BadDigest unless the body has the sha-256 that Content-Digest says.

    ``headers`` have lower-case names. Digests by other algorithms are allowed beside it.
    """
    field = headers.get("content-digest")
    if field is None:
        raise BadDigest("expected a Content-Digest, got none; sign the request with its body")
    if _read_bytes(field).get("sha-256") != hashlib.sha256(body).digest():
        raise BadDigest(
            "the body of {size} bytes is not the one that was signed; send it again",
            size=len(body),
        )


def inputs(headers: Mapping[str, str]) -> dict[str, SignatureInput]:
    """The members of Signature-Input by label. Raises MissingSignature, Malformed, TooLarge."""
    field = _required(headers, "signature-input")
    read: dict[str, SignatureInput] = {}
    for found in _members(_INPUT, field):
        label, text, names, parameters = found.group(1, 2, 3, 4)
        read[label] = SignatureInput(
            tuple(name.replace('"', "") for name in names.split(" ")),
            *_parameters(parameters),
            text,
        )
    return read


def signatures(headers: Mapping[str, str]) -> dict[str, bytes]:
    """The members of Signature by label. Raises MissingSignature, Malformed, TooLarge."""
    return _read_bytes(_required(headers, "signature"))


def signature_base(covered: Sequence[str], values: Mapping[str, str], parameters: str) -> bytes:
    """The bytes that are signed (RFC 9421 §2.5).

    ``values`` hold derived components (``@method``) and fields by lower-case name, those of the
    request under an answer as ``name;req``. Raises Malformed for a component that is absent,
    named twice, or not printable ASCII.
    """
    lines = []
    for name in covered:
        value = values.get(name)
        if value is None:
            raise Malformed(
                "expected a message with {name}, which its signature covers; send it whole",
                name=name,
            )
        value = value.strip(" \t")
        if not value.isascii() or not value.replace("\t", " ").isprintable():
            raise Malformed("expected printable ASCII in {name}; encode it", name=name)
        lines.append(f"{_identifier(name)}: {value}")
    if len(set(covered)) != len(covered):
        raise Malformed("expected each component once in Signature-Input; sign it again")
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode("ascii")


def write_parameters(covered: Sequence[str], parameters: Mapping[str, int | str]) -> str:
    """The value of one member of Signature-Input. Raises Malformed if it has no such form."""
    names = " ".join(map(_identifier, covered))
    text = f"({names})" + "".join(
        f";{name}={value}" if isinstance(value, int) else f';{name}="{value}"'
        for name, value in parameters.items()
    )
    if not _INPUT.fullmatch(f"x={text}"):
        raise Malformed("expected parameters in plain ASCII without quotes, got {text}", text=text)
    return text


def write_bytes(label: str, data: bytes) -> str:
    """A field of one member that is a byte sequence (RFC 8941 §3.3.5)."""
    return f"{label}=:{base64.b64encode(data).decode()}:"


def lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    """The same headers under lower-case names; fields do not distinguish case."""
    return {name.lower(): value for name, value in headers.items()}


def _identifier(name: str) -> str:
    """``signature;req`` as it is written: ``"signature";req`` (§2.4)."""
    plain, mark, parameter = name.partition(";")
    return f'"{plain}"{mark}{parameter}'


def _required(headers: Mapping[str, str], name: str) -> str:
    field = headers.get(name)
    if field is None:
        raise MissingSignature("expected the field {name}, got none; sign the message", name=name)
    return field


def _parameters(text: str) -> tuple[dict[str, int], dict[str, str]]:
    numbers: dict[str, int] = {}
    strings: dict[str, str] = {}
    for name, number, string in _PARAMETER.findall(text):
        if name in numbers or name in strings:
            raise Malformed("expected parameter {name} once; sign the message again", name=name)
        if number:
            numbers[name] = int(number)
        else:
            strings[name] = string.strip('"')
    return numbers, strings


def _read_bytes(field: str) -> dict[str, bytes]:
    return {found.group(1): decode_base64(found.group(2)) for found in _members(_BYTES, field)}


def _members(pattern: re.Pattern[str], field: str) -> list[re.Match[str]]:
    """All members of a dictionary field, with nothing between or after them."""
    if len(field) > MAX_FIELD:
        raise TooLarge(
            "expected a field of at most {bound} characters, got {size}; sign fewer components",
            bound=MAX_FIELD,
            size=len(field),
        )
    found, place = [], 0
    while member := pattern.match(field, place):
        found.append(member)
        place = member.end()
        if place == len(field):
            break
    labels = {member.group(1) for member in found}
    if place != len(field) or field.endswith((",", " ")) or len(labels) != len(found) or not found:
        raise Malformed(
            "expected signature fields in their plain form, got {field}; sign the message again",
            field=field[:200],
        )
    return found
