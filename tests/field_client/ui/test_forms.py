"""Forms, tables, the month and the documents of a case by finger and by key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from field_client.ui.gallery import forms, reading
from field_client.ui.i18n import _
from field_client.ui.widgets.text import Words

KEYS = {"tab": 9, "enter": 13, "escape": 27, "right": 275, "down": 274}


def form(tablet: Any, view: Any) -> Any:
    """Show a form and wait until all of its fields are made."""
    tablet.shell.show("form", view)
    tablet.hands.wait_for(lambda: len(tablet.shell.screen.ids.fields.children) == len(view.fields))
    return view


def press(tablet: Any, key: str, *modifiers: str) -> None:
    """A key of the keyboard, as the window hears it."""
    tablet.hands.window.dispatch("on_key_down", KEYS[key], 0, None, list(modifiers))
    tablet.hands.window.dispatch("on_key_up", KEYS[key], 0)
    tablet.hands.rest(0.15)


# ── the month ────────────────────────────────────────────────────────────────────────────────


def test_a_time_is_picked_from_the_month(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.tap("began_at.calendar")
    tablet.hands.tap("date.2026-09-25")
    tablet.hands.tap("date.hour.plus")
    tablet.hands.tap("date.minute.minus")
    tablet.hands.tap("date.confirm")
    assert tablet.did == [("edit_field", "began_at", "2026-09-25 15:29")]
    assert tablet.hands.seek("date") is None


def test_the_month_marks_days_off_and_days_worked_and_says_the_day_in_words(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.tap("began_at.calendar")
    marks = {day: tablet.hands.find(f"date.2026-09-{day}").mark for day in (20, 21, 25)}
    assert marks == {20: "班", 21: "", 25: "休"}
    tablet.hands.tap("date.2026-09-20")
    assert "2026年9月20日 周日 · 工作日 · 今天起第 1 个工作日" in tablet.words()
    tablet.hands.tap("date.later")
    assert "2026年10月" in tablet.words()
    for _n in range(3):
        tablet.hands.tap("date.later")
    assert "2027年的放假通知还没有收到" in tablet.words()
    tablet.hands.tap("date.today")
    tablet.hands.tap("date.cancel")
    assert tablet.did == []


def test_a_day_that_is_none_does_not_move_and_the_month_opens_at_today(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.tap("ended_on.plus")
    assert tablet.did == []
    tablet.hands.tap("ended_on.calendar")
    assert "2026年9月" in tablet.words()
    tablet.hands.tap("date.confirm")
    assert tablet.did == [("edit_field", "ended_on", "2026-09-18")]


def test_the_month_comes_over_some_frames_and_what_stands_of_it_works_at_once(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.find("began_at.calendar").parent.pick()
    assert tablet.hands.seek("date.2026-08-31") is None  # the first day comes with a frame
    tablet.hands.pump(2)  # a sheet may take a frame to find its place
    days = tablet.hands.seek("date").ids.days
    assert 0 < len(days.children) < 42
    confirm = tablet.hands.seek("date.confirm")
    stands = confirm.to_window(*confirm.center)
    tablet.hands.settle()
    assert len(days.children) == 42
    assert tablet.hands.seek("date.confirm") is confirm
    assert confirm.to_window(*confirm.center) == stands
    tablet.hands.tap("date.cancel")
    tablet.hands.find("began_at.calendar").parent.pick()
    tablet.hands.pump(1)
    assert tablet.hands.seek("date.hour") is None
    tablet.hands.tap("date.confirm")
    assert tablet.did == [("edit_field", "began_at", "2026-09-29 14:30")]


def test_what_a_day_paints_stands_in_its_middle(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.tap("began_at.calendar")
    for day in ("2026-08-31", "2026-09-18", "2026-10-11"):
        button = tablet.hands.find(f"date.{day}")
        shapes = [one for one in button.canvas.children if type(one).__name__ == "Rectangle"]
        number = next(one for one in shapes if one.texture is not None)
        assert abs(number.pos[0] + number.size[0] / 2 - button.center_x) <= 1
        assert abs(number.pos[1] + number.size[1] / 2 - button.center_y) <= 1


# ── tables ───────────────────────────────────────────────────────────────────────────────────


def table(tablet: Any) -> Any:
    view = form(tablet, forms.form_table(_))
    tablet.hands.wait_for("items.row23")
    return view


def open_row(tablet: Any, at: int) -> None:
    """Tap a row, and wait until it stands still."""
    tablet.hands.tap(f"items.row{at}")
    unfolded(tablet)


def unfolded(tablet: Any) -> None:
    """The cells come a line a frame, and then the row is scrolled to where all of it can be read:
    a finger that is on the glass just then misses."""
    tablet.hands.wait_for("items.made_on")
    tablet.hands.settle()


def test_rows_stand_in_order_one_line_each(tablet: Any) -> None:
    table(tablet)
    lines = [tablet.hands.find(f"items.row{n}") for n in range(24)]
    tops = [line.to_window(line.x, line.y)[1] for line in lines]
    assert tops == sorted(tops, reverse=True)
    assert [line.at for line in lines] == list(range(24))
    assert lines[2].lacking
    assert not lines[1].lacking


def test_an_open_row_asks_for_its_cells_and_each_change_is_told(tablet: Any) -> None:
    table(tablet)
    open_row(tablet, 2)
    tablet.hands.type("items.quantity", "7")
    tablet.hands.tap("items.condition.破损")
    tablet.hands.tap("items.unit.phrase1")
    assert tablet.did == [
        ("edit_cell", "items", 2, "quantity", "7"),
        ("edit_cell", "items", 2, "condition", "破损"),
        ("edit_cell", "items", 2, "unit", "公斤袋"),
    ]


def test_a_row_is_moved_doubled_and_removed_in_two_steps(tablet: Any) -> None:
    table(tablet)
    open_row(tablet, 2)
    tablet.hands.tap("items.remove")
    assert tablet.did == [], "a row with words is asked about"
    tablet.hands.tap("items.remove")
    open_row(tablet, 4)
    tablet.hands.tap("items.down")
    tablet.shell.screen.ids.fields.children[-1].held.ids.control.children[0].open(7)
    unfolded(tablet)
    tablet.hands.tap("items.double")
    assert tablet.did == [
        ("remove_row", "items", 2),
        ("move_row", "items", 4, 1),
        ("double_row", "items", 7),
    ]


def test_the_cursor_stays_in_a_cell_while_the_rows_come_back(tablet: Any) -> None:
    view = table(tablet)
    open_row(tablet, 2)
    tablet.hands.type("items.quantity", "75")
    items = view.fields[0]
    rows = list(items.rows)
    rows[2] = (*rows[2][:2], "7", *rows[2][3:])
    rest = view.fields[1:]
    tablet.shell.update(replace(view, fields=(replace(items, rows=tuple(rows)), *rest)))
    tablet.hands.pump()
    assert tablet.hands.entry("items.quantity").focus
    assert tablet.hands.entry("items.quantity").text == "75"


# ── long forms ───────────────────────────────────────────────────────────────────────────────


def test_the_main_button_leads_to_the_first_thing_that_is_missing(tablet: Any) -> None:
    form(tablet, forms.form_long(_))
    tablet.hands.tap("main")
    tablet.hands.rest(0.2)
    assert tablet.hands.entry("evidence").focus
    assert tablet.did == [("finish_form",)]


def test_a_part_of_a_long_form_is_scrolled_to(tablet: Any) -> None:
    form(tablet, forms.form_long(_))
    scroll = tablet.shell.screen.ids.scroll
    tablet.hands.tap("section.kinds")
    tablet.hands.rest(0.2)
    down = scroll.scroll_y
    assert down < 0.6
    tablet.hands.tap("section.party_name")
    tablet.hands.rest(0.2)
    assert scroll.scroll_y > down


def test_a_field_that_no_longer_applies_goes_and_the_others_keep_their_widgets(
    tablet: Any,
) -> None:
    view = form(tablet, forms.form_long(_))
    before = dict(tablet.shell.screen._boxes)
    fields = tuple(one for one in view.fields if one.key != "fine")
    tablet.shell.update(replace(view, fields=fields))
    tablet.hands.pump(30)
    after = tablet.shell.screen._boxes
    assert list(before) != list(after)
    assert all(after[key] is before[key] for key in after)
    tablet.shell.update(view)
    tablet.hands.wait_for("fine")
    order = [one.held.field.key for one in reversed(tablet.shell.screen.ids.fields.children)]
    assert order == [one.key for one in view.fields]


def test_clauses_stand_beside_their_plain_words(tablet: Any) -> None:
    form(tablet, forms.form_long(_))
    tablet.hands.tap("legal.open")
    tablet.hands.pump(10)
    words = tablet.words()
    assert "《行政复议法》第二十条" in words
    assert "不收钱" in words
    tablet.hands.tap("legal.close")
    assert tablet.hands.seek("legal") is None


# ── documents of a case ──────────────────────────────────────────────────────────────────────


def papers(tablet: Any) -> None:
    tablet.shell.show("papers", reading.papers(_))
    tablet.hands.settle()


def test_the_doors_of_the_documents_lead_on(tablet: Any) -> None:
    papers(tablet)
    tablet.hands.tap("paper.form.penalty_decision")
    tablet.hands.tap("paper.draft.correction_order")
    tablet.hands.tap("main")
    serve = ("paper", f"serve.{reading.RECORD}")
    assert tablet.did == [
        ("paper", "form.penalty_decision"),
        ("paper", "draft.correction_order"),
        serve,
    ]
    words = tablet.words()
    assert "还没有法制审核意见" in words
    assert "《行政处罚法》第五十八条" in words
    assert "可起草，暂不能出具" in words


def test_what_the_rules_answer_later_keeps_the_rows(tablet: Any) -> None:
    tablet.shell.show("papers", reading.papers_asking(_))
    tablet.hands.find("paper.form.penalty_decision").focus = True
    from field_client.ui.papers import PaperLine

    def lines() -> dict[str, Any]:
        shown = (one for one in tablet.shell.walk() if isinstance(one, PaperLine))
        return {one.row.key: one for one in shown}

    before = lines()
    tablet.shell.update(reading.papers(_))
    tablet.hands.settle()
    assert lines() == before
    assert "还没有法制审核意见" in tablet.words()


def test_pages_are_turned_and_looked_at_from_close_by(tablet: Any) -> None:
    tablet.shell.show("paper", reading.paper(_))
    tablet.hands.pump(10)
    page = tablet.shell.screen.ids.page
    whole = page.width
    assert "第 1 页，共 2 页" in tablet.words()
    tablet.hands.tap("page.next")
    assert "第 2 页，共 2 页" in tablet.words()
    tablet.hands.tap("page.larger")
    tablet.hands.tap("page.larger")
    assert page.width > 2 * whole
    assert tablet.did == [("read_closer", 1)]
    tablet.hands.tap("page.smaller")
    tablet.hands.tap("page.smaller")
    assert abs(page.width - whole) < 2


def test_what_said_that_pages_are_made_goes_when_they_stand(tablet: Any) -> None:
    whole = reading.paper(_)
    tablet.shell.show("paper", replace(whole, pages=(), busy="正在生成页面……"))
    tablet.hands.pump(10)
    assert "正在生成页面" in drawn(tablet)
    tablet.shell.update(whole)
    tablet.hands.pump(10)
    assert "正在生成页面" not in drawn(tablet)


def drawn(tablet: Any) -> str:
    """What labels paint, whatever they were told to say."""
    return "".join(one.text for one in tablet.shell.walk() if isinstance(one, Words))


def test_printing_chooses_printer_and_copies(tablet: Any) -> None:
    tablet.shell.show("paper", reading.paper_print(_))
    tablet.hands.wait_for("printer.执法大队")
    tablet.hands.tap("printer.执法大队")
    tablet.hands.tap("copies.plus")
    tablet.hands.tap("print.go")
    tablet.hands.tap("print.close")
    assert tablet.did == [
        ("choose_printer", "执法大队"),
        ("set_copies", 3),
        ("print_paper",),
        ("paper", "panel.facts"),
    ]
    assert "2 份已交给 车载-02" in tablet.words()


def test_without_a_printer_the_button_looks_again(tablet: Any) -> None:
    tablet.shell.show("paper", reading.paper_noprinter(_))
    tablet.hands.wait_for("print.go")
    assert "没有设置打印机" in tablet.words()
    tablet.hands.tap("print.go")
    assert tablet.did == [("paper", "panel.print")]


# ── by key ───────────────────────────────────────────────────────────────────────────────────


def test_a_table_is_worked_by_keys_alone(tablet: Any) -> None:
    table(tablet)
    tablet.hands.find("items.row2").focus = True
    press(tablet, "enter")
    unfolded(tablet)
    tablet.hands.entry("items.name").focus = True
    press(tablet, "tab")
    assert tablet.hands.entry("items.spec").focus
    press(tablet, "tab", "shift")
    assert tablet.hands.entry("items.name").focus


def test_a_day_is_picked_by_arrows_and_escape_leaves_the_month(tablet: Any) -> None:
    form(tablet, forms.form_date(_))
    tablet.hands.tap("began_at.calendar")
    tablet.hands.find("date.2026-09-14").focus = True
    press(tablet, "right")
    press(tablet, "down")
    press(tablet, "enter")
    assert "2026年9月22日" in tablet.words()
    press(tablet, "escape")
    assert tablet.hands.seek("date") is None
    assert tablet.did == []


def test_documents_are_opened_and_left_by_keys(tablet: Any) -> None:
    papers(tablet)
    tablet.hands.find("paper.form.inspection_notice").focus = True
    press(tablet, "enter")
    press(tablet, "escape")
    assert tablet.did == [("paper", "form.inspection_notice"), ("back",)]


def test_of_many_notes_the_first_stands_over_the_fields_and_the_others_unfold(tablet: Any) -> None:
    """The first field is in sight; what stops is what stands there."""
    tablet.show("form.measure")
    tablet.hands.settle()
    names = tablet.hands.names()
    assert "fix.ask.measure" in names
    assert "fix.show_cards" not in names
    screen = tablet.shell.screen
    field, scroll = screen._boxes["items"], screen.ids.scroll
    assert field.to_window(field.x, field.y)[1] > scroll.to_window(scroll.x, scroll.y)[1]
    tablet.hands.tap("notes.more")
    tablet.hands.settle()
    assert {"fix.ask.measure", "fix.record_measure", "fix.show_cards"} <= set(tablet.hands.names())
    assert "notes.more" not in tablet.hands.names()
