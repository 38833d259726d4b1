"""Locking and unlocking: who is let in, what is told, and what stays shut."""

from __future__ import annotations

import errno
from collections.abc import Iterator

import pytest

from field_client.flow import lockscreen
from sync_server.commands.enrolling import recover_vault
from tests.field_client.conftest import PASSPHRASE
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet
from tests.field_client.flowing import Stage

WRONG = "111112"


@pytest.fixture
def stage(tablet: FieldTablet) -> Iterator[Stage]:
    made = Stage.of(tablet)
    yield made
    made.close()


def test_a_tablet_that_lost_its_faces_file_lets_its_officers_in(stage: Stage) -> None:
    """The fixture's tablet never had one: only key files say who may unlock."""
    assert stage.screen == "unlock"
    assert [one.officer_id for one in stage.view.officers] == [SHEN, LU]
    stage.unlock()
    assert stage.screen == "today"
    assert [one.name for one in lockscreen.read(stage.desk.settings).officers] == [
        "沈知远",
        "陆清和",
    ]


def test_a_wrong_passphrase_is_told_and_the_right_one_still_opens(stage: Stage) -> None:
    stage.do.unlock(SHEN, PINS[SHEN], "quite another phrase")
    stage.work()
    assert (stage.screen, stage.view.message.tone) == ("unlock", "danger")
    assert "口令" in stage.view.message.title
    assert stage.view.ask_passphrase
    stage.unlock()
    assert stage.screen == "today"


def test_a_short_passphrase_is_told(stage: Stage) -> None:
    stage.do.unlock(SHEN, PINS[SHEN], "short")
    stage.work()
    assert "12" in stage.view.message.title


def test_a_wrong_pin_is_counted_in_words(stage: Stage) -> None:
    stage.unlock(pin=WRONG)
    assert stage.view.message.title == "PIN 不对，还可以试 9 次"


def test_a_delay_runs_out_by_itself_and_the_pad_opens_again(stage: Stage) -> None:
    for _ in range(4):
        stage.unlock(pin=WRONG)
    assert stage.view.locked
    stage.unlock()
    assert stage.screen == "unlock", "a right PIN during the delay opens nothing"
    stage.pass_seconds(31)
    stage.do.tick()
    assert not stage.view.locked
    stage.unlock()
    assert stage.screen == "today"


def guess(stage: Stage, times: int) -> None:
    for _ in range(times):
        stage.pass_seconds(901)
        stage.unlock(pin=WRONG)


def test_the_last_three_tries_are_preceded_by_a_warning(stage: Stage) -> None:
    guess(stage, 6)
    assert stage.shell.told is None
    guess(stage, 1)
    assert stage.told.tone == "warning"
    assert "管理员" in stage.told.text


def test_after_the_last_try_the_officer_is_out_and_the_colleague_gets_in(stage: Stage) -> None:
    guess(stage, 10)
    assert stage.view.wiped
    assert "管理员" in stage.view.message.text
    stage.do.choose_officer(LU)
    stage.unlock(LU)
    assert stage.screen == "today"


def test_who_got_a_new_pin_after_the_last_try_unlocks_at_once(stage: Stage, county: County) -> None:
    """By the recovery code of the office; the pad is there again."""
    for _ in range(10):
        stage.unlock(LU, pin=WRONG)
        stage.pass_seconds(3_600)
    assert stage.view.wiped
    county.start()
    said: list[str] = []
    (recovery,) = county.settings.root.glob("*.recovery.key")
    recover_vault(county.settings, "YX-T07", recovery, said.append)
    stage.do.forgot_pin(PASSPHRASE)
    stage.do.answer("recover", said[0])
    stage.work()
    assert stage.view.chosen == LU
    stage.do.set_pin(LU, "806142", county.code("officer", LU))
    stage.work()
    stage.do.finish_enrolment()
    assert (stage.screen, stage.view.wiped, stage.view.message) == ("unlock", False, None)


