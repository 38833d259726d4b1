"""Writes the current edition's files: ``python -m tests.vectors.generate_editions`` leaves no
diff. Earlier editions are frozen: nothing here can write them.
"""

import json

from tests.vectors import editions, statements
from tests.vectors.editions import CURRENT, HERE
from tests.vectors.materials import Vectors


def render(value: Vectors) -> str:
    """The text of one file."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def files() -> dict[str, str]:
    """Name and text of each file of the current edition."""
    bodies = statements.build()
    return {
        "statements.json": render(bodies),
        "pushes.json": render(editions.build(bodies["good"])),
    }


if __name__ == "__main__":
    folder = HERE / str(CURRENT)
    folder.mkdir(exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")
