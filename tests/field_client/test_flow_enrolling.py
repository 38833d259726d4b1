"""Enrolment on screen: whatever goes wrong, the tablet can try again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from field_client.flow.enrolling import MOST_LISTED
from field_client.settings import Settings
from sync_server import demo
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet
from tests.field_client.flowing import Stage

NEW = demo.DEVICE.replace("7", "8")


@pytest.fixture
def stage(tablet: FieldTablet, county: County, tmp_path: Path) -> Iterator[Stage]:
    """A new tablet beside the enrolled one; the server runs."""
    county.start()
    settings = Settings(tmp_path / "new", server_url=county.url)
    made = Stage.of(tablet, data_dir=settings.data_dir, server_url=county.url)
    yield made
    made.close()


def enrol(stage: Stage, code: str, server: str = "", name: str = NEW) -> None:
    stage.do.enrol(server or stage.desk.settings.server_url, code, name, PASSPHRASE)
    stage.work()


def set_pins(stage: Stage, county: County, *cert_nos: str) -> None:
    for cert_no in cert_nos:
        stage.do.choose_officer(cert_no)
        stage.do.set_pin(cert_no, PINS[cert_no], county.code("officer", cert_no))
        stage.work()


def test_a_tablet_and_its_officers_are_enrolled_and_it_locks(stage: Stage, county: County) -> None:
    assert stage.screen == "enrol"
    enrol(stage, county.code("device", NEW))
    assert stage.view.stage == "officers"
    set_pins(stage, county, SHEN, LU)
    assert (stage.view.stage, stage.view.ready) == ("done", {SHEN, LU})
    assert NEW in dict(stage.view.summary).values()
    stage.do.finish_enrolment()
    assert stage.screen == "unlock"
    assert not stage.view.ask_passphrase
    stage.unlock()
    assert stage.screen == "today"


def test_a_wrong_code_is_told_and_the_right_one_is_taken(stage: Stage, county: County) -> None:
    enrol(stage, "AAAA-BBBB-CCCC")
    assert (stage.view.stage, stage.view.message.tone) == ("device", "danger")
    enrol(stage, county.code("device", NEW))
    assert stage.view.stage == "officers"


@pytest.mark.parametrize(
    "address", ["", "yunxi", "ftp://yunxi.example", "http://[", "http://a:99999"]
)
def test_what_is_no_address_is_told(stage: Stage, address: str) -> None:
    stage.do.enrol(address, "AAAA-BBBB-CCCC", NEW, PASSPHRASE)
    stage.work()
    assert stage.view.stage == "device"
    assert "http" in stage.view.message.title


def test_without_a_network_it_is_told_and_tried_again(stage: Stage, county: County) -> None:
    code = county.code("device", NEW)
    county.stop()
    enrol(stage, code)
    assert "网" in stage.view.message.title
    county.start()
    enrol(stage, code)
    assert stage.view.stage == "officers"


def test_a_short_passphrase_makes_no_keys(stage: Stage, county: County) -> None:
    stage.do.enrol(county.url, county.code("device", NEW), NEW, "short")
    stage.work()
    assert "12" in stage.view.message.title
    assert not stage.desk.settings.keys_dir.exists()


def test_when_the_sealed_key_does_not_arrive_the_spent_code_is_not_needed_again(
    stage: Stage, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from field_client.contact import enrolment
    from field_client.errors import NoNetwork

    def cut(*_: object) -> None:
        raise NoNetwork(
            "The server cannot be reached. Everything is saved on this tablet and is "
            "sent as soon as there is a network."
        )

    code = county.code("device", NEW)
    with monkeypatch.context() as broken:
        broken.setattr(enrolment, "entrust_recovery", cut)
        enrol(stage, code)
    assert (stage.view.stage, stage.desk.tablet) == ("device", None)
    assert "网" in stage.view.message.title
    enrol(stage, code)
    assert stage.view.stage == "officers"


def test_the_server_says_what_is_wrong_in_the_tablets_language(stage: Stage) -> None:
    enrol(stage, "AAAA-BBBB-CCCC")
    assert "一次性代码" in stage.view.message.title
    stage.do.set_language("en")
    enrol(stage, "AAAA-BBBB-CCCC")
    assert "one-time code" in stage.view.message.title


def test_an_officers_wrong_code_is_told_and_another_is_taken(stage: Stage, county: County) -> None:
    enrol(stage, county.code("device", NEW))
    stage.do.set_pin(SHEN, PINS[SHEN], "AAAA-BBBB-CCCC")
    stage.work()
    assert stage.view.message.tone == "danger"
    assert stage.view.ready == frozenset()
    set_pins(stage, county, SHEN)
    assert stage.view.ready == {SHEN}


def test_an_officer_is_ready_although_the_new_roster_does_not_come(
    stage: Stage, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code is spent and the keys are there: asking again would be refused for ever."""
    from field_client.contact.reference import ReferenceShelf
    from field_client.contact.wire import unclear

    def nonsense(*_: object) -> None:
        raise unclear("text/html")

    enrol(stage, county.code("device", NEW))
    monkeypatch.setattr(ReferenceShelf, "fetch", nonsense)
    set_pins(stage, county, SHEN)
    assert stage.view.ready == {SHEN}


