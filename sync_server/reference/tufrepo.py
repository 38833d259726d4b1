"""An agency's repository by The Update Framework (TUF 1.0), from which tablets read its data.

    timestamp.json                          by the issuer: which snapshot is the newest
    7.snapshot.json                         by the issuer: which targets.json belongs to it
    7.targets.json                          by the issuer: length and hash of the bundle
    targets/<sha256>.reference.dsse         the bundle of version 7 (``protocol/reference.py``)
    portraits/<sha256>                      officers' photos that it names (``portraits.py``)
    1.root.json 2.root.json …               by the agency's root: whose word the others are

Root metadata are made with the root key, at founding and at each rotation, and a later one is
signed by the root before it too; the others are made anew with each version of the reference data
and bear its number. All files of a version, and a root that comes with it, become visible in one
transaction. A reader that began before still finds the files of the versions before (``KEPT``).

The dates in the metadata lie as far away as the issuer's certificate: how fresh the data are is
said by their own ``issued_at`` (design decision 10), and a stick may lie in a drawer for a month.

>>> names(7, b"bundle")[0]
'7.targets.json'
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signature, SSlibKey
from securesystemslib.signer import Signer as TufSigner
from sqlmodel import Session, col, delete, select
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from protocol.errors import Refused
from protocol.keys import ED25519, Signer, Verifier
from sync_server.store.db import Database
from sync_server.store.files import write_durably
from sync_server.store.tables import TufRow

TARGET = "reference.dsse"
PENDING = "pending"
FOLDER = "tuf"
KEPT = 4
"""Versions whose files stay, for readers that began before the newest one was there."""

Files = Mapping[str, bytes]


class _Signer(TufSigner):
    """One of our signers, as the library wants it."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._key = tuf_key(signer.verifier)

    @property
    def public_key(self) -> Key:
        """The public half."""
        return self._key

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, secrets_handler: object = None
    ) -> TufSigner:
        """Keys come from the keyring, never by an address."""
        raise ValueError(priv_key_uri)

    def sign(self, payload: bytes) -> Signature:
        """A signature over ``payload``."""
        return Signature(self._key.keyid, self._signer.sign(payload).hex())


def tuf_key(verifier: Verifier) -> SSlibKey:
    """A public key as TUF writes it. Its id is the SHA-256 of its canonical JSON, as readers that
    compute ids expect. Raises Refused for an algorithm that TUF does not have."""
    if verifier.algorithm != ED25519:
        raise Refused(
            "expected an Ed25519 key for the TUF repository, got {algorithm}; keep an Ed25519 "
            "issuer and root",
            algorithm=verifier.algorithm,
        )
    public = {"public": verifier.public_key.hex()}
    plain = {"keytype": ED25519, "keyval": public, "scheme": ED25519}
    canonical = json.dumps(plain, separators=(",", ":"), sort_keys=True).encode()
    return SSlibKey(hashlib.sha256(canonical).hexdigest(), ED25519, ED25519, public)


def root_json(
    version: int,
    roots: Sequence[Verifier],
    issuer: Verifier,
    signers: Iterable[Signer],
    until: int,
    threshold: int = 1,
) -> bytes:
    """Root metadata: ``roots`` (of which ``threshold`` sign the next one) and the one key of the
    other roles. ``signers`` are the root's own and, after the first, its predecessor's."""
    root = Root(version=version, expires=_day(until), consistent_snapshot=True)
    for verifier in roots:
        root.add_key(tuf_key(verifier), Root.type)
    root.roles[Root.type].threshold = threshold
    for role in (Targets.type, Snapshot.type, Timestamp.type):
        root.add_key(tuf_key(issuer), role)
    return _signed(root, signers)


def version_files(version: int, bundle: bytes, issuer: Signer, until: int) -> dict[str, bytes]:
    """The files of one version, ``timestamp.json`` last."""
    targets_name, snapshot_name, target_name = names(version, bundle)
    day = _day(until)
    target = TargetFile.from_data(TARGET, bundle, ["sha256"])
    targets = _signed(Targets(version, expires=day, targets={TARGET: target}), [issuer])
    listed = {"targets.json": _meta(version, targets)}
    snapshot = _signed(Snapshot(version, expires=day, meta=listed), [issuer])
    newest = _meta(version, snapshot)
    return {
        target_name: bundle,
        targets_name: targets,
        snapshot_name: snapshot,
        "timestamp.json": _signed(Timestamp(version, expires=day, snapshot_meta=newest), [issuer]),
    }


def names(version: int, bundle: bytes) -> tuple[str, str, str]:
    """The names of a version's targets.json, its snapshot.json and its bundle."""
    sha256 = hashlib.sha256(bundle).hexdigest()
    return (
        f"{version}.targets.json",
        f"{version}.snapshot.json",
        f"targets/{sha256}.{TARGET}",
    )


# ── what is kept ─────────────────────────────────────────────────────────────────────────


def keep_root(db: Database, agency: str, data: bytes) -> None:
    """Keep root metadata until the next version is published with them. Replaces any that wait."""
    with db.private() as session:
        session.merge(TufRow(agency=agency, name=PENDING, version=0, body=data))


