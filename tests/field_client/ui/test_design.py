"""What the design language asks: contrast, themes, lines as in print. What it asks of every view
is looked at in ``test_views.py``."""

from __future__ import annotations

import re
from typing import Any

import pytest
from kivy.utils import get_color_from_hex

from field_client.ui.gallery import VIEWS
from field_client.ui.i18n import _, set_language
from field_client.ui.linebreak import break_lines
from field_client.ui.theme import DAY, NIGHT
from tests.messages import ROOT


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_text_is_aaa_on_every_ground_it_stands_on(palette: dict[str, str]) -> None:
    pairs = [(ink, ground) for ink in ("ink", "ink_muted") for ground in ("surface", "canvas")]
    pairs += [("accent", "surface"), ("accent", "accent_soft"), ("over_accent", "accent")]
    for state in ("success", "warning", "danger", "unknown"):
        pairs += [(state, "surface"), (state, f"{state}_soft"), ("ink_muted", f"{state}_soft")]
    weak = {pair: round(contrast(palette[pair[0]], palette[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 7.0} == {}


@pytest.mark.parametrize("palette", [DAY, NIGHT], ids=["day", "night"])
def test_edges_of_controls_can_be_seen(palette: dict[str, str]) -> None:
    assert contrast(palette["outline_strong"], palette["surface"]) >= 3.0
    assert contrast(palette["outline_strong"], palette["canvas"]) >= 3.0


def test_tab_reaches_a_button_and_enter_presses_it(tablet: Any) -> None:
    tablet.show("today")
    main = tablet.hands.find("main")
    main.focus = True
    tablet.hands.pump()
    assert main.ring
    main.keyboard_on_key_down(None, (13, "enter"), "", [])
    tablet.hands.rest(0.2)
    assert tablet.did == [("new_inspection",)]
    following = main.get_focus_next()
    assert following is not None
    assert following is not main


def test_the_night_theme_repaints_what_is_shown(tablet: Any) -> None:
    tablet.show("today")
    assert "#{:02X}{:02X}{:02X}".format(*tablet.pixel(700, 10)) == DAY["canvas"]
    tablet.shell.use_theme("night")
    assert "#{:02X}{:02X}{:02X}".format(*tablet.pixel(700, 10)) == NIGHT["canvas"]
    main = tablet.hands.find("main")
    assert main.fill == pytest.approx(get_color_from_hex(NIGHT["accent"]))
    assert main.ink == pytest.approx(get_color_from_hex(NIGHT["over_accent"]))


def test_the_ring_around_a_code_has_soft_edges(tablet: Any) -> None:
    """The window takes one sample a pixel."""
    tablet.show("card")
    ring = next(one for one in tablet.shell.walk() if type(one).__name__ == "CountRing")
    x, y = ring.to_window(*ring.center)
    level = y + ring.height * 0.3
    across = tablet.colours(*((x + n, level) for n in range(int(ring.width * 0.5))))
    ground, drawn = max(across), min(across)
    assert any(drawn < colour < ground for colour in across)


def test_no_sample_of_the_documents_says_that_one_without_a_form_can_be_drafted() -> None:
    set_language("zh_CN")
    for key in ("papers", "papers.asking"):
        rows = [row for group in VIEWS[key](_).groups for row in group.rows]
        without = {row.state.word for row in rows if not row.doors}
        assert without == {"还没有格式"}, key


def test_both_languages_render_every_view() -> None:
    for language in ("zh_CN", "en"):
        set_language(language)
        for view in VIEWS.values():
            assert view(_) is not None
    set_language("zh_CN")


def test_lines_never_begin_with_a_closing_mark_nor_end_with_an_opening_one() -> None:
    text = "罚款 3,500 元超过上限（《行政处罚法》第五十一条），请改小金额，或者转为普通程序。" * 3
    for width in range(8, 40):
        lines = break_lines(text, len, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        for line in lines:
            assert line[:1] not in tuple("，。、；：）》")
            assert line[-1:] not in tuple("（《")
            assert len(line) <= width


def test_a_line_is_measured_whole_and_the_next_begins_with_a_word() -> None:
    def measure(text: str) -> int:
        return int(len(text) * 1.1)  # whole pixels: words alone are narrower than in a row

    text = "A spare key goes to the bureau, sealed, so that no record is ever lost with it. " * 3
    for width in range(20, 120):
        lines = break_lines(text, measure, width)
        assert " ".join(lines).split() == text.split()
        assert [line for line in lines if measure(line) > width or line != line.strip()] == []


def test_what_is_typed_breaks_as_in_print_and_loses_nothing(tablet: Any) -> None:
    tablet.show("form")
    text = "红枣、核桃，（散装）。\n" + "绿豆、香菇，（七种）；dates. " * 9
    tablet.hands.type("facts", text)
    entry = tablet.hands.entry("facts")
    assert tablet.did[-1] == ("edit_field", "facts", text)
    assert entry.text == text
    assert len(entry._lines) > 4
    assert [line for line in entry._lines if line[:1] in tuple("、，。；）")] == []


def test_missing_assets_name_the_command_that_makes_them() -> None:
    from field_client.ui.theme import AssetsMissing, icon_path

    with pytest.raises(AssetsMissing, match="make setup"):
        icon_path("no-such-icon")


def test_every_icon_named_in_the_screens_is_made_at_set_up() -> None:
    source = (ROOT / "packaging" / "assets.py").read_text(encoding="utf-8")
    made = set(re.search(r'NAMES = """(.*?)"""', source, re.DOTALL)[1].split())  # type: ignore[index]
    named: set[str] = set()
    for path in (ROOT / "field_client" / "ui").rglob("*.kv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r"\s+(icon|after): '", line):
                named |= set(re.findall(r"'([a-z0-9-]+)'", line.partition(":")[2]))
    compared = {"danger", "day", "done", "normal", "officers", "party", "photo", "sound"}  # words
    assert named - made <= compared


def shown(widget: Any) -> bool:
    """Whether a person can see it."""
    while widget is not None and widget.parent is not widget:
        if getattr(widget, "opacity", 1) == 0 or not widget.height or not widget.width:
            return False
        widget = widget.parent
    return True


def beyond(widget: Any, size: tuple[float, float]) -> bool:
    """Whether it reaches over the edge of a screen of that size although nothing scrolls it."""
    from kivy.uix.scrollview import ScrollView

    if not shown(widget) or any(isinstance(p, ScrollView) for p in widget.walk_reverse()):
        return False
    x, y = widget.to_window(widget.x, widget.y)
    return bool(
        x < -1 or y < -1 or x + widget.width > size[0] + 1 or y + widget.height > size[1] + 1
    )
