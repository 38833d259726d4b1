"""The log changes its key, and says so in the log itself.

    rotate     the new key is made and signs beside the old one: readers know either
    finish     the new key signs alone; the old one's file is gone, its public half is kept
    replace    the old key may be in other hands: the new one signs alone at once

In each the key file comes first and the word after it: ``log_keys_changed`` by the issuer, for
each agency, then new reference data. A crash in between leaves keys that sign and are not
named yet; the same command, given again, names them. Witnesses are told by their operators:
between ``rotate`` and ``finish`` there is time for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from protocol.errors import Refused
from protocol.statements import LogKeysChanged
from sync_server.clock import Clock
from sync_server.keys import keyring
from sync_server.keys.keyring import FormerLogKey
from sync_server.services import Services, writing
from sync_server.settings import Settings


def rotate(settings: Settings, clock: Clock, reason: str) -> list[str]:
    """Have a second key sign too. Returns the verifier keys in force."""
    with writing(settings, clock) as services:
        if services.keyring.next_log is not None and _is_told(services):
            raise Refused(
                "expected one key of the log, it has two: a rotation is under way; end it with "
                "fujie-server rotate-log-key --finish"
            )
        # Not beside a running server: its next start would sign with a key that nobody named.
        keyring.new_log_key(settings)
    with writing(settings, clock) as services:
        return _tell(services, reason)


def finish(settings: Settings, clock: Clock, reason: str) -> list[str]:
    """Have the newer key sign alone. Returns the verifier keys in force."""
    if keyring.load_keyring(settings).next_log is not None:
        with writing(settings, clock) as services:
            if not _is_told(services):
                _tell(services, reason)
        keyring.retire_log_key(settings)
    return _tell_or_refuse(settings, clock, reason)


def replace(settings: Settings, clock: Clock, since: int, reason: str) -> list[str]:
    """Have a new key sign alone, because the old one may be in other hands ``since`` (ms)."""
    with writing(settings, clock) as services:
        # Retired and not told yet: a crash came in between, and only the word is missing.
        is_retired = not _is_told(services) and services.keyring.next_log is None
    if not is_retired:
        keyring.new_log_key(settings)
        keyring.retire_log_key(settings, since)
    return _tell_or_refuse(settings, clock, reason)


def _tell_or_refuse(settings: Settings, clock: Clock, reason: str) -> list[str]:
    with writing(settings, clock) as services:
        if _is_told(services):
            raise Refused(
                "expected two keys of the log, it has one and has said so; begin with "
                "fujie-server rotate-log-key"
            )
        return _tell(services, reason)


def _tell(services: Services, reason: str) -> list[str]:
    lost = [one for one in _former(services) if one.lost_since is not None]
    agencies = services.sequencer.registry.own_agencies
    told = [
        LogKeysChanged(
            agency=agency,
            at=services.clock.now(),
            salt=secrets.token_hex(16),
            keys=services.log_keys,
            compromised=[one.text for one in lost],
            since=min((one.lost_since or 0 for one in lost), default=None),
            reason=reason,
        )
        for agency in agencies
    ]
    # In one commit: what was said to one agency counts as said.
    services.office.state_all([(one, [services.keyring.issuer(one.agency)]) for one in told])
    for agency in agencies:
        services.publish_reference(agency)
    return services.log_keys


def _last(services: Services) -> LogKeysChanged | None:
    """What the office said of this log's keys last. Its own journal alone counts."""
    mine = f"{services.settings.origin}+"
    said = [
        record.statement
        for record in services.facts.of_office("log_keys_changed")
        if isinstance(record.statement, LogKeysChanged)
        and all(key.startswith(mine) for key in record.statement.keys)
    ]
    last = said[-1] if said else None
    assert last is None or isinstance(last, LogKeysChanged)
    return last


def _is_told(services: Services) -> bool:
    last = _last(services)
    if last is not None:
        return last.keys == services.log_keys
    former = [key.text.startswith(f"{services.settings.origin}+") for key in _former(services)]
    return len(services.log_keys) == 1 and not any(former)


def _former(services: Services) -> Sequence[FormerLogKey]:
    return services.keyring.former_logs
