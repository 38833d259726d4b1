"""No screen is built in one go: what one callback makes is bounded, whatever the screen holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kivy.clock import ClockBase
from kivy.core.text import Label
from kivy.uix.widget import Widget

from field_client.ui import pictures, screens
from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _
from field_client.ui.theme import BOLD_FONT
from field_client.ui.widgets.page import PageImage
from field_client.ui.widgets.text import Icon
from tests.hands import png

FRAMES = 40
A_FEW = 8  # pixels
ROW = "row." + "0" * 64
# Widgets; one takes a quarter of a millisecond. Lists make rows while their time lasts, so that the
# most in a frame differs by a few from run to run.
MOST = {"show": 0, "frame": 90}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The most widgets that a frame's callbacks made, and those made outside of frames."""
    made = {"now": 0, "frame": 0}
    begin, tick = Widget.__init__, ClockBase.post_idle

    def counting(widget: Any, **kwargs: Any) -> None:
        made["now"] += 1
        begin(widget, **kwargs)

    def framed(clock: Any, *args: Any, **kwargs: Any) -> Any:
        before = made["now"]
        result = tick(clock, *args, **kwargs)
        made["frame"] = max(made["frame"], made["now"] - before)
        return result

    monkeypatch.setattr(Widget, "__init__", counting)
    monkeypatch.setattr(ClockBase, "post_idle", framed)
    return made


@pytest.mark.parametrize("kind", screens.NAMES)
def test_a_screen_is_made_in_parts(tablet: Any, counted: dict[str, int], kind: str) -> None:
    most: dict[str, dict[str, int]] = {}
    for key in (one for one in VIEWS if one.partition(".")[0] == kind):
        tablet.show("unlock" if kind != "unlock" else "settings")
        counted.update(now=0, frame=0)
        tablet.shell.show(kind, VIEWS[key](_))
        shown = counted["now"]
        tablet.hands.pump(FRAMES)
        most[key] = {"show": shown, "frame": counted["frame"]}
    over = {
        key: made for key, made in most.items() if any(made[part] > MOST[part] for part in MOST)
    }
    assert over == {}
    assert most


def test_what_stands_above_a_forms_fields_comes_a_kind_a_frame(tablet: Any) -> None:
    """Notes, parts and marks are each a frame's work, and the page in front of them another."""
    tablet.show("settings")
    tablet.shell.show("form", VIEWS["form.long"](_))
    form, came = tablet.shell.screen, dict[str, int]()
    for frame in range(FRAMES):
        for box in ("body", "notes", "sections", "fields"):
            if form.ids[box].children:
                came.setdefault(box, frame)
        tablet.hands.pump(1)
    assert len(came) == len({*came.values()}) == 4
    assert came["fields"] == max(came.values())


def test_what_the_camera_tells_its_labels_and_their_phrases_come_a_kind_a_frame(
    tablet: Any,
) -> None:
    """From the top, so that none of them moves what stands."""
    tablet.show("settings")
    tablet.shell.show("capture", VIEWS["capture.continuous"](_))
    came = dict[str, int]()
    for frame in range(FRAMES):
        names = {getattr(one, "name", "") for one in tablet.shell.screen.walk()}
        ids = tablet.shell.screen.ids
        stands = {
            "notes": "notes" in ids and bool(ids.notes.children),
            "place": "place" in names,
            "phrases": "purpose.0" in names,
        }
        for part in (part for part, there in stands.items() if there):
            came.setdefault(part, frame)
        tablet.hands.pump(1)
    assert came["notes"] < came["place"] < came["phrases"]


def test_a_screen_is_being_made_until_its_last_part_stands(tablet: Any) -> None:
    tablet.show("unlock")
    assert not tablet.shell.bringing
    tablet.shell.show("sign", VIEWS["sign"](_))
    assert tablet.shell.bringing
    tablet.hands.pump(1)
    assert tablet.shell.bringing
    tablet.hands.pump(FRAMES)
    assert not tablet.shell.bringing


def test_a_frame_that_made_a_screen_has_worked_enough(tablet: Any) -> None:
    """Nothing is looked through in it, which would be the same wait."""
    tablet.show("settings")
    tablet.shell.show("record", VIEWS["record"](_))  # which has no parts
    tablet.hands.pump(1)
    assert tablet.shell.screen.name == "record"
    assert tablet.shell.bringing
    tablet.hands.pump(1)
    assert not tablet.shell.bringing


def test_the_first_screen_stands_whole_in_its_first_frame() -> None:
    """Nobody can touch anything before it, and a start is timed until it stands."""
    from field_client.ui.shell import Shell

    shell = Shell(None)  # type: ignore[arg-type]
    shell.show("unlock", VIEWS["unlock"](_))
    names = {getattr(one, "name", "") for one in shell.walk()}
    assert {"passphrase", "forgot", "pin.1", "pin.0"} <= names


