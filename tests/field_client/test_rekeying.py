"""A tablet gets a new device key: its journal goes on, and no cut in between leaves it without."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from field_client.contact import rekeying as tablets
from field_client.contact.rekeying import REKEY, Rekeying
from field_client.errors import ServerRefuses
from field_client.keys.device_keys import DeviceKeys
from field_client.store.tables import Stage
from field_client.store.vault import Vault
from protocol.messages import PullAnswer
from protocol.registry.registry import Device
from sync_server import demo
from sync_server.devices import rekeying
from tests.field_client.county import County, FieldTablet, key_store
from tests.field_client.talk import grant_2027, verified

AGENCY = demo.AGENCY.id


def ask(county: County) -> None:
    assert county.services is not None
    rekeying.ask(county.services, AGENCY, demo.DEVICE)


def known(county: County) -> Device:
    """The tablet as the office has it."""
    assert county.services is not None
    return county.services.sequencer.registry.devices[AGENCY, demo.DEVICE]


def key_on_disk(tablet: FieldTablet) -> bytes:
    return key_store(tablet.folder, tablet.clock).device.signer().verifier.key_id


def asked_at(county: County) -> int:
    return county.meddler.asked.count("POST /v1/rekey")


def test_the_office_asks_and_the_tablet_signs_with_a_new_key(
    tablet: FieldTablet, online: County
) -> None:
    """One journal before and after; the roster names the new key, old signatures still verify."""
    first = tablet.open()
    tablet.contact()
    before = known(online)
    ask(online)
    tablet.contact()
    after = known(online)
    assert after.key.key_id == key_on_disk(tablet) != before.key.key_id
    assert after.journal == before.journal
    assert [one.key for one in after.former] == [before.key]
    tablet.open()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED] * 2
    assert verified(tablet) == 2
    links = [one.link for one in first.state.records]
    assert links[0].journal == after.journal
    listed = next(one for one in tablet.tablet.shelf.current.devices if one.name == demo.DEVICE)
    assert (listed.certificate, listed.former) == (after.certificate, [before.certificate])
    assert tablet.tablet.vault.state(REKEY) is None
    assert asked_at(online) == 1


def test_a_program_started_anew_goes_on_with_the_new_key(
    tablet: FieldTablet, online: County
) -> None:
    """PIN, vault and officers' keys are what they were."""
    ask(online)
    tablet.contact()
    tablet.restart()
    tablet.open()
    tablet.contact()
    assert tablet.stages() == [Stage.STORED]
    assert asked_at(online) == 1


def test_the_old_key_is_refused_from_then_on(tablet: FieldTablet, online: County) -> None:
    """By a signed answer, as somebody else may hold it."""
    old = tablet.tablet.sync._exchange.device.signer
    ask(online)
    tablet.contact()
    tablet.tablet.wire.sign_with(old)
    with pytest.raises(ServerRefuses) as caught:
        tablet.tablet.wire.get("/v1/pull", "cursor=0", PullAnswer)
    assert caught.value.facts["status"] == 401


def test_nobody_asked_is_an_end_and_no_trouble(tablet: FieldTablet, online: County) -> None:
    """An old question that comes again (after a succession) is answered no, and forgotten."""
    tablet.tablet.vault.set_state(REKEY, tablets.ASKED)
    before = known(online).key
    tablet.open()
    tablet.contact()
    assert known(online).key == before
    assert tablet.tablet.vault.state(REKEY) is None
    assert tablet.stages() == [Stage.STORED]


def test_a_certificate_near_its_end_is_renewed_unasked(tablet: FieldTablet, online: County) -> None:
    """By the server's time, so that a wrong clock on the tablet renews nothing."""
    before = known(online).key
    tablet.clock.wall += 2 * rekeying.DEVICE_MS
    online.clock.ahead_ms = -2 * rekeying.DEVICE_MS
    tablet.contact()
    assert known(online).key == before
    online.clock.ahead_ms += rekeying.DEVICE_MS - tablets.NEAR_MS + 1000
    grant_2027(online)  # the office's record brings the time
    tablet.contact()
    assert known(online).key != before
    assert known(online).key.key_id == key_on_disk(tablet)


