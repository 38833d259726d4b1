"""One settings object, read once at start from the environment. Nothing else reads it.

    FUJIE_DATA          folder of database, blobs and keys          ./data
    FUJIE_HOST          address to listen on                        127.0.0.1
    FUJIE_PORT          port to listen on                           8750
    FUJIE_DATABASE_URL  another database than <data>/fujie.db       empty
    FUJIE_ORIGIN        the log's name in every checkpoint          log.yunxi.example/fujie
    FUJIE_ADDRESS       how phones and tablets reach this server    http://<host>:<port>
    FUJIE_WITNESSES     JSON file of the log's witnesses            none
    FUJIE_CATALOGUE     folder of the county's own forms and lists  none
    FUJIE_OBJECTS       s3://bucket/prefix: blobs go there too      none: <data>/blobs alone
    FUJIE_S3_ENDPOINT   address of another S3 than Amazon's         empty
    FUJIE_S3_REGION     its region                                  us-east-1
    FUJIE_S3_KEY        the access key's id                         empty
    FUJIE_S3_SECRET     file with the secret access key             none
    FUJIE_SEALS         folder of the agencies' seal certificates   a test authority's
    FUJIE_TSA           address of an RFC 3161 time-stamp service   a test service
    FUJIE_READERS       processes that read pushes under load       one a core, 4 at most; 0 on one
    FUJIE_MAX_BLOB      the largest blob that is taken, in bytes    4294967296
    FUJIE_MAX_EXPORT    the largest export that a page takes, bytes 68719476736
    FUJIE_CONTACT_DAYS  days after its answer that who asked is kept 90
    FUJIE_ARGON2        what guessing a person's password costs      interactive; or moderate
    FUJIE_METRICS_TOKEN file with the bearer token of /metrics      none: no /metrics
    FUJIE_LOG           ``json`` for a log of JSON lines            lines to be read by people

>>> read_settings({"FUJIE_PORT": "9000"}).address
'http://127.0.0.1:9000'
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from protocol.errors import FujieError

ORIGIN = "log.yunxi.example/fujie"
ARGON2 = ("interactive", "moderate", "cheapest")
"""Costs of ``keys.staffkeys``, the default first; the cheapest is for tests: guessing is free."""


class BadSetting(FujieError):
    """A setting that this program cannot start with."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two servers."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8750
    database_url: str = field(default="", repr=False)
    origin: str = ORIGIN
    public_address: str = ""
    max_blob: int = 4 << 30
    max_export: int = 64 << 30
    code_ms: int = 24 * 3_600_000
    upload_ms: int = 7 * 24 * 3_600_000
    token_ms: int = 6 * 3_600_000
    readers: int = 0
    witnesses: Path | None = None
    catalogue: Path | None = None
    seals: Path | None = None
    tsa: str = ""
    objects: str = ""
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_key: str = ""
    s3_secret: str = field(default="", repr=False)
    metrics_token: str = field(default="", repr=False)
    log_json: bool = False
    contact_days: int = 90
    argon2: str = "interactive"

    @property
    def address(self) -> str:
        """The base URL that is printed on cards and documents, without a slash at its end."""
        return self.public_address or f"http://{self.host}:{self.port}"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database."""
        return self.database_url or f"sqlite:///{self.data / 'fujie.db'}"

    @property
    def blobs(self) -> Path:
        """Whole, verified blobs."""
        return self.data / "blobs"

    @property
    def uploads(self) -> Path:
        """What has arrived of blobs that are not whole yet."""
        return self.data / "uploads"

    @property
    def imports(self) -> Path:
        """What has been read of tablets' exports that are not read whole yet."""
        return self.data / "imports"

    @property
    def quarantine(self) -> Path:
        """Whole uploads that are not the blob that their record names; kept as evidence."""
        return self.data / "quarantine"

    @property
    def keys(self) -> Path:
        """Keys that the running server needs, mode 0600."""
        return self.data / "keys"

    @property
    def root(self) -> Path:
        """The agency's root key and recovery key: to be taken off this machine."""
        return self.data / "root"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings from ``os.environ``. Raises BadSetting, which names the variable."""
    port = _whole(environment, "FUJIE_PORT", 8750, most=65535)
    address = _url(environment, "FUJIE_ADDRESS").rstrip("/")
    return Settings(
        data=Path(environment.get("FUJIE_DATA") or "data").expanduser().absolute(),
        host=environment.get("FUJIE_HOST") or "127.0.0.1",
        port=port,
        database_url=environment.get("FUJIE_DATABASE_URL", ""),
        origin=environment.get("FUJIE_ORIGIN") or ORIGIN,
        public_address=address,
        witnesses=_file(environment, "FUJIE_WITNESSES"),
        catalogue=_file(environment, "FUJIE_CATALOGUE"),
        seals=_file(environment, "FUJIE_SEALS"),
        tsa=_url(environment, "FUJIE_TSA"),
        objects=_bucket(environment, "FUJIE_OBJECTS"),
        s3_endpoint=_url(environment, "FUJIE_S3_ENDPOINT"),
        s3_region=environment.get("FUJIE_S3_REGION") or "us-east-1",
        s3_key=environment.get("FUJIE_S3_KEY", ""),
        s3_secret=_secret(environment, "FUJIE_S3_SECRET"),
        metrics_token=_secret(environment, "FUJIE_METRICS_TOKEN"),
        log_json=environment.get("FUJIE_LOG") == "json",
        contact_days=_whole(environment, "FUJIE_CONTACT_DAYS", 90, most=3650),
        argon2=_one_of(environment, "FUJIE_ARGON2", ARGON2),
        readers=_whole(environment, "FUJIE_READERS", _readers(), most=64),
        max_blob=_whole(environment, "FUJIE_MAX_BLOB", 4 << 30, most=1 << 48),
        max_export=_whole(environment, "FUJIE_MAX_EXPORT", 64 << 30, most=1 << 48),
    )


def _one_of(environment: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = environment.get(name) or known[0]
    if value not in known:
        raise BadSetting(
            "expected one of {known} in {name}, got {value}",
            name=name,
            known=", ".join(known),
            value=value,
        )
    return value


def _readers() -> int:
    """One for each core; more than four read more than one writer can write."""
    cores = len(os.sched_getaffinity(0))
    return min(cores, 4) if cores > 1 else 0


def _url(environment: Mapping[str, str], name: str) -> str:
    address = environment.get(name, "")
    if address and not address.startswith(("http://", "https://")):
        raise BadSetting(
            "expected an address that starts with http:// or https:// in {name}, got {value}",
            name=name,
            value=address,
        )
    return address


def _bucket(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").rstrip("/")
    if text and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9._/-]+)?", text):
        raise BadSetting(
            "expected an object store like s3://bucket/prefix in {name}, got {value}",
            name=name,
            value=text,
        )
    return text


def _secret(environment: Mapping[str, str], name: str) -> str:
    """What stands in a file, so that it is in no list of processes and in no log."""
    path = _file(environment, name)
    if path is None:
        return ""
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BadSetting("expected a file with a secret in {name}, found none", name=name) from None


def _file(environment: Mapping[str, str], name: str) -> Path | None:
    text = environment.get(name)
    return Path(text).expanduser().absolute() if text else None


def _whole(environment: Mapping[str, str], name: str, default: int, *, most: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise BadSetting(
            "expected a whole number up to {most} in {name}, got {value}",
            name=name,
            most=most,
            value=text,
        )
    return int(text)