@pytest.mark.parametrize(
    ("key", "upright", "names"),
    [
        ("unlock.passphrase", True, {"language", "passphrase", "sync.corner"}),
        ("signin", True, {"back", "pin.1", "pin.0"}),
        ("viewer", False, {"picture", "play"}),
        ("viewer", True, {"picture", "play"}),
        ("closing", False, {"closing.note", "main"}),
        ("closing", True, {"closing.note", "main"}),
        ("today.tasks", False, {"search", "part.finished", "main"}),
        ("today.task", False, {"party_name", "uscc", "place", "phone"}),
        ("today", True, {"main", "second", "check"}),
        ("today", False, {"main", "second", "check"}),
        ("enrol.officers", True, {"main", "pin.5"}),
        ("enrol.officers", False, {"main", "pin.5"}),
        ("signin", True, {"renew_officer", "sync.corner", "pin.5"}),
        ("settings.handover", True, {"bring", "badge", "practice", "off.00992304117"}),
        ("settings.handover", False, {"bring", "badge", "practice", "language", "main"}),
        ("capture", True, {"main", "gallery", "finder.waiting", "video"}),
        ("capture", False, {"main", "gallery", "finder.waiting", "video"}),
        ("recordings", True, {"recording.0000000000000000", "recording.5000000000000000"}),
        ("recordings", False, {"recording.0000000000000000", "recording.3000000000000000"}),
        ("sync.alarm", True, {"stage.saved", "stage.archived"}),
        ("sync.journey", False, {"stage.saved", "stage.archived"}),
        ("interview.check", True, {"page.zoom"}),
        ("interview.check", False, {"page.zoom"}),
        ("sign", True, {"explained", "read", "pad.clear"}),
        ("serve", False, {"read", "method"}),
        ("form", False, {"main", "draft", "facts"}),
        ("form.long", False, {"message", "fix.override.HR-2", "facts.phrase0"}),
        ("form.long", True, {"message", "fix.override.HR-2", "facts.phrase0"}),
        ("form.table", False, {"items.add", "items.row0", "until.minus"}),
        ("form.measure", True, {"items.add"}),
        ("today.urgent", True, {"ground", "ground.item"}),
        ("capture.continuous", True, {"place", "purpose", "step", "main"}),
        ("capture", False, {"place", "purpose", "step"}),
        ("inspection", True, {ROW}),
        ("inspection", False, {ROW}),
        ("settings", True, {"language", "text", "printer"}),
    ],
)
def test_nothing_stands_elsewhere_while_the_rest_comes(
    tablet: Any, key: str, upright: bool, names: set[str]
) -> None:
    """A finger that goes for it would touch what takes its place; and it flickers."""
    shell = tablet.shell
    size, hint = tuple(shell.size), tuple(shell.size_hint)
    shell.size_hint, shell.size = (None, None), ((800, 1280) if upright else (1280, 800))
    seen: dict[str, set[tuple[int, ...]]] = {name: set() for name in names}
    try:
        tablet.show("today" if key.startswith("settings") else "settings")
        shell.show(key.partition(".")[0], VIEWS[key](_))
        for _frame in range(FRAMES):
            tablet.hands.pump(1)
            for one in shell.screen.walk():
                if getattr(one, "name", "") in names and one.height:  # it is there
                    seen[one.name].add((*map(round, one.to_window(*one.pos)), round(one.width)))
    finally:
        shell.size, shell.size_hint = size, hint
    leaps = {
        name: places
        for name, places in seen.items()
        if not places or any(max(one) - min(one) > A_FEW for one in zip(*places, strict=True))
    }
    assert leaps == {}


def test_no_document_moves_in_its_list_when_the_rules_have_answered(tablet: Any) -> None:
    """A finger may be on its button."""
    view = tablet.show("papers.asking")
    assert view.busy
    door = next(name for name in tablet.hands.names() if name.startswith("paper."))
    before = tablet.hands.seek(door)
    stood = before.to_window(*before.pos)
    tablet.shell.update(replace(view, busy=""))
    tablet.hands.settle()
    after = tablet.hands.seek(door)
    assert after.to_window(*after.pos) == stood


def test_of_two_pages_asked_for_the_last_is_shown(tablet: Any) -> None:
    tablet.show("form")
    first, last = (png(width, 8, bytes(width * 8 * 3)) for width in (16, 24))
    page = PageImage(data=first)
    tablet.hands.pump(1)
    page.data = last
    tablet.hands.settle()
    assert tuple(page.texture.size) == (24, 8)


def test_one_font_is_opened_for_a_size_and_a_weight_whatever_asks_for_it() -> None:
    asked = ({"font_size": 18.4}, {"font_size": 18}, {"font_size": 18, "halign": "center"})
    assert len({Label(**one)._get_font_id() for one in asked}) == 1
    bold = ({"font_size": 18, "bold": True}, {"font_size": 18, "font_name": BOLD_FONT})
    assert len({Label(**one)._get_font_id() for one in bold}) == 1
    assert Label(font_size=18)._get_font_id() != Label(font_size=18, bold=True)._get_font_id()


def test_an_icon_that_is_still_to_come_is_nothing_and_no_filled_square(window: Any) -> None:
    """Pictures come after the first frame: seconds after it, on a slow machine's first start."""
    pictures.hold()
    try:
        icon = Icon(icon="archive")
        assert icon.opacity == 0
    finally:
        list(pictures.coming())
    assert icon.opacity == 1
    icon.icon = ""
    assert icon.opacity == 0
