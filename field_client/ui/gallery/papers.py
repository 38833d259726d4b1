"""Sample views of documents: form."""

from __future__ import annotations

from field_client.ui.gallery.cast import (
    PARTY,
    USCC,
    frame,
    pages,
    zh_en,
)
from field_client.ui.presenters.common import Choice, Fix, RuleNote, Translate
from field_client.ui.presenters.form import FieldView, FormView, PreviewView, main_label


def form(_: Translate) -> FormView:
    """A fine above the ceiling: one stop with its ways out."""
    block = RuleNote(
        "block",
        zh_en(
            _,
            "罚款 3,500 元超过当场罚款上限 3,000 元",
            "3,500 yuan is above the on-the-spot ceiling of 3,000 yuan",
        ),
        zh_en(_, "请改小金额，或者转为普通程序。", "Lower it, or change to ordinary procedure."),
        zh_en(_, "《行政处罚法》第五十一条", "Administrative Penalty Law, Art. 51"),
        (
            Fix("cap", zh_en(_, "改为 3,000 元", "Set to 3,000")),
            Fix("ordinary", zh_en(_, "转为普通程序", "Ordinary procedure")),
        ),
    )
    warn = RuleNote(
        "warn", zh_en(_, "建议逐一写明 7 种商品名称", "Better name each of the 7 goods")
    )
    bank = Choice("bank", zh_en(_, "15 日内到银行缴纳", "At the bank within 15 days"))
    cash = Choice(
        "cash", zh_en(_, "当场收缴", "On the spot"), zh_en(_, "仅限 100 元以下", "≤ 100 only")
    )
    return FormView(
        frame=frame(
            _,
            zh_en(_, "当场行政处罚决定书", "On-the-spot penalty decision"),
            PARTY + zh_en(_, " · 已自动保存 09:46", " · saved 09:46"),
        ),
        fields=(
            FieldView(
                "facts",
                "multiline",
                zh_en(_, "违法事实", "Facts"),
                "2026年11月18日9时12分检查发现，你单位在青石镇河西路28号经营的散装红枣等7种商品"
                "未标明价格。以上事实有现场检查笔录、照片6张为证。",
                notes=(warn,),
            ),
            FieldView(
                "fine",
                "money",
                zh_en(_, "罚款金额", "Fine"),
                "3500",
                aside=zh_en(_, "法人或者其他组织", "Organisation"),
                unit=zh_en(_, "元", "yuan"),
                notes=(block,),
            ),
            FieldView(
                "pay",
                "choice",
                zh_en(_, "缴款方式", "Payment"),
                "bank",
                choices=(bank, cash),
            ),
            FieldView("day", "date", zh_en(_, "决定日期", "Date of decision"), "2026-11-18"),
            FieldView("party", "fixed", zh_en(_, "当事人", "Party"), f"{PARTY}\n{USCC}"),
        ),
        notes=(),
        passed=10,
        preview=PreviewView(pages(), zh_en(_, "草稿，未生效", "Draft")),
        main_label=main_label(_, blocks=1, missing=()),
        ready=False,
    )
