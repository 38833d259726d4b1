"""An officer gets a new key on the same tablet: the PIN was forgotten, the key file is damaged."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from field_client.contact import enrolment
from field_client.errors import NoNetwork, RuleBlocks, WrongPin
from field_client.store import journal
from field_client.store.tables import Stage
from protocol.findings import Report
from protocol.reference import Parameters
from protocol.registry.registry import OfficerKey
from protocol.statements import DocumentIssued
from sync_server import demo
from sync_server.devices import rekeying
from sync_server.reports import integrity
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet, key_store
from tests.field_client.flowing import Stage as Screens
from tests.field_client.talk import grant_2027

AGENCY = demo.AGENCY.id
NEW_PIN = "205817"


@pytest.fixture
def screens(tablet: FieldTablet, online: County) -> Iterator[Screens]:
    """The screens over the enrolled tablet; the server runs."""
    made = Screens.of(tablet)
    yield made
    made.close()


def keys(county: County, cert_no: str) -> list[OfficerKey]:
    assert county.services is not None
    found = county.services.sequencer.registry.officer_keys.values()
    return [one for one in found if one.cert_no == cert_no]


def in_force(county: County, cert_no: str) -> list[OfficerKey]:
    return [one for one in keys(county, cert_no) if one.retired_at is None]


def renew(screens: Screens, county: County, cert_no: str, pin: str = NEW_PIN) -> None:
    """From the second officer's sign-in to the new PIN."""
    screens.do.bring_second()
    screens.do.renew_officer()
    screens.do.choose_officer(cert_no)
    screens.do.set_pin(cert_no, pin, county.code("officer", cert_no))
    screens.work()


def report(county: County) -> Report:
    assert county.services is not None
    device = county.services.sequencer.registry.devices[AGENCY, demo.DEVICE]
    return integrity.report(county.services, device, Parameters())


def test_a_forgotten_pin_is_replaced_with_its_key_by_a_new_code(
    screens: Screens, online: County
) -> None:
    """While a colleague is on duty: the old key is retired in the same breath, the old PIN opens
    nothing."""
    (before,) = in_force(online, LU)
    screens.unlock(SHEN)
    renew(screens, online, LU)
    (after,) = in_force(online, LU)
    assert after.key != before.key
    retired = [one for one in keys(online, LU) if one.retired_at is not None]
    assert [one.key for one in retired] == [before.key]
    assert screens.desk.keys is not None
    assert screens.desk.keys.unlock(LU, NEW_PIN).signer.verifier == after.key
    with pytest.raises(WrongPin):
        screens.desk.keys.unlock(LU, PINS[LU])


def test_a_damaged_key_file_holds_up_nobody_and_is_replaced_on_screen(
    screens: Screens, online: County
) -> None:
    """The colleague unlocks as ever; the damaged one counts as removed, and gets a new key."""
    folder = screens.desk.settings.keys_dir / "officers"
    (folder / f"{LU}.json").write_bytes(b"{")
    screens.unlock(SHEN)
    assert screens.screen == "today"
    screens.do.bring_second()
    assert (screens.screen, screens.view.chosen) == ("enrol", LU)
    screens.do.set_pin(LU, NEW_PIN, online.code("officer", LU))
    screens.work()
    screens.do.finish_enrolment()
    assert screens.desk.keys is not None
    assert screens.desk.keys.unlock(LU, NEW_PIN).signer.verifier == in_force(online, LU)[0].key


def test_a_wrong_code_leaves_the_old_key_and_pin(screens: Screens, online: County) -> None:
    """Nothing is overwritten before the office certified the new one."""
    screens.unlock(SHEN)
    screens.do.bring_second()
    screens.do.renew_officer()
    screens.do.set_pin(LU, NEW_PIN, "AAAA-BBBB-CCCC-DDDD")
    screens.work()
    assert screens.view.message.tone == "danger"
    assert screens.desk.keys is not None
    assert screens.desk.keys.unlock(LU, PINS[LU]).cert_no == LU
    assert len(keys(online, LU)) == 1


def test_who_is_on_duty_signs_with_the_new_key_at_once(screens: Screens, online: County) -> None:
    """The key that was replaced would be stopped by the rules from then on."""
    screens.unlock(SHEN)
    old = screens.desk.duty[SHEN]
    renew(screens, online, SHEN)
    (new,) = in_force(online, SHEN)
    assert screens.desk.duty[SHEN].signer.verifier == new.key != old.signer.verifier


def test_the_new_key_is_kept_when_the_offices_answer_was_lost(
    tablet: FieldTablet, online: County
) -> None:
    """The code is spent; the roster names the key, and the next start keeps it."""

    def lose(request: httpx.Request, response: httpx.Response) -> httpx.Response | None:
        if request.url.path == "/v1/enrol/officer":
            raise httpx.ReadError("cut", request=request)
        return None

    online.meddler.answer = lose
    store = key_store(tablet.folder, tablet.clock)
    with pytest.raises(NoNetwork):
        enrolment.enrol_officer(
            store,
            tablet.tablet.wire,
            tablet.tablet.admitted,
            tablet.shen.vault_key,
            LU,
            NEW_PIN,
            online.code("officer", LU),
        )
    online.meddler.answer = None
    assert store.unlock(LU, PINS[LU]).cert_no == LU
    tablet.contact()
    tablet.restart()
    assert store.unlock(LU, NEW_PIN).signer.verifier == in_force(online, LU)[0].key


def test_the_old_key_signs_nothing_more_and_what_it_signed_stands(
    tablet: FieldTablet, online: County
) -> None:
    """A rule stops it on the tablet; what was receipted before is no finding; what comes later by
    that key is one, and what nobody can date is uncertain."""
    assert online.services is not None
    tablet.open()
    tablet.contact()
    tablet.contact()
    unsent = tablet.open()
    tablet.clock.pass_seconds(60)
    rekeying.retire(online.services, AGENCY, LU, "", "遗失")
    tablet.contact()
    tablet.contact()
    assert set(tablet.stages()) == {Stage.STORED}
    found = {one.code: one for one in report(online).findings}
    assert "retired_key" not in found
    numbers = [e.value for e in found["uncertain_key"].evidence if e.en == "numbers"]
    assert numbers == [f"{unsent.state.records[0].link.sequence:04}"]
    with pytest.raises(RuleBlocks):
        tablet.open()


def test_a_record_signed_after_its_keys_end_is_found(
    tablet: FieldTablet, online: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tablet that does not ask the rules is found out by its own link's time."""
    assert online.services is not None
    tablet.open()
    tablet.contact()
    rekeying.retire(online.services, AGENCY, LU, demo.DEVICE, "遗失")
    tablet.clock.pass_seconds(60)
    grant_2027(online)  # the office's record brings the time
    tablet.contact()
    monkeypatch.setattr(journal, "judge", lambda *_args, **_more: [])
    tablet.open()
    tablet.contact()
    found = {one.code: one for one in report(online).findings}
    assert "retired_key" in found


def test_documents_of_before_are_as_good_as_ever(tablet: FieldTablet, online: County) -> None:
    """The whole inspection was signed before; its case file holds by the retired key too."""
    inspection = tablet.whole_inspection()
    tablet.contact()
    tablet.contact()
    assert online.services is not None
    tablet.clock.pass_seconds(60)
    rekeying.retire(online.services, AGENCY, SHEN, "", "遗失")
    report_ = report(online)
    assert report_.findings == ()
    issued = [one for one in inspection.state.records if isinstance(one.statement, DocumentIssued)]
    assert issued
