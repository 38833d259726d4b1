"""Writes what this program says: ``python -m tests.vectors.generate_versions`` leaves no diff.
Versions that are over are frozen: nothing here can write them.
"""

from tests.vectors.conversation import HERE, build, render


def files() -> dict[str, str]:
    """Name and text of the file of this program."""
    return {"now.json": render(build("fujie-field/now"))}


if __name__ == "__main__":
    HERE.mkdir(exist_ok=True)
    for name, text in files().items():
        (HERE / name).write_text(text, encoding="utf-8")
