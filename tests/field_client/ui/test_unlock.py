"""The closed tablet: PIN, other officers, locks, languages, enrolment, second officer."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.presenters.common import Message
from field_client.ui.theme import theme

SHEN, LU = "00992304117", "00992304132"


@pytest.fixture
def letters(tablet: Any) -> Iterator[Any]:
    """A tablet that lies again afterwards, with letters of the usual size."""
    size, hint = tuple(tablet.shell.size), tuple(tablet.shell.size_hint)
    tablet.shell.size_hint = None, None
    yield tablet
    theme.use_text("normal")
    tablet.shell.size, tablet.shell.size_hint = size, hint


def test_six_digits_ask_to_unlock(tablet: Any) -> None:
    """The sixth digit submits; nothing is asked before it."""
    tablet.show("unlock")
    tablet.hands.pin("24078")
    assert tablet.did == []
    tablet.hands.pin("1")
    assert tablet.did == [("unlock", SHEN, "240781", "")]


def test_a_digit_can_be_taken_back(tablet: Any) -> None:
    tablet.show("unlock")
    tablet.hands.pin("24079")
    tablet.hands.tap("pin.erase")
    tablet.hands.pin("81")
    assert tablet.did == [("unlock", SHEN, "240781", "")]


def test_the_passphrase_travels_with_the_pin_where_it_is_asked_for(tablet: Any) -> None:
    tablet.show("unlock.passphrase")
    tablet.hands.type("passphrase", "河西路上的四棵槐树与一口井")
    tablet.hands.pin("240781")
    assert tablet.did == [("unlock", SHEN, "240781", "河西路上的四棵槐树与一口井")]


def test_a_wrong_pin_says_how_many_tries_are_left(tablet: Any) -> None:
    tablet.show("unlock")
    assert "PIN 不对，还可以试 4 次" in tablet.words()


def test_a_locked_pin_has_no_keys_but_lets_another_officer_unlock(tablet: Any) -> None:
    """The message says that nothing is lost, and the way on is the only large button."""
    tablet.show("unlock.locked")
    assert "pin.1" not in tablet.hands.names()
    assert "PIN 已锁定 15 分钟" in tablet.words()
    assert "记录没有丢失" in tablet.words()
    tablet.hands.tap("switch")
    tablet.hands.tap(f"officer.{LU}")
    assert tablet.did == [("choose_officer", LU)]


def test_a_lost_tablet_asks_nobody_for_a_pin_and_shows_no_officer(tablet: Any) -> None:
    tablet.show("unlock.lost")
    assert "本机已报失" in tablet.words()
    assert not {"pin.1", "switch", "practice"} & set(tablet.hands.names())
    assert "沈知远" not in tablet.words()
    assert "取出记录" in tablet.hands.find("forgot").word
    tablet.hands.tap("forgot")
    assert tablet.did == [("forgot_pin", "")]


def test_before_it_was_opened_the_tablet_does_not_say_that_the_office_has_everything(
    tablet: Any,
) -> None:
    """Nobody knows what waits in a vault that is closed since the start."""
    tablet.show("unlock.passphrase")
    assert "解锁后显示同步情况" in tablet.words()
    assert "中心已收到" not in tablet.words()


def test_of_more_officers_than_find_room_every_one_is_reached(tablet: Any) -> None:
    """The list scrolls, here and where a colleague signs in."""
    view = tablet.show("unlock")
    many = tuple(replace(view.officers[0], officer_id=f"{n:011}") for n in range(14))
    tablet.shell.update(replace(view, officers=many))
    tablet.hands.tap("pin.side")
    tablet.hands.rest(0.2)
    for who in (many[-1], many[0]):
        tile = tablet.hands.find(f"officer.{who.officer_id}")
        assert 0 <= tile.to_window(*tile.pos)[1] <= 800 - tile.height
    tablet.hands.tap(f"officer.{many[-1].officer_id}")
    assert tablet.did == [("choose_officer", many[-1].officer_id)]
    tablet.show("signin", replace(tablet.show("signin"), officers=many))
    tile = tablet.hands.find(f"officer.{many[-1].officer_id}")
    assert tile.to_window(*tile.pos)[1] > tablet.hands.find("renew_officer").top


def test_wiped_keys_send_the_officer_to_the_administrator(tablet: Any) -> None:
    tablet.show("unlock.wiped")
    assert "记录完好保存。请联系本局管理员恢复你的使用权限。" in tablet.words()


def test_a_running_recording_shows_on_the_closed_tablet(tablet: Any) -> None:
    tablet.show("unlock")
    assert "录音录像仍在继续" in tablet.words()
    assert "00:12:07，锁屏不会中断" in tablet.words()


def test_language_and_light_can_be_switched_before_unlocking(tablet: Any) -> None:
    tablet.show("unlock")
    tablet.hands.tap("language")
    tablet.hands.tap("theme")
    assert tablet.did == [("set_language", "en"), ("set_theme", "night")]


def test_the_second_officer_signs_in_with_a_pin_of_their_own(tablet: Any) -> None:
    tablet.show("signin")
    tablet.hands.pin("118822")
    assert tablet.did == [("sign_in", LU, "118822")]


def test_a_short_passphrase_is_not_sent_and_the_field_says_what_is_missing(tablet: Any) -> None:
    tablet.show("enrol")
    tablet.hands.type("passphrase", "too short")
    tablet.hands.tap("main")
    assert tablet.did == []
    assert "至少 12 个字符，现在是 9 个" in tablet.words()


def test_enrolment_sends_the_four_facts(tablet: Any) -> None:
    tablet.show("enrol")
    tablet.hands.type("code", "77120045")
    tablet.hands.type("passphrase", "four acacias and a well")
    tablet.hands.tap("main")
    assert tablet.did == [
        ("enrol", "https://log.yunxi.example", "77120045", "YX-T07", "four acacias and a well")
    ]


def test_a_new_pin_is_typed_twice(tablet: Any) -> None:
    tablet.show("enrol.officers")
    tablet.hands.pin("118822")
    assert "请再输入一次" in tablet.words()
    assert tablet.did == []
    tablet.hands.pin("118822")
    assert tablet.did == [("set_pin", LU, "118822", "")]


def test_of_a_long_roster_an_officer_is_looked_for(tablet: Any) -> None:
    """Whoever types is asked for; the list follows, and nobody says so."""
    view = tablet.show("enrol.officers")
    assert "look_for" not in tablet.hands.names()
    tablet.shell.update(replace(view, many=True, officers=(), ready=frozenset(), chosen=""))
    tablet.hands.pump()
    tablet.hands.type("look_for", "陆清和")
    assert tablet.did[-1] == ("look_for_officer", "陆清和")
    tablet.shell.update(replace(view, many=True, officers=(), chosen="", sought="陆清和"))
    tablet.hands.pump()
    assert "名册上没有此姓名或编号的人员。" in tablet.words()
    tablet.hands.pin("118822")
    assert "请先选择执法人员" in tablet.words()
    tablet.shell.update(replace(view, many=True, sought="陆清和"))
    tablet.hands.pump()
    tablet.hands.tap(f"officer.{LU}")
    assert tablet.did[-1] == ("choose_officer", LU)


def test_a_card_without_a_photo_says_so(tablet: Any) -> None:
    tablet.show("card.faceless")
    assert "照片尚未传到本机，请同时出示纸质证件。" in tablet.words()


def test_two_different_pins_set_nothing(tablet: Any) -> None:
    tablet.show("enrol.officers")
    tablet.hands.pin("118822")
    tablet.hands.pin("118823")
    assert tablet.did == []
    assert "两次输入的 PIN 不同" in tablet.words()


def test_enrolment_ends_once_an_officer_has_a_pin(tablet: Any) -> None:
    view = tablet.show("enrol.officers")
    view = replace(view, ask_code=True, ready=frozenset())
    tablet.shell.update(view)
    tablet.hands.pump()
    tablet.hands.type("officer_code", "7712")
    tablet.hands.pump()
    tablet.hands.tap("main")
    assert tablet.did == []
    tablet.shell.update(replace(view, ready=frozenset({LU})))
    tablet.hands.pump()
    assert tablet.hands.entry("officer_code").text == "", "a code counts once"
    tablet.hands.tap("main")
    assert tablet.did == [("finish_enrolment",)]


@pytest.mark.parametrize("upright", [False, True])
def test_what_a_closed_pin_says_stands_in_the_middle_of_its_panel(
    tablet: Any, upright: bool
) -> None:
    shell = tablet.shell
    size, hint = tuple(shell.size), tuple(shell.size_hint)
    shell.size_hint, shell.size = (None, None), ((800, 1280) if upright else (1280, 800))
    try:
        tablet.show("unlock.locked")
        panel = shell.screen.ids.entry.parent
        switch = tablet.hands.find("switch")
        below = switch.to_window(*switch.pos)[1] - panel.to_window(*panel.pos)[1]
        assert below > panel.height * 0.25
    finally:
        shell.size, shell.size_hint = size, hint


def test_no_key_of_a_pin_moves_when_it_is_told_how_the_last_one_went(letters: Any) -> None:
    """Whoever tries again has the finger there already."""
    wrong = Message("warning", "PIN 不对，还可以试 2 次", "用完后，本机会清除你的解锁凭据。")
    moved = {}
    for held, text in itertools.product(((1280, 800), (800, 1280)), ("normal", "largest")):
        letters.shell.size = held
        letters.shell.use_text(text)
        for key in ("unlock", "unlock.passphrase", "signin", "card.leave"):
            view = VIEWS[key](_)
            letters.show(key, said(view, None))
            before = keys(letters)
            letters.shell.update(said(view, wrong))
            letters.hands.rest(0.2)
            letters.hands.settle()
            assert wrong.title in letters.words()
            if keys(letters) != before:
                moved[held, text, key] = before, keys(letters)
    assert moved == {}


def said(view: Any, message: Message | None) -> Any:
    """The view, with that said of the last PIN."""
    if hasattr(view, "lock"):
        return replace(view, lock=replace(view.lock, message=message))
    return replace(view, message=message)


def keys(tablet: Any) -> dict[str, tuple[int, ...]]:
    """Where each of them stands."""
    return {
        one.name: tuple(map(round, one.to_window(*one.pos)))
        for one in tablet.shell.walk()
        if getattr(one, "name", "").startswith("pin.")
    }


@pytest.mark.parametrize("screen", ["unlock", "today"])
def test_who_touches_the_sync_corner_has_it_tried(tablet: Any, screen: str) -> None:
    """Behind the lock too: hours offline wait five minutes between two tries."""
    tablet.show(screen)
    tablet.hands.tap("sync.corner")
    assert tablet.did == [("fix", "sync_now")]
