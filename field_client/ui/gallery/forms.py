"""Sample views of forms: a long one in sections, tables, what cannot be read, the month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from field_client.errors import TypesettingTooSlow
from field_client.ui.gallery.cast import ADDRESS, MANAGER, PARTY, USCC, frame, on, pages, zh_en
from field_client.ui.presenters.almanac import Almanac, day_line
from field_client.ui.presenters.common import Choice, Fix, Message, RuleNote, Translate, error_words
from field_client.ui.presenters.form import (
    ColumnView,
    FieldView,
    FormView,
    LegalBlock,
    PreviewView,
    SectionView,
    counted,
    main_label,
)

ALMANAC = Almanac(
    date(2026, 9, 18),
    frozenset({2026}),
    frozenset(
        [*(date(2026, 9, n) for n in (25, 26, 27)), *(date(2026, 10, n) for n in range(1, 8))]
    ),
    frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
)
GOODS = (
    "散装红枣",
    "散装核桃仁",
    "散装枸杞",
    "散装桂圆",
    "散装香菇",
    "散装木耳",
    "散装绿豆",
    "散装花生米",
)


def form_long(_: Translate) -> FormView:
    """A penalty decision: many fields in sections, legal words beside it, no seal on the tablet,
    drafted before legal review."""
    facts = (
        "2026年9月14日9时12分，本局执法人员在青石镇河西路28号依法检查，发现你单位经营的散装红枣等"
        "7种商品未标明价格。你单位在询问中对上述事实无异议。"
    )
    review = RuleNote(
        "block",
        zh_en(_, "普通程序处罚决定还没有法制审核意见", "No legal review opinion yet"),
        zh_en(
            _,
            "可以起草，不能出具。请送法制审核，同意后再出具。",
            "It can be drafted, not issued. Send it to legal review first.",
        ),
        zh_en(_, "《行政处罚法》第五十八条", "APL 58"),
    )
    warned = RuleNote(
        "warn",
        zh_en(_, "距离陈述、申辩期满不足 5 个工作日", "Less than 5 working days for the defence"),
        zh_en(_, "当事人书面放弃的，写明理由后可以继续。", "If waived in writing, say so."),
        zh_en(_, "《行政处罚法》第六十四条", "APL 64"),
        (Fix("override.HR-2", _("Go on, and say why")),),
    )
    words = zh_en(_, "违法事实", "Facts"), zh_en(_, "处罚", "Penalty")
    fields = (
        _text(_, "party_name", "当事人", "Party", PARTY),
        _text(_, "party_id_code", "统一社会信用代码", "Credit code", USCC),
        _text(_, "party_legal_rep", "法定代表人", "Legal representative", MANAGER),
        _text(_, "party_address", "住所", "Address", ADDRESS),
        FieldView(
            "facts",
            "multiline",
            words[0],
            facts,
            aside=counted(_, len(facts), 6000),
            help=zh_en(_, "写明时间、地点、行为、数量", "When, where, what, how many"),
            required=True,
            phrases=("经查，当事人经营的＿＿等＿种商品未标明价格。", "当事人对上述事实无异议。"),
        ),
        FieldView("evidence", "text", zh_en(_, "证据", "Evidence"), required=True),
        FieldView(
            "kinds",
            "choice",
            words[1],
            "罚款",
            choices=tuple(
                Choice(kept, zh_en(_, kept, en))
                for kept, en in (
                    ("警告", "Warning"),
                    ("罚款", "Fine"),
                    ("没收违法所得", "Confiscation of illegal gains"),
                    ("责令停产停业", "Suspension of business"),
                )
            ),
        ),
        FieldView(
            "fine",
            "money",
            zh_en(_, "罚款金额", "Fine"),
            "5千元",
            unit=_("yuan"),
            required=True,
            problem=_("This is no amount. Write figures, such as 500 or 1,200.50."),
        ),
        FieldView(
            "decided_on",
            "date",
            zh_en(_, "决定日期", "Day of the decision"),
            "2026-09-30",
            aside=day_line(_, ALMANAC, date(2026, 9, 30)),
            almanac=ALMANAC,
        ),
        FieldView(
            "remedy",
            "fixed",
            zh_en(_, "救济途径和期限", "Remedies and limits"),
            "如不服本决定，可以自收到本决定书之日起60日内向云溪县人民政府申请行政复议，也可以在6个月内"
            "依法向云溪县人民法院提起行政诉讼。",
        ),
    )
    return FormView(
        frame=frame(_, zh_en(_, "行政处罚决定书", "Penalty decision"), PARTY),
        fields=fields,
        notes=(review, warned),
        passed=9,
        preview=PreviewView(pages(), _("Draft, not in force")),
        main_label=main_label(_, blocks=1, missing=("证据", "罚款金额")),
        ready=False,
        message=Message(
            "accent",
            _("The office must seal this document"),
            _("No seal is lent to this tablet for it. Print it, have it sealed, then serve it."),
        ),
        sections=(
            SectionView("party_name", _("Party")),
            SectionView("facts", words[0], 1),
            SectionView("kinds", words[1], 1),
        ),
        legal=legal(_),
        missing=("evidence", "fine"),
    )


def legal(_: Translate) -> tuple[LegalBlock, ...]:
    """Three passages of a decision, and what they mean."""
    return (
        LegalBlock(
            zh_en(_, "申请行政复议", "Reconsideration"),
            zh_en(
                _,
                "公民、法人或者其他组织认为行政行为侵犯其合法权益的，可以自知道或者应当知道该行政行为"
                "之日起六十日内提出行政复议申请。",
                "Who holds that an act infringes lawful rights may apply within sixty days.",
            ),
            zh_en(_, "《行政复议法》第二十条", "ARL 20"),
            zh_en(
                _,
                "您不同意这个决定，可以在收到后60天内请云溪县人民政府复查，不收钱。",
                "If you disagree, ask the county government to look again, free of charge.",
            ),
        ),
        LegalBlock(
            zh_en(_, "缴款期限", "Payment"),
            zh_en(
                _,
                "当事人应当自收到行政处罚决定书之日起十五日内，到指定的银行或者通过电子支付系统缴纳罚款。",
                "The party pays within fifteen days at the bank named or electronically.",
            ),
            zh_en(_, "《行政处罚法》第六十七条", "APL 67"),
            zh_en(
                _,
                "从收到的第二天算起15天内交到银行，也可以手机支付。执法人员不能收现金。",
                "Pay within 15 days at the bank or by phone. Officers take no cash.",
            ),
        ),
        LegalBlock(
            zh_en(_, "逾期加处罚款", "Late payment"),
            zh_en(
                _,
                "到期不缴纳罚款的，每日按罚款数额的百分之三加处罚款，加处罚款的数额不得超出罚款的数额。",
                "Three per cent a day, never more than the fine itself.",
            ),
            zh_en(_, "《行政处罚法》第七十二条", "APL 72"),
            zh_en(
                _,
                "晚交一天多交百分之三，最多再多交一倍。有困难可以申请延期或者分期。",
                "Each day late costs three per cent more, at most as much again.",
            ),
        ),
    )


def form_table(_: Translate) -> FormView:
    """A list of seized property: 24 rows, one of them incomplete."""
    columns = (
        ColumnView("name", "text", zh_en(_, "名称", "Name"), required=True),
        ColumnView("spec", "text", zh_en(_, "规格型号", "Specification")),
        ColumnView("quantity", "number", zh_en(_, "数量", "Quantity"), required=True),
        ColumnView(
            "unit", "text", zh_en(_, "单位", "Unit"), phrases=("公斤", "袋", "箱"), required=True
        ),
        ColumnView(
            "condition",
            "choice",
            zh_en(_, "状态", "Condition"),
            choices=(
                Choice("完好", zh_en(_, "完好", "Undamaged")),
                Choice("破损", zh_en(_, "破损", "Damaged")),
            ),
        ),
        ColumnView("made_on", "date", zh_en(_, "生产日期", "Made on")),
    )
    rows = tuple(
        (GOODS[n % 8], "散装", "" if n == 2 else f"{n + 1}.5", "公斤", "完好", "2026-08-01")
        for n in range(24)
    )
    items = FieldView(
        "items",
        "table",
        zh_en(_, "物品清单", "Property"),
        aside=_("{n} rows").format(n=len(rows)),
        columns=columns,
        rows=rows,
        required=True,
        almanac=ALMANAC,
        help=zh_en(_, "逐项填写，当场与当事人核对", "Item by item, checked with the party"),
    )
    missing = (items.label,)
    return FormView(
        frame=frame(_, zh_en(_, "查封（扣押）决定书", "Sealing or seizure decision"), PARTY),
        fields=(
            items,
            replace(form_long(_).fields[8], key="until", label=zh_en(_, "期限至", "Until")),
        ),
        notes=(),
        passed=7,
        preview=PreviewView(pages(), _("Draft, not in force")),
        main_label=main_label(_, blocks=0, missing=missing),
        ready=False,
        message=Message(
            "success",
            _("The agency's seal is lent to this tablet"),
            _("It is put on this document, until {day}.").format(day=on(_, "2026-12-31")),
        ),
        missing=("items",),
    )


def form_date(_: Translate) -> FormView:
    """A time to pick; the month opens by a finger."""
    began = FieldView(
        "began_at",
        "datetime",
        zh_en(_, "询问开始时间", "Begun at"),
        "2026-09-29 14:30",
        aside=day_line(_, ALMANAC, date(2026, 9, 29)),
        almanac=ALMANAC,
        required=True,
    )
    people = FieldView(
        "present",
        "names",
        zh_en(_, "在场人员", "Present"),
        "周明禾、赵小满",
        aside=_("{n} names").format(n=2),
    )
    lost = FieldView(
        "ended_on",
        "date",
        zh_en(_, "改正期限", "Correct by"),
        "2026-02-30",
        problem=_("There is no such day. Write it as 2026-11-18, or pick it."),
        almanac=ALMANAC,
    )
    weight = FieldView(
        "weight",
        "number",
        zh_en(_, "抽样数量", "Sampled"),
        "12.5",
        unit=zh_en(_, "公斤", "kg"),
    )
    view = form_long(_)
    return replace(
        view,
        frame=frame(_, zh_en(_, "询问笔录", "Interview record"), PARTY),
        fields=(began, people, lost, weight),
        notes=(),
        message=None,
        sections=(),
        legal=(),
        missing=("ended_on",),
        main_label=main_label(_, blocks=0, missing=(lost.label,)),
    )


def form_unprinted(_: Translate) -> FormView:
    """A template with an endless loop: what is said in place of the page."""
    view = form_date(_)
    slow = TypesettingTooSlow(
        "expected template {template} to be typeset within {limit} s; it was stopped. "
        "What was typed is saved; tell the office, which sends another template",
        template=view.frame.title,
        limit="10",
    )
    note = RuleNote("warn", _("The page cannot be shown"), error_words(_, slow))
    return replace(view, notes=(note,), preview=PreviewView())


def _text(_: Translate, key: str, zh: str, en: str, value: str) -> FieldView:
    return FieldView(key, "text", zh_en(_, zh, en), value, required=True)
