"""Sample views of the day: tasks, inspections, a search, and the form for a new one."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import (
    ADDRESS,
    AGENCY,
    INSPECTION,
    PARTY,
    USCC,
    chip,
    frame,
    on,
    zh_en,
)
from field_client.ui.presenters.common import Choice, Fix, RuleNote, Translate
from field_client.ui.presenters.today import (
    FINISHED,
    ITEM,
    OPEN,
    TASK,
    TASKS,
    URGENT,
    Heading,
    InspectionTile,
    ItemTile,
    NewInspection,
    PartyTile,
    Row,
    TaskTile,
    TodayView,
    count_words,
    missing_words,
    part_words,
    uscc_note,
)

SHIQIAO = "云溪县石桥粮油店"
BRIDGE = "云溪县青石桥农贸市场有限公司"


def items(_: Translate) -> tuple[ItemTile, ...]:
    """Three enforcement items."""
    return (
        ItemTile(
            "price-marking",
            zh_en(_, "明码标价情况检查", "Price marking check"),
            zh_en(_, "《价格法》第十三条、第四十二条", "Price Law, Art. 13 and 42"),
        ),
        ItemTile(
            "food-shelf-life",
            zh_en(_, "食品保质期检查", "Food shelf life check"),
            zh_en(_, "《食品安全法》第五十四条", "Food Safety Law, Art. 54"),
        ),
        ItemTile(
            "scales",
            zh_en(_, "贸易结算用计量器具检查", "Check of trade scales"),
            zh_en(_, "《计量法》第九条", "Metrology Law, Art. 9"),
        ),
    )


def tasks(_: Translate) -> tuple[TaskTile, ...]:
    """A random draw, a re-check that is due, and one above the yearly cap."""
    price = items(_)[0].title
    return (
        TaskTile(
            "a1" * 32,
            SHIQIAO,
            " · ".join((zh_en(_, "整改复查", "Re-check"), price, "云市监检派〔2026〕29号")),
            count_words(_, 1, 2),
            chip("calendar-due", _("Due today"), "warning"),
        ),
        TaskTile(
            "a2" * 32,
            PARTY,
            " · ".join((zh_en(_, "双随机抽查", "Random draw"), price, "云市监检派〔2026〕31号")),
            count_words(_, 0, 2),
            chip("calendar", _("By {day}").format(day=on(_, "2026-11-27"))),
        ),
        TaskTile(
            "a3" * 32,
            BRIDGE,
            " · ".join((zh_en(_, "投诉举报", "Complaint"), items(_)[1].title)),
            count_words(_, 2, 2),
            chip("calendar", _("No due day")),
            full=True,
        ),
    )


def under_way(_: Translate) -> tuple[InspectionTile, ...]:
    """Two inspections at once."""
    return (
        InspectionTile(
            "a" * 64,
            PARTY,
            f"{INSPECTION} · 09:02",
            chip("clock", _("Under way"), "accent"),
            "saved",
        ),
        InspectionTile(
            "c" * 64,
            BRIDGE,
            "云市监检〔2026〕319号 · 10:20",
            chip("clock", _("Under way"), "accent"),
            "sent",
        ),
    )


def done(_: Translate) -> tuple[InspectionTile, ...]:
    """One that was ended."""
    return (
        InspectionTile(
            "b" * 64,
            SHIQIAO,
            "云市监检〔2026〕317号 · " + _("yesterday {clock}").format(clock="15:40"),
            chip("circle-check", _("Closed"), "success"),
            "archived",
        ),
    )


def parties(_: Translate) -> tuple[PartyTile, ...]:
    """Who was inspected lately."""
    return (
        PartyTile("a" * 64, PARTY, USCC),
        PartyTile("b" * 64, SHIQIAO, "92990123MA0FJ2N35Q"),
    )


def today(_: Translate) -> TodayView:
    """Inspections under way, the second officer missing."""
    return TodayView(
        frame=frame(_, _("Today"), zh_en(_, "11月18日 周三", "Wed 18 Nov"), tab="today"),
        duty=("沈知远 0099 2304 117",),
        needs_second=True,
        items=items(_),
        rows=under_way(_),
        parts=(
            Choice(TASKS, part_words(_, _("Tasks"), 3)),
            Choice(OPEN, part_words(_, _("Under way"), 2)),
            Choice(FINISHED, part_words(_, _("Finished"), 1)),
        ),
        part=OPEN,
        parties=parties(_),
    )


def today_tasks(_: Translate) -> TodayView:
    """What the office asks for."""
    return replace(
        today(_),
        duty=("沈知远 0099 2304 117", "陆清和 0099 2304 132"),
        needs_second=False,
        rows=tasks(_),
        part=TASKS,
    )


def today_empty(_: Translate) -> TodayView:
    """The first morning."""
    words = _("No task waits. Tasks come from the office with the next contact.")
    parts = (
        Choice(TASKS, _("Tasks")),
        Choice(OPEN, _("Under way")),
        Choice(FINISHED, _("Finished")),
    )
    return replace(today_tasks(_), rows=(), parts=parts, empty=words, parties=())


def today_search(_: Translate) -> TodayView:
    """A part of a name finds tasks, inspections and parties."""
    rows: tuple[Row, ...] = (
        Heading("h1", _("Tasks")),
        tasks(_)[0],
        Heading("h2", _("Finished")),
        *done(_),
        Heading("h3", _("New inspection of")),
        replace(parties(_)[1], key="seen"),
    )
    return replace(today_tasks(_), rows=rows, search="石桥", part="")


def blank(_: Translate) -> NewInspection:
    """The choices of the form."""
    return NewInspection(
        party_classes=(
            Choice("citizen", zh_en(_, "公民", "Citizen")),
            Choice("sole_trader", zh_en(_, "个体工商户", "Individual business")),
            Choice("organisation", zh_en(_, "法人或者其他组织", "Organisation")),
        ),
        grounds=(
            Choice(ITEM, _("An item approved for regular checks")),
            Choice(URGENT, _("Urgent: approval is completed afterwards")),
        ),
    )


def formed(_: Translate, form: NewInspection) -> TodayView:
    """The form on its screen."""
    form = replace(form, missing=missing_words(_, form))
    titled = frame(_, _("New inspection"), AGENCY, tab="today")
    return replace(today_tasks(_), frame=titled, rows=(), form=form)


def today_form(_: Translate) -> TodayView:
    """The form for a new inspection, with a code whose check digit does not fit."""
    return formed(
        _,
        replace(
            blank(_),
            party_name=PARTY,
            uscc=USCC[:-1] + "9",
            uscc_note=uscc_note(_, USCC[:-1] + "9", valid=False),
            party_class="organisation",
            item_id="price-marking",
            ground=ITEM,
        ),
    )


def today_form_typing(_: Translate) -> TodayView:
    """Two letters, and the party is known."""
    known = (PartyTile("b" * 64, SHIQIAO, "92990123MA0FJ2N35Q"),)
    return formed(_, replace(blank(_), party_name="云溪县石", suggestions=known))


def today_form_task(_: Translate) -> TodayView:
    """From a task above the yearly cap: a reason is asked for."""
    task_note = RuleNote(
        "warn",
        _("Task {number} · {source}").format(
            number="云市监检派〔2026〕33号", source=zh_en(_, "投诉举报", "Complaint")
        ),
        count_words(_, 2, 2),
    )
    note = RuleNote(
        "warn",
        zh_en(_, "今年已对该企业检查 2 次，上限 2 次", "Inspected 2 times this year, the cap is 2"),
        zh_en(_, "确有必要的，请写明理由后继续。", "Where it is needed, say why and go on."),
        zh_en(_, "国办发〔2024〕54号", "State Council Office 2024 No. 54"),
        (Fix("override.IN-2", _("Go on, and say why")),),
    )
    form = blank(_)
    return formed(
        _,
        replace(
            form,
            task="a3" * 32,
            task_note=task_note,
            notes=(note,),
            unanswered=1,
            party_name=BRIDGE,
            uscc=USCC,
            uscc_note=uscc_note(_, USCC, valid=True),
            party_class="organisation",
            place=ADDRESS,
            item_id="food-shelf-life",
            ground=TASK,
            grounds=(Choice(TASK, _("A task of the office")), *form.grounds),
        ),
    )


def today_form_urgent(_: Translate) -> TodayView:
    """Urgent, with its reason."""
    form = blank(_)
    closed = replace(form.grounds[0], closed=_("the head has not approved this item"))
    return formed(
        _,
        replace(
            form,
            party_name=SHIQIAO,
            party_class="sole_trader",
            place="云溪县石桥街9号",
            item_id="scales",
            ground=URGENT,
            grounds=(closed, form.grounds[1]),
            urgent_reason=zh_en(
                _, "举报称正在销售变质食品，可能危害健康。", "Spoilt food is being sold."
            ),
        ),
    )
