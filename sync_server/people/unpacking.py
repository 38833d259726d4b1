"""Archives that people bring, unpacked without believing what they say of themselves. Pure.

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = unpacked(packed, most)        {"template.json": b"…"}; raises TooBig, BadZipFile

An archive says how long each part is; one that lies would be unpacked to its true length before
``zipfile`` cuts it off. So no more is asked of it than may come, and only of the two methods that
can be asked for so much and no more.
"""

from __future__ import annotations

import zipfile

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class TooBig(Exception):
    """Parts of more bytes than may be."""


def unpacked(packed: zipfile.ZipFile, most: int) -> dict[str, bytes]:
    """The parts by name, of ``most`` bytes together. Raises TooBig, BadZipFile."""
    made: dict[str, bytes] = {}
    left = most
    for one in packed.infolist():
        if one.compress_type not in METHODS:
            raise zipfile.BadZipFile(one.filename)
        with packed.open(one) as part:
            made[one.filename] = part.read(left + 1)
        left -= len(made[one.filename])
        if left < 0:
            raise TooBig
    return made