class Cut(BaseException):
    """The plug is pulled."""


def after(part: object, name: str, nth: int = 1) -> Callable[[pytest.MonkeyPatch], None]:
    """Cut after the ``nth`` call of a part's function."""
    return _cutting(part, name, nth, before=False)


def before(part: object, name: str, nth: int = 1) -> Callable[[pytest.MonkeyPatch], None]:
    return _cutting(part, name, nth, before=True)


def _cutting(
    part: object, name: str, nth: int, *, before: bool
) -> Callable[[pytest.MonkeyPatch], None]:
    real = getattr(part, name)
    calls: list[None] = []

    def cut(*args: object, **more: object) -> object:
        calls.append(None)
        if len(calls) == nth and before:
            raise Cut
        made = real(*args, **more)
        if len(calls) == nth:
            raise Cut
        return made

    return lambda monkeypatch: monkeypatch.setattr(part, name, cut)


@pytest.mark.parametrize(
    "cut",
    [
        before(Rekeying, "_go_on"),
        before(DeviceKeys, "prepare"),
        after(DeviceKeys, "prepare"),
        before(DeviceKeys, "adopt"),
        after(DeviceKeys, "adopt"),
        before(Rekeying, "_end"),
        after(Rekeying, "_end"),
    ],
    ids=[
        "asked",
        "noted",
        "prepared",
        "certified",
        "adopted",
        "told to all",
        "done",
    ],
)
def test_a_cut_between_any_two_writes_leaves_a_tablet_that_works(
    tablet: FieldTablet,
    online: County,
    monkeypatch: pytest.MonkeyPatch,
    cut: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """The next start goes on where it stood; one change, one certificate, no link lost."""
    tablet.open()
    ask(online)
    old = known(online).key
    with monkeypatch.context() as patch:
        cut(patch)
        with pytest.raises(Cut):
            tablet.contact()
    tablet.restart()
    tablet.open()
    tablet.contact()
    tablet.contact()
    assert known(online).key.key_id == key_on_disk(tablet)
    assert [one.key for one in known(online).former] == [old]
    assert tablet.stages() == [Stage.STORED] * 2
    assert tablet.tablet.vault.state(REKEY) is None


def test_an_answer_lost_on_its_way_back_is_asked_for_again(
    tablet: FieldTablet, online: County
) -> None:
    """The office certified the key already; the old key may ask for that alone, and as often as
    it takes, even when the tablet was away for months."""

    def lose(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path == "/v1/rekey":
            raise httpx.ReadError("cut", request=request)
        return None

    ask(online)
    online.meddler.answer = lose
    tablet.contact()
    assert len(known(online).former) == 1
    assert key_on_disk(tablet) == known(online).former[0].key.key_id
    tablet.open()
    tablet.contact()
    tablet.restart()
    tablet.clock.pass_seconds(90 * 24 * 3600)
    online.meddler.answer = None
    tablet.contact()
    tablet.contact()
    assert key_on_disk(tablet) == known(online).key.key_id
    assert len(known(online).former) == 1
    assert tablet.stages() == [Stage.STORED]


def test_two_changes_in_a_row(tablet: FieldTablet, online: County) -> None:
    """Each key has one time; all of them stay known."""
    for _ in range(2):
        ask(online)
        tablet.open()
        tablet.contact()
    assert len(known(online).former) == 2
    assert tablet.stages() == [Stage.STORED] * 2


def test_a_full_disk_leaves_the_old_key(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change waits; records are sent meanwhile."""
    ask(online)
    old = known(online).key
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "set_state", _full)
        tablet.open()
        tablet.contact()
        assert known(online).key == old
    tablet.contact()
    assert known(online).key != old
    assert tablet.stages() == [Stage.STORED]


def _full(self: Vault, name: str, value: bytes) -> None:
    from field_client.errors import DiskFull

    raise DiskFull("The disk is full.")
