"""What each document of the handbook must say (section 4 of the domain's facts), and answers of
the cast that fill every form.

    answers_for(form, known_for())      a whole form, as an officer would have typed it
    REQUIRED[kind]                      words that stand in the document, element by element
"""

from __future__ import annotations

from field_client import documents
from field_client.documents import Answers, CaseFacts, rows_text
from protocol.reference import Template
from protocol.statements import Party
from protocol.vocabulary import DocumentKind
from tests.cast import HEARD

NUMBER = "云市监〔2026〕41号"
END = 1_794_966_000_000  # 2026年11月18日9时40分

_ITEMS = [
    {
        "name": "散装红枣",
        "spec": "散装",
        "batch": "2026-10-12",
        "unit": "公斤",
        "quantity": "12.5",
        "condition": "完好",
        "remark": "货架第二层",
    },
    {"name": "宁夏枸杞", "spec": "500克/袋", "unit": "袋", "quantity": "36"},
]
_QUESTIONS = [
    {"q": "请介绍一下你的身份。", "a": "我叫周明禾，是店长，电话13812345678。"},
    {"q": "这些商品为什么没有标价？", "a": "新到的货。\n没有来得及做价签。"},
]
_PROOF = [{"name": "现场检查笔录", "proves": "店长周明禾在场，7种商品未标明价格"}]

TYPED: Answers = {
    "acknowledged_at": "2026-11-18 09:20",
    "approval": "经本局负责人批准（批准记录 9f3c2a1b00d4e5f6）",
    "basis": "《中华人民共和国食品安全法》第一百一十条第四项",
    "corrections": rows_text(
        [{"page": "1", "was": "8种商品", "now": "7种商品", "initialled": "周明禾"}]
    ),
    "deadline": "2026-11-25",
    "documents": rows_text(
        [{"title": "责令改正通知书", "number": "云市监责改〔2026〕41号", "copies": "1"}]
    ),
    "evidence": "现场检查笔录、照片6张",
    "facts": "2026年11月18日9时12分检查发现，散装红枣等7种商品未标明价格。店长周明禾在场确认。",
    "findings": "货架上散装红枣等7种商品未标明价格。",
    "fine": "500",
    "from_on": "2026-11-18",
    "hearing": "可以要求听证",
    "interviewee": "周明禾",
    "interviewee_home": "云溪县青石镇柳湾村3组12号",
    "interviewee_id": "11010519491231002X",
    "interviewee_phone": "13800138000",
    "items": rows_text(_ITEMS),
    "keeper": "周明禾",
    "kinds": "较大数额罚款",
    "kept_at": "云溪县青石镇河西路28号店内库房",
    "notice_no": "云市监罚告〔2026〕3号",
    "notified_on": "2026-11-20",
    "defence": "马上改。",
    "reply": "当事人陈述属实，予以采纳。",
    "party_words": "马上改。",
    "penalty": "警告、罚款",
    "penalty_text": "警告。",
    "questions": rows_text(_QUESTIONS),
    "read_by": "被询问人自己阅读",
    "reason": "上述物品以后难以取得。",
    "recusal": HEARD,
    "reasons": "当事人系首次违法，并及时改正，从轻处罚。",
    "refusal": "当事人认为处理过重，拒绝签收。",
    "attestors": "赵有田、李春生",
    "relation": "店长，受单位委托",
    "review": "当事人的陈述与查明的事实一致，予以采纳。",
    "site_manager": "周明禾（店长）",
    "source": "2026年11月18日，本局执法人员在检查中发现当事人涉嫌未按规定明码标价。",
    "speaker": "周明禾",
    "statement": "新到的商品没有来得及做价签，马上改。",
    "told": "拟罚款500元。",
    "until_on": "2026-11-27",
    "yearly_cap": "4",
    "yearly_count": "1",
}
# A form has words of its own for these, and what others ask by the same name is of another type.
_OWN = {
    "inspection_notice": {"basis": "《中华人民共和国价格法》第三十三条", "items": "价格行为检查"},
    "result_notice": {"items": "价格行为检查", "outcome": "发现问题，责令限期改正"},
    "correction_order": {
        "basis": "《中华人民共和国行政处罚法》第二十八条第一款",
        "measure": "对所售商品逐一明码标价。",
    },
    "seal_seize_decision": {"measure": "扣押"},
    "prior_notice": {"evidence": rows_text(_PROOF)},
    "hearing_right_notice": {"evidence": rows_text(_PROOF)},
    "penalty_decision": {
        "evidence": rows_text(_PROOF),
        "hearing": "当事人未要求听证",
        "review": "本案已经本局法制审核机构审核。",
    },
    "spot_decision": {"penalty": "罚款"},
    "statement_record": {"evidence": "未提交证据。"},
    "service_proof": {"method": "留置送达"},
}


