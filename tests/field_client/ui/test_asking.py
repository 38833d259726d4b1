"""A sheet that asks for a few words."""

from __future__ import annotations

from typing import Any

from field_client.ui.presenters.common import Ask


def test_a_phrase_that_was_taken_is_an_answer_and_the_button_says_what_it_does(
    tablet: Any,
) -> None:
    tablet.show("capture")
    tablet.shell.ask(Ask("why", "为什么？", "", "记录在案", phrases=("电量耗尽", "设备故障")))
    tablet.hands.settle()
    assert tablet.hands.find("ask.confirm").word == "请先写明"
    tablet.hands.tap("ask.phrase1")
    tablet.hands.settle()
    assert tablet.hands.entry("ask.words").text == "设备故障"
    assert tablet.hands.find("ask.confirm").word == "记录在案"
    tablet.hands.tap("ask.confirm")
    assert tablet.did == [("answer", "why", "设备故障")]
