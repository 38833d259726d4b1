"""Writes redaction.json: ``python -m tests.vectors.redaction`` leaves no diff.

The commitments are computed here from the definition alone, not by the code under test.
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
    ("fine", "500.00", None),
    ("empty", "", None),
]


def commitment(name: str, text: str, salt: bytes) -> bytes:
    label = name.encode()
    return hashlib.sha256(
        b"fujie/segment/v1\n" + salt + len(label).to_bytes(2, "big") + label + text.encode()
    ).digest()


def build() -> dict[str, Any]:
    """The vectors: one document, its commitments, its root and its content blob."""
    opened, commitments = [], []
    for place, (name, text, mark) in enumerate(PIECES):
        salt = hashlib.sha256(b"salt %d" % place).digest()[:16]
        commitments.append(commitment(name, text, salt))
        piece = {"name": name, "salt": salt.hex(), "text": text}
        opened.append(piece | ({"mark": mark} if mark else {}))
    content = {"template": "spot-decision", "template_version": 1, "pieces": opened}
    blob = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    joined = b"fujie/segments/v1\n" + b"".join(commitments)
    return {
        "content": content,
        "blob_sha256": hashlib.sha256(blob.encode()).hexdigest(),
        "commitments": [one.hex() for one in commitments],
        "root": hashlib.sha256(joined).hexdigest(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(build(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