def test_a_damaged_record_store_is_named_with_what_to_do(stage: Stage) -> None:
    path = stage.desk.settings.vault_path
    whole = path.read_bytes()
    data = bytearray(whole)
    data[4096 * 2 : 4096 * 2 + 64] = bytes(64)
    path.write_bytes(bytes(data))
    path.with_name("vault.db.dirty").write_bytes(b"")
    stage.unlock()
    assert stage.screen == "unlock"
    assert "管理员" in stage.view.message.title
    assert stage.desk.tablet is None
    assert path.read_bytes() == bytes(data), "nothing was touched"
    path.write_bytes(whole)
    stage.unlock()
    assert stage.screen == "today"


def test_a_key_of_another_record_store_is_named(stage: Stage) -> None:
    beside = stage.desk.settings.vault_path.with_name("vault.db.id")
    beside.write_text('{"version":1,"key":"0011223344556677"}')
    stage.unlock()
    assert stage.screen == "unlock"
    assert "管理员" in stage.view.message.title


def test_a_full_disk_at_unlocking_is_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attempt must be counted before the PIN is judged; without room nothing is tried."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as broken:
        broken.setattr("field_client.durable.os.fsync", full)
        stage.unlock()
    assert stage.screen == "unlock"
    assert "空间" in stage.view.message.title
    stage.unlock()
    assert stage.screen == "today"


def test_two_touches_open_one_tablet(stage: Stage) -> None:
    stage.do.unlock(SHEN, PINS[SHEN], PASSPHRASE)
    stage.do.unlock(SHEN, PINS[SHEN], PASSPHRASE)
    assert len(stage.worker.waiting) == 1
    stage.work()
    assert stage.screen == "today"


def test_locking_forgets_the_officers_and_the_inspection(stage: Stage) -> None:
    stage.opened()
    stage.do.lock()
    assert stage.screen == "unlock"
    assert not stage.view.ask_passphrase
    assert (stage.desk.duty, stage.desk.inspection) == ({}, None)
    stage.unlock()
    assert stage.screen == "today"
    assert stage.view.needs_second
    stage.do.resume(stage.view.inspections[0].inspection_id)
    assert stage.screen == "inspection"


def test_an_act_that_ends_after_the_lock_is_on_record_and_opens_no_screen(stage: Stage) -> None:
    stage.opened()
    case = stage.desk.case
    stage.do.act("identity")
    stage.do.record_card_shown()
    stage.do.lock()
    stage.work()
    assert stage.screen == "unlock"
    assert stage.desk.duty == {}
    assert len(case.state.shown) == 1


def test_a_pin_that_ends_after_the_lock_brings_nobody_on_duty(stage: Stage) -> None:
    stage.unlock()
    stage.do.bring_second()
    stage.do.sign_in(LU, PINS[LU])
    stage.do.lock()
    stage.work()
    assert (stage.screen, stage.desk.duty) == ("unlock", {})


def test_the_second_officer_gets_the_words_of_a_wrong_pin_too(stage: Stage) -> None:
    stage.unlock()
    stage.second(pin=WRONG)
    assert stage.screen == "signin"
    assert stage.view.message.title == "PIN 不对，还可以试 9 次"
    stage.do.back()
    assert stage.screen == "today"


# ── the party's lock ─────────────────────────────────────────────────────────────────────────


