"""Blobs in an object store (S3, or what speaks it), with the local folder as what is at hand.

    blobs = open_blobs(settings)        the folder alone, or both, as FUJIE_OBJECTS says

    a blob comes   1  its bytes go to the object store as <prefix>/ab/abcdef…, in parts
                   2  then to the local folder, durably (``blobs.py``)
    a blob is read    from the folder; one that is not there any more is fetched, and believed only
                      when its hash is its name

So what is in the folder is in the store too, and only what is in both was ever called stored. The
folder may be thrown away, the store is what counts. An object store confirms what it has made
durable; whether it still has it is asked once a day by name, and by each reading by its bytes
(``upkeep/fixity.py``). What is whole in one of the two places is put right in the other.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from sync_server.settings import BadSetting, Settings
from sync_server.store.blobs import BlobStore
from sync_server.store.files import make_folder, settle, sync_file

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PART = 8 << 20
AT_ONCE = 2
"""Parts of an object under way together: what an upload takes of memory is these."""
_NAME = re.compile("[0-9a-f]{64}")

log = structlog.get_logger(__name__)


def open_blobs(settings: Settings) -> BlobStore:
    """The blobs of a server, where its settings have them. Raises BadSetting."""
    return MirroredBlobs(settings) if settings.objects else BlobStore(settings)


class MirroredBlobs(BlobStore):
    """Whole blobs in an object store, and in the local folder those at hand."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._store = _open(settings)
        self._uploads = settings.uploads

    def path(self, sha256: bytes) -> Path:
        """Where the blob is at hand; fetched if only the object store has it."""
        place = self.place(sha256)
        if not place.is_file() and self._is_kept(sha256):
            self._fetch(sha256, place)
        return place

    def has(self, sha256: bytes) -> bool:
        """Whether a blob of this hash was verified and stored."""
        return self.place(sha256).is_file() or self._is_kept(sha256)

    def put(self, data: bytes) -> bytes:
        """Store bytes of the office's own; returns their SHA-256. Raises OSError."""
        sha256 = hashlib.sha256(data).digest()
        if not self.place(sha256).is_file():
            self._send(sha256, data)
        return super().put(data)

    def take(self, upload: Path, sha256: bytes) -> None:
        """Make a whole upload a blob, in the object store first. Raises OSError; then it is not
        called stored."""
        if not self.place(sha256).is_file():
            try:
                self._send(sha256, upload)
            except OSError:
                upload.unlink(missing_ok=True)
                raise
        super().take(upload, sha256)

    def check(self, sha256: bytes) -> bool:
        """Whether the object store's bytes still have their hash, and those at hand."""
        at_hand = self.place(sha256).is_file()
        return (not at_hand or super().check(sha256)) and self._digest(sha256) == sha256

    def mend(self, sha256: bytes) -> bool:
        """Put the object right from the copy at hand, or that from the object. Raises OSError."""
        if super().check(sha256):
            self._send(sha256, self.place(sha256))
            log.warning("an object was sent again", sha256=sha256.hex())
            return True
        if self._digest(sha256) != sha256:
            return False
        self.place(sha256).unlink(missing_ok=True)
        self._fetch(sha256, self.place(sha256))
        return self.place(sha256).is_file()

    def names(self, first: int) -> set[bytes]:
        """The objects whose names begin with the byte ``first``, whatever else lies beside them.
        Raises OSError."""
        import obstore
        from obstore.exceptions import BaseError

        found = set()
        try:
            for some in obstore.list(self._store, f"{first:02x}/"):
                names = (one["path"].rpartition("/")[2] for one in some)
                found |= {bytes.fromhex(one) for one in names if _NAME.fullmatch(one)}
        except BaseError as fault:
            raise _unreachable(fault) from None
        return found

    def forget(self, sha256: bytes) -> None:
        """Destroy a blob in both places. Raises OSError."""
        import obstore
        from obstore.exceptions import BaseError, NotFoundError

        try:
            obstore.delete(self._store, _name(sha256))
        except (NotFoundError, FileNotFoundError):
            pass
        except BaseError as fault:
            raise _unreachable(fault) from None
        super().forget(sha256)

    def _send(self, sha256: bytes, what: bytes | Path) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.put(self._store, _name(sha256), what, chunk_size=PART, max_concurrency=AT_ONCE)
        except BaseError as fault:
            raise _unreachable(fault) from None

    def _is_kept(self, sha256: bytes) -> bool:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.head(self._store, _name(sha256))
        except FileNotFoundError:
            return False
        except BaseError as fault:
            raise _unreachable(fault) from None
        return True

    def _digest(self, sha256: bytes) -> bytes | None:
        digest = hashlib.sha256()
        try:
            for chunk in self._chunks(sha256):
                digest.update(chunk)
        except FileNotFoundError:
            return None
        return digest.digest()

    def _fetch(self, sha256: bytes, place: Path) -> None:
        """Bring an object to the folder, if it is what its name says; else leave it there."""
        make_folder(self._uploads)
        part = self._uploads / f"fetch-{secrets.token_hex(8)}"
        digest = hashlib.sha256()
        try:
            with part.open("wb") as file:
                for chunk in self._chunks(sha256):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.digest() != sha256:
                log.error("an object is not what its name says", sha256=sha256.hex())
                return
            sync_file(part)
            settle(part, place)
        finally:
            part.unlink(missing_ok=True)

    def _chunks(self, sha256: bytes) -> Iterator[bytes]:
        import obstore
        from obstore.exceptions import BaseError

        try:
            for chunk in obstore.get(self._store, _name(sha256)).stream(min_chunk_size=PART):
                yield bytes(chunk)
        except FileNotFoundError:
            raise
        except BaseError as fault:
            raise _unreachable(fault) from None


def _open(settings: Settings) -> ObjectStore:
    """The store of FUJIE_OBJECTS. Raises BadSetting."""
    from obstore.exceptions import BaseError
    from obstore.store import S3Store

    bucket, _, prefix = settings.objects.removeprefix("s3://").partition("/")
    access = {
        "endpoint": settings.s3_endpoint,
        "region": settings.s3_region,
        "access_key_id": settings.s3_key,
        "secret_access_key": settings.s3_secret,
    }
    given = {name: value for name, value in access.items() if value}
    plain = settings.s3_endpoint.startswith("http://")
    try:
        return S3Store(
            bucket,
            prefix=prefix or None,
            config=given,  # type: ignore[arg-type]
            client_options={"allow_http": plain, "timeout": "60s"},
            retry_config={"max_retries": 3},
        )
    except BaseError as fault:
        raise BadSetting(
            "expected an object store like s3://bucket/prefix in {name}, got {value} ({fault})",
            name="FUJIE_OBJECTS",
            value=settings.objects,
            fault=type(fault).__name__,
        ) from None


def _name(sha256: bytes) -> str:
    name = sha256.hex()
    return f"{name[:2]}/{name}"


def _unreachable(fault: Exception) -> OSError:
    """As the disk's errors are: whoever stores tries again later."""
    return OSError(f"the object store: {type(fault).__name__}")