def test_a_simple_pin_is_told(stage: Stage, county: County) -> None:
    enrol(stage, county.code("device", NEW))
    stage.do.set_pin(SHEN, "000000", county.code("officer", SHEN))
    stage.work()
    assert "PIN" in stage.view.message.title
    set_pins(stage, county, SHEN)
    assert stage.view.ready == {SHEN}


def test_an_officer_who_has_no_keys_here_yet_is_enrolled_from_duty(
    stage: Stage, county: County
) -> None:
    """Only the first was there when the tablet was enrolled; the second comes weeks later."""
    enrol(stage, county.code("device", NEW))
    set_pins(stage, county, SHEN)
    stage.do.finish_enrolment()
    stage.unlock()
    stage.do.bring_second()
    assert (stage.screen, stage.view.stage, stage.view.ready) == ("enrol", "officers", {SHEN})
    set_pins(stage, county, LU)
    stage.do.finish_enrolment()
    assert stage.screen == "today"
    stage.second()
    assert not stage.view.needs_second


def test_the_settings_are_not_changed_by_an_address_that_did_not_work(
    stage: Stage, county: County
) -> None:
    before = replace(stage.desk.settings)
    enrol(stage, county.code("device", NEW), server="http://127.0.0.1:9")
    assert stage.desk.settings == before


# ── a roster of thousands ────────────────────────────────────────────────────────────────


def grown(stage: Stage) -> None:
    """The roster of a large agency on the tablet."""
    shelf = stage.desk.open_tablet.shelf
    few = shelf.current.officers
    many = [
        msgspec.structs.replace(few[0], cert_no=f"009923{n:05}", name=f"何{n}", credentials=[])
        for n in range(2000)
    ]
    shelf._current = msgspec.structs.replace(shelf.current, officers=[*many, *few])


def test_of_thousands_one_is_found_by_name_or_number(stage: Stage, county: County) -> None:
    """Nobody else is listed, and who found nobody is not left with a long list."""
    enrol(stage, county.code("device", NEW))
    grown(stage)
    stage.routes._enrolling._to_officers()
    assert (stage.view.many, stage.view.officers, stage.view.chosen) == (True, (), "")
    stage.do.look_for_officer("何")  # as so many are called: the first few
    assert len(stage.view.officers) == MOST_LISTED
    assert stage.view.chosen == ""
    stage.do.look_for_officer("陆清")
    assert [one.officer_id for one in stage.view.officers] == [LU]
    assert stage.view.chosen == LU
    stage.do.look_for_officer("0099 2304 117")
    assert [one.officer_id for one in stage.view.officers] == [SHEN]
    stage.do.look_for_officer("夏侯")
    assert (stage.view.officers, stage.view.chosen) == ((), "")


def test_of_thousands_those_who_have_keys_stay_listed(stage: Stage, county: County) -> None:
    """Who else works with the tablet is for them to say: it goes on until they finish."""
    enrol(stage, county.code("device", NEW))
    grown(stage)
    stage.routes._enrolling._to_officers()
    for cert_no in (SHEN, LU):
        stage.do.look_for_officer(cert_no)
        stage.do.set_pin(stage.view.chosen, PINS[cert_no], county.code("officer", cert_no))
        grown(stage)
        stage.work()
        grown(stage)
        stage.do.look_for_officer("")
    assert stage.view.stage == "officers"
    assert {one.officer_id for one in stage.view.officers} == stage.view.ready == {SHEN, LU}
    stage.do.finish_enrolment()
    assert stage.screen == "unlock"
