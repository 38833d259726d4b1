"""What a tablet makes of the witnesses that its agency names, and how it says that it waits."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from field_client.contact.sync import SyncStatus
from field_client.flow.syncview import subtitle
from field_client.ui import i18n
from field_client.ui.presenters.common import error_words
from protocol.checkpoint import open_checkpoint
from protocol.errors import Unwitnessed
from protocol.keys import Ed25519Signer
from protocol.witness import Policy, WitnessKey
from tests.field_client.county import County, FieldTablet

KEY = WitnessKey("w1.example", Ed25519Signer(b"\x31" * 32).verifier.public_key)


def unwitnessed() -> Unwitnessed:
    return Unwitnessed(
        "expected {quorum} witnesses under this head, got {count}; wait, they are asked again, "
        "and nothing is lost",
        quorum=1,
        count=0,
    )


def status(**changes: Any) -> SyncStatus:
    still = SyncStatus(
        counts={},
        oldest_unsent_at=None,
        blobs_outstanding=0,
        bytes_outstanding=0,
        contact_at=None,
        online=True,
        busy=False,
        trouble=unwitnessed(),
        halted=None,
        alarm=None,
    )
    return replace(still, **changes)


def test_the_sync_screen_says_that_it_waits_for_witnesses() -> None:
    i18n.set_language("zh_CN")
    desk: Any = SimpleNamespace(_=i18n._, training=None)
    assert subtitle(desk, status()) == "等待见证"
    assert error_words(i18n._, unwitnessed()).startswith("等待见证：")
    assert subtitle(desk, status(online=False)) != "等待见证"


def test_the_agencys_witnesses_are_heeded_and_saved_views_open_with_them(
    tablet: FieldTablet, online: County
) -> None:
    tablet.contact()
    history = tablet.tablet.sync._exchange.history
    named = msgspec.structs.replace(
        tablet.tablet.shelf.current, witnesses=[KEY.text()], witness_quorum=1
    )
    history.heed(named)
    assert history.log.policy == Policy((KEY,), 1)
    note = history.log.checkpoint_bytes
    assert note is not None
    assert not history.is_known(note)
    history.heed(tablet.tablet.shelf.current)
    assert history.log.policy == Policy()
    assert history.is_known(note)


def test_witnesses_that_cannot_be_read_do_not_become_none_at_all(
    tablet: FieldTablet, online: County
) -> None:
    """A later version may name keys of a new type: then nothing is receipted, rather than all."""
    tablet.contact()
    history = tablet.tablet.sync._exchange.history
    reference = tablet.tablet.shelf.current
    history.heed(msgspec.structs.replace(reference, witnesses=["w9+…"], witness_quorum=1))
    note = history.log.checkpoint_bytes
    assert note is not None
    with pytest.raises(Unwitnessed):
        open_checkpoint(note, history.log.verifiers, history.log.origin, history.log.policy)
    history.heed(msgspec.structs.replace(reference, witnesses=["w9+…"], witness_quorum=0))
    assert history.is_known(note)


def test_log_keys_that_cannot_be_read_are_passed_over(tablet: FieldTablet, online: County) -> None:
    tablet.contact()
    history = tablet.tablet.sync._exchange.history
    before = history.log.verifiers
    reference = tablet.tablet.shelf.current
    history.heed(msgspec.structs.replace(reference, log_keys=["new type", *reference.log_keys]))
    assert history.log.verifiers == before
