"""Writes the files of SUBJECTS: ``python -m tests.vectors.generate_log`` leaves no diff.

The good values are computed from the standards' words alone, with hashlib and libsodium, not
by the code under test. The bad ones are good ones, damaged in one way each, with the name of
the error that must meet them.
"""

import json
from pathlib import Path

from tests.vectors import (
    checkpoint,
    merkle,
    receipt,
    rekey,
    requests,
    succession,
    tiles,
    trust,
    tuf,
    witness,
)

HERE = Path(__file__).parent
SUBJECTS = {
    "merkle": merkle.build,
    "checkpoint": checkpoint.build,
    "receipt": receipt.build,
    "tiles": tiles.build,
    "trust": trust.build,
    "succession": succession.build,
    "witness": witness.build,
    "requests": requests.build,
    "rekey": rekey.build,
    "tuf": tuf.build,
}


def render(subject: str) -> str:
    """The whole text of ``<subject>.json``."""
    return json.dumps(SUBJECTS[subject](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for subject in SUBJECTS:
        (HERE / f"{subject}.json").write_text(render(subject), encoding="utf-8")
