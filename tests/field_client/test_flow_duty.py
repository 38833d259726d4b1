"""Duty: off and on, an inspection that others go on with, letters, and nobody's PIN known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from field_client.flow import display
from protocol.statements import HandedOver, IdentityShown
from protocol.vocabulary import Step
from sync_server.commands.enrolling import recover_vault
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, SHEN, County, FieldTablet
from tests.field_client.flowing import Stage

THIRD, FOURTH = "00992304145", "00992304150"


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def last(stage: Stage, kind: type) -> object:
    return [one for one in stage.records if isinstance(one, kind)][-1]


# ── the card ────────────────────────────────────────────────────────────────────────────────


def test_step_person_and_place_are_recorded_as_they_were_chosen(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    assert stage.view.step == "identity"
    for key, value in (
        ("step", "service"),
        ("to_whom", "店员 李小满"),
        ("place", "仓库门口"),
    ):
        stage.do.edit_showing(key, value)
    assert "仓库门口" in stage.view.frame.subtitle
    assert "制服" not in stage.view.frame.subtitle, "what nobody said is not stated"
    stage.do.record_card_shown()
    stage.work()
    shown = last(stage, IdentityShown)
    assert isinstance(shown, IdentityShown)
    assert (shown.step, shown.to_whom, shown.place.text) == (
        Step.SERVICE,
        "店员 李小满",
        "仓库门口",
    )
    assert (shown.uniform, shown.worn) == (False, False)


def test_in_uniform_is_the_officers_own_tick_at_each_showing(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    assert not stage.view.uniform
    stage.do.edit_showing("uniform", "yes")
    assert "着制服、佩标志" in stage.view.frame.subtitle
    stage.do.record_card_shown()
    stage.work()
    shown = last(stage, IdentityShown)
    assert isinstance(shown, IdentityShown)
    assert shown.uniform
    stage.do.act("identity")
    assert not stage.view.uniform, "they may have changed since"


def test_the_place_of_the_inspection_is_kept_whole_unless_another_is_typed(stage: Stage) -> None:
    stage.opened()
    place = stage.desk.case.opening.place
    stage.do.act("identity")
    stage.do.edit_showing("worn", "yes")
    stage.do.record_card_shown()
    stage.work()
    shown = last(stage, IdentityShown)
    assert isinstance(shown, IdentityShown)
    assert shown.place == place
    assert shown.worn


@pytest.mark.parametrize(
    ("screen", "step"),
    [("capture", "evidence"), ("serve", "service"), ("inspection", "identity")],
)
def test_an_act_that_asks_for_the_cards_shows_them_at_its_own_step(
    stage: Stage, screen: str, step: str
) -> None:
    stage.opened()
    stage.shell.current = screen
    stage.do.fix("show_cards")
    assert (stage.screen, stage.view.step) == ("card", step)


def test_a_badge_is_worn_where_no_inspection_is_open_and_its_code_is_of_none(
    stage: Stage,
) -> None:
    stage.on_duty()
    stage.do.wear_badge()
    assert stage.screen == "card"
    assert (stage.view.worn, stage.view.inspecting) == (True, False)
    assert stage.view.qr is None  # made beside the window
    stage.work()
    assert stage.view.qr is not None
    stage.do.back()  # the party's stray touch asks for a PIN
    assert stage.view.lock.asking
    stage.do.leave_party(SHEN, "471108")
    stage.work()
    assert stage.screen == "today"


def test_a_cards_code_is_begun_once_the_card_is_made_and_not_after_a_lock(stage: Stage) -> None:
    """Both are made in Python, which does one of them at a time."""
    stage.on_duty()
    stage.work()
    stage.do.wear_badge()
    assert (stage.screen, stage.worker.waiting) == ("card", [])
    stage.settle()
    assert len(stage.worker.waiting) == 1
    stage.work()
    assert stage.view.qr is not None
    stage.do.wear_badge()
    stage.desk.shift += 1
    stage.settle()
    assert stage.worker.waiting == []


# ── handing over ────────────────────────────────────────────────────────────────────────────


def test_an_inspection_is_not_handed_over_to_who_has_it_nor_to_one_alone(stage: Stage) -> None:
    stage.opened()
    stage.do.go("settings")
    assert "登录" in stage.view.handover.missing
    stage.do.hand_over()
    stage.work()
    assert not [one for one in stage.records if isinstance(one, HandedOver)]
    stage.do.tick_going_on(LU)
    assert "两人" in stage.view.handover.missing


def test_going_off_duty_leaves_the_other_and_the_last_locks(stage: Stage) -> None:
    stage.opened()
    stage.do.go("settings")
    stage.do.sign_off(SHEN)
    assert list(stage.desk.duty) == [LU]
    assert [one.cert_no for one in stage.desk.case.officers] == [LU]
    stage.do.sign_off(LU)
    assert stage.screen == "unlock"
    assert stage.desk.inspection is None


# ── settings ────────────────────────────────────────────────────────────────────────────────


def test_letters_and_printer_are_kept_for_the_next_start(stage: Stage) -> None:
    stage.on_duty()
    stage.do.go("settings")
    stage.do.set_text("largest")
    stage.do.set_printer("Office")
    assert stage.shell.text == "largest"
    kept = display.chosen(stage.desk.settings)
    assert (kept.text, kept.printer) == ("largest", "Office")
    assert (stage.view.text, stage.view.printer) == ("largest", "Office")
    stage.do.set_language("en")
    assert stage.screen == "settings"
    assert display.chosen(stage.desk.settings).text == "largest"


def test_a_tablet_without_a_printing_program_says_so_where_its_printers_would_stand(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    stage.on_duty()
    stage.do.go("settings")
    stage.work()
    assert "本机没有打印程序" in stage.view.no_printers
    assert stage.shell.told is None


def test_a_display_that_was_kept_before_letters_could_be_chosen_is_read(stage: Stage) -> None:
    path = stage.desk.settings.data_dir / "display.json"
    path.write_text('{"language":"en","theme":"night"}')
    kept = display.chosen(stage.desk.settings)
    assert (kept.language, kept.theme, kept.text, kept.printer) == ("en", "night", "normal", "")


def test_about_names_the_tablet_its_server_and_its_log(stage: Stage) -> None:
    stage.on_duty()
    stage.do.go("settings")
    about = " ".join(value for _, value in stage.view.about)
    for word in ("YX-T07", "云溪县市场监督管理局", "符节", "http://127.0.0.1", "fujie"):
        assert word in about


# ── a forgotten PIN ─────────────────────────────────────────────────────────────────────────


def test_who_forgot_the_pin_gets_in_by_the_code_that_the_office_recovers(
    stage: Stage, online: County
) -> None:
    root = online.settings.root
    (recovery,) = root.glob("*.recovery.key")
    said: list[str] = []
    recover_vault(online.settings, "YX-T07", recovery, said.append)
    stage.do.forgot_pin(PASSPHRASE)
    assert stage.shell.asked is not None
    stage.do.answer("recover", said[0][:-1])
    assert "63" in stage.told.text
    stage.do.forgot_pin(PASSPHRASE)
    stage.do.answer("recover", "00" * 32)
    stage.work()
    assert stage.desk.tablet is None
    stage.do.forgot_pin(PASSPHRASE)
    stage.do.answer("recover", " ".join([said[0][:32], said[0][32:].upper()]))
    stage.work()
    assert (stage.screen, stage.view.stage) == ("enrol", "officers")
    stage.do.set_pin(SHEN, "806142", online.code("officer", SHEN))
    stage.work()
    stage.do.finish_enrolment()
    assert stage.screen == "unlock"
    stage.do.unlock(SHEN, "806142", "")
    stage.work()
    assert stage.screen == "today"