def test_the_party_can_open_nothing_else(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    for leave in (stage.do.back, lambda: stage.do.go("today"), lambda: stage.do.fix("show_cards")):
        leave()
        assert stage.screen == "card"
    stage.do.back()
    assert stage.view.lock.asking, "the way out asks for a PIN"


def test_leaving_the_party_takes_an_officers_pin(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    stage.settle()
    stage.work()  # the card's code
    stage.do.leave_party(SHEN, WRONG)
    stage.work()
    assert stage.screen == "card"
    assert stage.view.lock.message.title == "PIN 不对，还可以试 9 次"
    stage.do.tick()
    assert not stage.view.lock.asking, "a sheet that was closed does not come back by itself"
    stage.do.leave_party(SHEN, PINS[SHEN])
    stage.work()
    assert stage.screen == "inspection"


def test_any_officer_on_duty_takes_the_tablet_back_and_nobody_else(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    assert [one.key for one in stage.view.lock.officers] == [SHEN, LU]
    stage.do.leave_party("00992304999", PINS[LU])
    stage.work()
    assert stage.screen == "card", "who is not on duty opens nothing, and no try is counted"
    stage.do.leave_party(LU, PINS[LU])
    stage.work()
    assert stage.screen == "inspection"


def test_guessing_at_the_partys_lock_locks_the_tablet(stage: Stage) -> None:
    stage.opened()
    stage.do.act("identity")
    for _ in range(10):
        stage.pass_seconds(901)
        stage.do.leave_party(SHEN, WRONG)
        stage.work()
    assert stage.screen == "unlock"
    assert stage.view.wiped
    assert stage.desk.duty == {}


def test_the_partys_screens_lock_like_any_other(stage: Stage) -> None:
    stage.signing()
    stage.party_signs()
    stage.do.lock()
    assert stage.screen == "unlock"
    stage.unlock()
    assert stage.screen == "today"
    assert not stage.routes._party_holds()


# ── language and theme ───────────────────────────────────────────────────────────────────────


def test_language_and_theme_stay_as_they_were_chosen(stage: Stage, tablet: FieldTablet) -> None:
    from field_client.flow import display

    stage.do.set_language("en")
    stage.do.set_theme("night")
    assert (stage.screen, stage.shell.theme) == ("unlock", "night")
    kept = display.chosen(stage.desk.settings)
    assert (kept.language, kept.theme) == ("en", "night")


def test_a_damaged_choice_of_language_falls_back_to_the_settings(stage: Stage) -> None:
    from field_client.flow import display

    (stage.desk.settings.data_dir / "display.json").write_text('{"language":"xx"}')
    assert display.chosen(stage.desk.settings).language == "zh_CN"


def test_every_screen_is_shown_again_in_the_other_language(stage: Stage) -> None:
    def switched() -> str:
        before = stage.screen
        for language in ("en", "zh_CN"):
            stage.do.set_language(language)
            assert stage.screen == before, f"{before} was not shown again"
        return before

    seen = [switched()]
    stage.unlock()
    stage.do.bring_second()
    seen.append(switched())
    stage.do.sign_in(LU, PINS[LU])
    stage.work()
    seen.append(switched())
    stage.look_at_sync()
    seen.append(switched())
    stage.fill_in()
    stage.do.open_inspection()
    stage.work()
    seen.append(switched())
    for act, screen in (("identity", "card"), ("rights", "notice"), ("evidence", "capture")):
        stage.do.act(act)
        assert stage.screen == screen
        seen.append(switched())
        stage.routes._capturing.leave()
        stage.routes._to_inspection()
    stage.do.act("record")
    seen.append(switched())
    assert len(set(seen)) == len(seen) == 9


def test_the_age_of_the_roster_follows_its_comma(stage: Stage) -> None:
    stage.on_duty()
    stage.pass_seconds(12 * 60)
    stage.look_at_sync()
    assert "，" in stage.view.clock
    assert "， " not in stage.view.clock


def test_who_touches_the_corner_or_looks_at_sync_has_it_tried_at_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After hours offline the next try is five minutes off; nobody who asks for it waits for it.
    Unlocking and Today ask for none: a contact in the midst of an act held the window up, 400 ms
    by the clock."""
    stage.unlock()
    stage.do.lock()
    woken: list[str] = []
    monkeypatch.setattr(stage.desk.open_tablet.sync, "wake", lambda: woken.append(stage.screen))
    stage.do.fix("sync_now")
    assert woken == ["unlock"], "the corner of the locked screen"
    stage.unlock()
    stage.do.go("today")
    assert woken == ["unlock"]
    stage.do.go("sync")
    assert len(woken) == 2
