"""The text files of a bag (BagIt 1.0, RFC 8493): what is inside, and that all of it is.

    bagit.txt                BagIt-Version: 1.0 …
    bag-info.txt             Bagging-Date, External-Identifier, Payload-Oxum, Source-Organization
    manifest-sha256.txt      <sha256>  data/records/000000.link
    tagmanifest-sha256.txt   <sha256>  bagit.txt

Each has one form: lines in ascending order of their names, two spaces between, one newline at
the end. What is read is written again and compared, so that a manifest has no free byte.

>>> manifest({"data/a": bytes(32)})[-9:]
b'0  data/a\\n'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from protocol.errors import Malformed

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD = "manifest-sha256.txt"
TAGS = "tagmanifest-sha256.txt"
DECLARATION, INFO = "bagit.txt", "bag-info.txt"

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._/-]+)")


def manifest(digests: Mapping[str, bytes]) -> bytes:
    """The manifest of these names and SHA-256 digests (RFC 8493 §2.1.3)."""
    return "".join(f"{digests[name].hex()}  {name}\n" for name in sorted(digests)).encode()


def read_manifest(data: bytes) -> dict[str, bytes]:
    """Names and digests. Raises Malformed unless ``manifest`` would write the same bytes."""
    lines = [_LINE.fullmatch(line) for line in data.decode("ascii", "replace").split("\n")[:-1]]
    digests = {line[2]: bytes.fromhex(line[1]) for line in lines if line}
    if manifest(digests) != data:
        raise Malformed("expected lines of SHA-256 and name in ascending order; export again")
    return digests


def info(case: bytes, agency: str, day: date, payload_bytes: int, payload_files: int) -> bytes:
    """bag-info.txt (RFC 8493 §2.2.2) of a case file that was made on ``day``."""
    return (
        f"Bagging-Date: {day.isoformat()}\n"
        f"External-Identifier: {case.hex()}\n"
        f"Payload-Oxum: {payload_bytes}.{payload_files}\n"
        f"Source-Organization: {agency}\n"
    ).encode()
