"""Writes redaction.json: ``python -m tests.vectors.redaction`` leaves no diff.

Good values are computed here from the definition alone, with hashlib and json, not by the code
under test. Bad ones are good ones, damaged in one way each.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_suffix(".json")

PIECES = [
    ("party_name", "云溪县禾穗食品有限公司", None),
    ("legal_rep#0", "周", None),
    ("legal_rep#1", "明禾", "natural_person"),
    ("facts#0", "货架上7种散装商品未标明价格。", None),
    ("fine", "500元", None),
    ("note", "", None),
]
MASKED = "legal_rep#1"


def salt(place: int) -> bytes:
    return hashlib.sha256(b"fujie/vectors/salt %d" % place).digest()[:16]


def preimage(name: str, text: str, with_salt: bytes) -> bytes:
    label = name.encode()
    head = b"fujie/segment/v1\n" + with_salt + len(label).to_bytes(2, "big")
    return head + label + text.encode()


def line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def build() -> dict[str, Any]:
    """One document and its public part; public parts and blobs that must be refused."""
    images = [preimage(name, text, salt(n)) for n, (name, text, _) in enumerate(PIECES)]
    commitments = [hashlib.sha256(image).hexdigest() for image in images]
    pieces = [
        {"name": name, "salt": salt(n).hex(), "text": text} | ({"mark": mark} if mark else {})
        for n, (name, text, mark) in enumerate(PIECES)
    ]
    blob = line({"template": "spot_decision", "template_version": 1, "pieces": pieces})
    public = [piece for piece in pieces if piece["name"] != MASKED]
    joined = b"fujie/segments/v1\n" + bytes.fromhex("".join(commitments))
    good = {
        "blob": blob,
        "fine_preimage": images[4].hex(),
        "fine_commitment": commitments[4],
        "commitments": commitments,
        "root": hashlib.sha256(joined).hexdigest(),
        "public": [line(piece) for piece in public],
    }
    return {"good": good, "bad": {"public": bad_parts(public), "blob": bad_blobs(blob)}}


def bad_parts(public: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Public parts that are not part of what was signed."""
    rest, fine, note = public[:3], public[3], public[4]
    return {
        "another amount": [*rest, fine | {"text": "5000元"}, note],
        "another salt": [*rest, fine | {"salt": "00" * 16}, note],
        "a space more": [*rest, fine, note | {"text": " "}],
        "text of another piece": [*rest, fine | {"text": note["text"], "salt": note["salt"]}],
        "a piece that was never signed": [*public, fine | {"name": "fine#1"}],
        "out of order": [*rest, note, fine],
        "twice": [*rest, fine, fine],
    }


def bad_blobs(blob: str) -> dict[str, str]:
    """Content blobs in another writing than the one that was hashed."""
    return {
        "a space": blob.replace(',"pieces"', ', "pieces"'),
        "escaped": blob.replace("周", "\\u5468"),
        "an unknown key": blob.replace('{"template"', '{"more":1,"template"'),
        "a short salt": blob.replace(salt(4).hex(), "00"),
        "a name twice": blob.replace('"fine"', '"note"'),
        "cut off": blob[:-1],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(build(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
