"""What the sender of a chunk says of its bytes (tus, checksum extension)."""

from __future__ import annotations

import hashlib
import secrets


class Checksum:
    """``Upload-Checksum`` of tus: an algorithm and the digest of one chunk."""

    ALGORITHMS = ("sha1", "sha256")

    def __init__(self, algorithm: str, digest: bytes) -> None:
        self._hasher = hashlib.new(algorithm, usedforsecurity=False)
        self._digest = digest

    def update(self, data: bytes) -> None:
        """Take the next bytes of the chunk."""
        self._hasher.update(data)

    def holds(self) -> bool:
        """Whether the bytes so far are the announced ones."""
        return secrets.compare_digest(self._hasher.digest(), self._digest)
