"""Writes keys, sm2, statements, envelope, chain, export and answer.json:
``python -m tests.vectors.generate_core`` leaves no diff.

The good values are computed from the definitions alone, with hashlib and libsodium, not by the
code under test. The bad ones are good ones, damaged in one way each and named for it.
"""

import json
from pathlib import Path

from tests.vectors import answer, chain, envelope, export, keys, sm2, statements

HERE = Path(__file__).parent
SUBJECTS = {
    "keys": keys.build,
    "sm2": sm2.build,
    "statements": statements.build,
    "envelope": envelope.build,
    "chain": chain.build,
    "export": export.build,
    "answer": answer.build,
}


def render(subject: str) -> str:
    """The whole text of ``<subject>.json``."""
    return json.dumps(SUBJECTS[subject](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    for subject in SUBJECTS:
        (HERE / f"{subject}.json").write_text(render(subject), encoding="utf-8")