def publish(
    db: Database, agency: str, version: int, files: Files, root: Verifier, issuer: Verifier
) -> None:
    """Make a version visible, in one transaction with the root metadata that wait for it: those
    that name ``root`` and ``issuer``, who are in force. Others belong to a rotation that a crash
    cut before it was stated."""
    with db.private() as session:
        waiting = session.get(TufRow, (agency, PENDING))
        if waiting is not None and names_keys(waiting.body, root, issuer):
            name = f"{_version(waiting.body)}.root.json"
            session.merge(TufRow(agency=agency, name=name, version=0, body=waiting.body))
            session.delete(waiting)
        for name, body in files.items():
            session.merge(TufRow(agency=agency, name=name, version=version, body=body))
        session.exec(
            delete(TufRow).where(
                col(TufRow.agency) == agency,
                col(TufRow.version) > 0,
                col(TufRow.version) <= version - KEPT,
            )
        )


def read(db: Database, agency: str, name: str) -> bytes | None:
    """One file as it is served."""
    if name == PENDING:
        return None
    with db.reading() as session:
        row = session.get(TufRow, (agency, name))
        return row.body if row else None


def newest_root(db: Database, agency: str) -> int:
    """The version of the newest root metadata that are served, 0 for none."""
    with db.reading() as session:
        found = [row.body for row in _rows(session, agency, 0) if row.name != PENDING]
    return max((_version(body) for body in found), default=0)


def exists(db: Database, agency: str) -> bool:
    """Whether root metadata are there, served or waiting."""
    with db.reading() as session:
        return bool(_rows(session, agency, 0))


def is_behind(
    db: Database, agency: str, version: int | None, root: Verifier, issuer: Verifier
) -> bool:
    """Whether the repository, if there is one, lacks the published ``version``, or the root
    metadata of a rotation that was stated: a crash came between the statement and the files."""
    with db.reading() as session:
        roots = _rows(session, agency, 0)
        newest = session.get(TufRow, (agency, "timestamp.json"))
    waits = any(row.name == PENDING and names_keys(row.body, root, issuer) for row in roots)
    return bool(roots) and (waits or newest is None or newest.version != version)


def files(db: Database, agency: str) -> dict[str, bytes]:
    """The newest version and every root, ``timestamp.json`` last; none without a repository."""
    with db.reading() as session:
        newest = session.get(TufRow, (agency, "timestamp.json"))
        if newest is None:
            return {}
        roots = [row for row in _rows(session, agency, 0) if row.name != PENDING]
        rows = [*roots, *_rows(session, agency, newest.version)]
    rows.sort(key=lambda row: row.name == "timestamp.json")
    return {row.name: row.body for row in rows}


def export(db: Database, agency: str, folder: Path) -> Path:
    """Write the newest version and every root under ``folder/tuf/<agency>``, each file durable,
    ``timestamp.json`` last: a stick that is pulled out too early holds the version before.
    Raises Refused if there is no repository."""
    found = files(db, agency)
    if not found:
        raise Refused(
            "agency {agency} has no TUF repository yet: this server was founded by an older "
            "version; bring the root's folder and run fujie-server rotate-issuer once",
            agency=agency,
        )
    target = folder / FOLDER / agency
    for name, body in found.items():
        write_durably(target / name, body)
        _let_read(target / name, folder)
    for path in [*target.glob("*.json"), *target.glob("targets/*")]:
        if path.relative_to(target).as_posix() not in found:
            path.unlink()
    return target


def _let_read(path: Path, top: Path) -> None:
    """Whoever plugs the stick in reads it, whatever this program's own habits are; some file
    systems of sticks know no permissions, and need none."""
    with suppress(OSError):
        path.chmod(0o644)
        while (path := path.parent) != top:
            path.chmod(0o755)


def _rows(session: Session, agency: str, version: int) -> list[TufRow]:
    where = (TufRow.agency == agency, TufRow.version == version)
    return list(session.exec(select(TufRow).where(*where)))


def _signed(body: Root | Targets | Snapshot | Timestamp, signers: Iterable[Signer]) -> bytes:
    made = Metadata[Any](body)
    for signer in signers:
        made.sign(_Signer(signer), append=True)
    return made.to_bytes()


def _meta(version: int, data: bytes) -> MetaFile:
    return MetaFile(version, len(data), {"sha256": hashlib.sha256(data).hexdigest()})


def _day(at: int) -> datetime:
    return datetime.fromtimestamp(at // 1000, UTC)


def _version(root: bytes) -> int:
    return int(json.loads(root)["signed"]["version"])


def names_keys(data: bytes, root: Verifier, issuer: Verifier) -> bool:
    """Whether root metadata give the roles to these two keys."""
    roles = json.loads(data)["signed"]["roles"]
    told = [roles[role]["keyids"] for role in (Root.type, Timestamp.type)]
    return told == [[tuf_key(root).keyid], [tuf_key(issuer).keyid]]
