"""Sample views of interviews: held, who is asked, read over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from field_client.ui.gallery.cast import MANAGER, frame, pages, zh_en
from field_client.ui.gallery.forms import ALMANAC
from field_client.ui.presenters.almanac import day_line
from field_client.ui.presenters.common import Choice, Fix, RuleNote, Translate
from field_client.ui.presenters.form import FieldView, PreviewView, main_label
from field_client.ui.presenters.interview import Exchange, Guide, InterviewView, tabs
from field_client.ui.presenters.sign import Correction

SAID = (
    ("你是什么职务，负责什么工作？", "店长，负责门店的日常经营和价签管理。"),
    ("现场这7种散装商品为什么没有标明价格？", "昨晚换货架，价签取下来了，今天早上没来得及放回去。"),
    ("这些商品从什么时候开始销售？", "上个月中旬开始卖的。"),
    ("你单位以前是否因为同类问题受到过处理？", ""),
)


def interview(_: Translate) -> InterviewView:
    """The fourth question is put and not answered yet."""
    rows = tuple(Exchange(str(at), at + 1, q, a) for at, (q, a) in enumerate(SAID))
    return InterviewView(
        frame=frame(_, zh_en(_, "询问笔录", "Interview record"), MANAGER),
        tab="talk",
        tabs=tabs(_),
        rows=rows,
        part="a",
        typed="",
        guides=(
            Guide(
                _("To begin with"),
                (
                    (
                        "我们是云溪县市场监督管理局的行政执法人员，这是我们的执法证件，请你核对。",
                        True,
                    ),
                    ("你认为我们与本案有利害关系的，可以申请回避。是否申请回避？", True),
                    ("你应当如实回答询问，不得拒绝、阻挠。清楚了吗？", False),
                ),
            ),
            Guide(
                zh_en(_, "明码标价检查", "Price marking"),
                (
                    ("这些商品从什么时候开始销售，进价、售价各是多少？", True),
                    ("你单位以前是否因为同类问题受到过处理？", True),
                ),
            ),
            Guide(_("To end with"), (("你还有什么需要补充说明的？", False),)),
        ),
        answers=("看清楚了。", "不申请回避。", "属实。", "没有补充。"),
        asked=(
            FieldView("interviewee", "text", zh_en(_, "被询问人", "Interviewee"), MANAGER),
            FieldView(
                "interviewee_sex",
                "choice",
                zh_en(_, "性别", "Sex"),
                "女",
                choices=(
                    Choice("男", zh_en(_, "男", "Male")),
                    Choice("女", zh_en(_, "女", "Female")),
                ),
            ),
            FieldView("interviewee_id", "text", zh_en(_, "身份证件号码", "Identity number")),
            FieldView(
                "relation",
                "text",
                zh_en(_, "与本案关系", "Relation to the case"),
                "店长，受单位委托",
                phrases=("当事人", "法定代表人", "从业人员", "证人"),
            ),
            FieldView(
                "began_at",
                "datetime",
                zh_en(_, "询问开始时间", "Began at"),
                "2026-11-18 09:20",
                aside=day_line(_, ALMANAC, date(2026, 11, 18)),
                almanac=ALMANAC,
            ),
        ),
        interviews=(
            Choice("first", _("Interview {n}").format(n=1)),
            Choice("new", _("Another interview")),
        ),
        interview="first",
        reads=(
            Choice("self", zh_en(_, "被询问人自己阅读", "Read by the interviewee")),
            Choice("aloud", zh_en(_, "执法人员向被询问人宣读", "Read aloud by the officers")),
        ),
        read="self",
        corrections=(),
        preview=PreviewView(),
        notes=(),
        main_label=main_label(_, blocks=0, missing=(_("an answer to every question"),)),
        ready=False,
    )


def interview_who(_: Translate) -> InterviewView:
    """Who is asked."""
    return replace(interview(_), tab="who")


def interview_check(_: Translate) -> InterviewView:
    """Read over: one correction, and a signing that was interrupted."""
    return replace(
        interview(_),
        tab="check",
        preview=PreviewView(pages(), zh_en(_, "草稿，未生效", "Draft")),
        corrections=(Correction(1, "上个月中旬", "上个月初"),),
        notes=(
            RuleNote(
                "warn",
                _("The signing was interrupted"),
                _(
                    "The pages that were signed are kept for this very text. Go on signing; if "
                    "you change the text, they are thrown away."
                ),
                fixes=(Fix("interview.resume", _("Go on signing")),),
            ),
        ),
        main_label=main_label(_, blocks=0, missing=()),
        ready=True,
    )