def known_for(who: Party | None = None, *, bare: bool = False) -> CaseFacts:
    """What a case knows at the time; ``bare``: nothing of number and seal."""
    from tests.field_client.test_documents import facts

    known = facts("" if bare else NUMBER, who=who)
    more = {"preserve_until": 1_795_708_800_000, "seal_until": 1_797_523_200_000}
    values = {**known.values, **more}
    return CaseFacts(
        {name: value for name, value in values.items() if not (bare and name == "seal")},
        known.people,
    )


def answers_for(form: Template, known: CaseFacts) -> Answers:
    """All fields of a form, filled in."""
    own = _OWN.get(form.id, {})
    names = {field.name for field in form.fields if field.type != "fixed"}
    typed = {name: answer for name, answer in (TYPED | own).items() if name in names}
    return documents.ended(form, documents.carried(form, known) | typed, END)


_HEAD = ("云溪县市场监督管理局", NUMBER)
_PARTY = (
    "云溪县禾穗食品有限公司",
    "法人或者其他组织",
    "91990123MA0FJ0K21X",
    "周明禾",
    "云溪县青石镇河西路28号",
)
_OFFICERS = ("沈知远（执法证号00992304117）", "陆清和（执法证号00992304132）")
_SHOWN = ("主动", "出示行政执法证件")
_TIMES = ("2026年11月18日", "云溪县青石镇河西路28号")
_SEAL = ("2026年11月18日", "电子印章授权")
_ORDINARY = ("60日内向云溪县人民政府申请行政复议", "6个月内依法向云溪县人民法院提起行政诉讼")
_FACTS = (
    "散装红枣等7种商品未标明价格",
    "《中华人民共和国价格法》第十三条",
    "《中华人民共和国价格法》第四十二条",
)
_DEFENCE = ("有权进行陈述和申辩", "不会因陈述、申辩")

