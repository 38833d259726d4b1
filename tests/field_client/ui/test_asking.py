"""A sheet that asks for a few words."""

from __future__ import annotations

from typing import Any

from field_client.ui.presenters.common import Ask, Fix, Problem


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


def test_what_went_well_is_left_by_the_filled_button_and_trouble_by_its_way_out(
    tablet: Any,
) -> None:
    """The way on is the one filled button; to do more than was asked for is a plain one."""
    for tone, filled in (("success", "problem.close"), ("danger", "fix.export_all")):
        tablet.show("sync")
        fixes = (Fix("export_all", "改为导出全部"),)
        tablet.shell.tell(Problem("已导出到U盘", "", tone, fixes))
        tablet.hands.settle()
        named = {name: tablet.hands.find(name) for name in ("problem.close", "fix.export_all")}
        main = [name for name, one in named.items() if type(one).__name__ == "MainButton"]
        assert main == [filled]
        last = max(named, key=lambda name: named[name].x)
        assert last == filled, "the way on stands at the right"
        tablet.hands.tap("problem.close")