REQUIRED: dict[DocumentKind, tuple[str, ...]] = {
    DocumentKind.INSPECTION_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_OFFICERS,
        *_SEAL,
        "《中华人民共和国价格法》第三十三条",
        "年度检查计划",
        "价格行为检查",
        "第1次",
        "上限为4次",
        "不出示行政执法证件的，你单位有权拒绝接受检查",
        "有权申请回避",
        "有权陈述和申辩",
        "监督电话：",
        "严禁逐利检查",
        "严禁干扰企业正常生产经营",
        "严禁刻意要求法定代表人到场",
        "严禁变相检查",
        "严禁下达检查指标",
        "一式两份",
    ),
    DocumentKind.SITE_INSPECTION_RECORD: (
        *_HEAD,
        *_PARTY,
        *_OFFICERS,
        *_SHOWN,
        "2026年11月18日9时40分",
        *_TIMES,
        "货架上散装红枣等7种商品未标明价格。",
        "照片6张",
        "就价格行为检查（明码标价）事项",
        "应当如实回答询问，并协助检查",
        "已核对无误",
    ),
    DocumentKind.INTERVIEW_RECORD: (
        *_HEAD,
        *_OFFICERS,
        *_SHOWN,
        "2026年11月18日9时40分",
        *_TIMES,
        "周明禾",
        "11010519491231002X",
        "店长，受单位委托",
        "这些商品为什么没有标价？",
        "没有来得及做价签。",
        "有权申请回避",
        "应当如实回答询问",
        "7种商品",
        "已核对无误",
    ),
    DocumentKind.RIGHTS_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_OFFICERS,
        *_SHOWN,
        "2026年11月18日9时20分",
        "依据《中华人民共和国价格法》第三十三条，就价格行为检查",
        "60日内可以向本级人民政府申请行政复议，或者6个月内到法院起诉",
        "有权拒绝接受调查或者检查",
        "有权申请回避",
        "有权进行陈述和申辩",
        "要求听证",
        "有权依法提出赔偿要求",
        "依法予以保密",
        "如实回答询问",
        "不得拒绝或者阻挠",
        "不得销毁或者转移证据",
        *(
            f"《行政处罚法》第{article}条"
            for article in ("四十三", "四十五", "五十", "六十三", "七")
        ),
    ),
    DocumentKind.CORRECTION_ORDER: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        *_ORDINARY,
        "散装红枣等7种商品未标明价格",
        "《中华人民共和国价格法》第十三条",
        "《中华人民共和国行政处罚法》第二十八条第一款",
        "对所售商品逐一明码标价",
        "2026年11月25日前（含当日）改正",
        "一式两份",
    ),
    DocumentKind.SPOT_DECISION: (
        *_HEAD,
        *_PARTY,
        *_OFFICERS,
        *_SHOWN,
        *_TIMES,
        *_SEAL,
        *_FACTS,
        "罚款人民币500元（大写：伍佰元整）",
        "指定银行：",
        "百分之三加处罚款",
        "依法享有陈述、申辩的权利",
        "应当先自收到本决定书之日起60日内向云溪县人民政府申请行政复议",
        "15日内依法向云溪县人民法院提起行政诉讼",
        "报本局备案",
    ),
    DocumentKind.PRIOR_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        *_FACTS,
        *_DEFENCE,
        "现场检查笔录",
        "首次违法",
        "拟罚款人民币500元",
        "《中华人民共和国行政处罚法》第四十四条",
        "5个工作日内，以书面或者口头方式",
        "有权要求听证",
    ),
    DocumentKind.HEARING_RIGHT_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        *_FACTS,
        "现场检查笔录",
        "较大数额罚款",
        "5个工作日内以书面或者口头方式向本局提出",
        "《中华人民共和国行政处罚法》第六十三条、第六十四条",
        "7个工作日前通知",
        "公开举行",
        "非本案调查人员担任",
        "一至二人代理",
        "不承担组织听证的费用",
    ),
    DocumentKind.STATEMENT_RECORD: (
        *_HEAD,
        *_PARTY,
        *_OFFICERS,
        *_SHOWN,
        "2026年11月18日9时40分",
        *_TIMES,
        "新到的商品没有来得及做价签",
        "未提交证据",
        "予以采纳",
        "不会因陈述、申辩而给予更重的处罚",
    ),
    DocumentKind.PRESERVATION_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        "批准记录 9f3c2a1b00d4e5f6",
        "你单位涉嫌未按规定明码标价",
        "以后难以取得",
        "自2026年11月18日起至2026年11月27日止",
        "店内库房",
        "由周明禾保管",
        "《中华人民共和国行政处罚法》第五十六条",
        "七个工作日内",
        "不得销毁或者转移证据",
        *("散装红枣", "2026-10-12", "公斤", "12.5", "完好", "货架第二层", "500克/袋", "36"),
        "一式两份",
    ),
    DocumentKind.SEAL_SEIZE_DECISION: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        *_ORDINARY,
        "予以扣押",
        "以后难以取得",
        "《中华人民共和国食品安全法》第一百一十条第四项",
        "自2026年11月18日起至2026年11月27日止",
        "不得超过三十日",
        "保管费用由本局承担",
        "不使用、不损毁",
        "陈述、申辩的权利",
        *("散装红枣", "公斤", "12.5"),
    ),
    DocumentKind.PENALTY_DECISION: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        *_ORDINARY,
        *_FACTS,
        "现场检查笔录",
        "云市监罚告〔2026〕3号",
        "马上改。",
        "当事人陈述属实，予以采纳",
        "当事人未要求听证",
        "法制审核",
        "罚款人民币500元（大写：伍佰元整）",
        "15日内履行",
        "指定银行：",
        "百分之三加处罚款",
        "向社会公示",
    ),
    DocumentKind.SERVICE_PROOF: (
        "云溪县市场监督管理局",
        "责令改正通知书",
        "云市监责改〔2026〕41号",
        "云溪县禾穗食品有限公司",
        "留置送达",
        *_TIMES,
        *_OFFICERS,
        "拒绝签收",
        "赵有田、李春生",
        "店长，受单位委托",
        "第八十七条至第八十九条",
    ),
    DocumentKind.RESULT_NOTICE: (
        *_HEAD,
        *_PARTY,
        *_SEAL,
        "货架上散装红枣等7种商品未标明价格。",
        "发现问题，责令限期改正",
        "2026年11月25日前（含当日）改正",
        "向社会公开",
    ),
}
