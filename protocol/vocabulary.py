"""The domain's enumerations, in the terms of the law, with their Chinese beside them.

Values travel in statements and never change their meaning; labels are for people. A word that
came into a list after the list was first published says in which edition (``since``): what uses
it says so in its ``v``, and a reader of an earlier edition keeps it as it came.

>>> DocumentKind.SPOT_DECISION.zh
'当场行政处罚决定书'
>>> Step.IDENTITY.since, Step.MEASURE.since
(1, 2)
"""

from enum import StrEnum


class Term(StrEnum):
    """A word of the domain: its wire value, its Chinese and its English name, and the edition
    in which it joined its list."""

    zh: str
    en: str
    since: int

    def __new__(cls, value: str, zh: str = "", en: str = "", since: int = 1) -> "Term":
        term = str.__new__(cls, value)
        term._value_ = value
        term.zh, term.en, term.since = zh, en, since
        return term

    def label(self, language: str) -> str:
        """The word in ``language`` (``zh_CN`` or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en

    def heading(self, language: str) -> str:
        """The same where it stands by itself: English begins with a capital there."""
        return self.label(language)[:1].upper() + self.label(language)[1:]


class ActKind(Term):
    """The six kinds of enforcement acts (county plan X-1)."""

    PENALTY = "penalty", "行政处罚", "penalty"
    COERCION = "coercion", "行政强制", "coercion"
    INSPECTION = "inspection", "行政检查", "inspection"
    LEVY = "levy", "行政征收征用", "levy or requisition"
    PERMIT = "permit", "行政许可", "permit"
    CONFIRMATION = "confirmation", "行政确认", "confirmation"


class Procedure(Term):
    """How a penalty is decided (APL 51, 54)."""

    SUMMARY = "summary", "简易程序", "summary procedure"
    ORDINARY = "ordinary", "普通程序", "ordinary procedure"


class PartyClass(Term):
    """Class of a party; decides the on-the-spot ceiling (APL 51)."""

    CITIZEN = "citizen", "公民", "citizen"
    SOLE_TRADER = "sole_trader", "个体工商户", "individual business"
    ORGANISATION = "organisation", "法人或者其他组织", "legal person or other organisation"


class PenaltyKind(Term):
    """Kinds of penalty from light to heavy (APL 9)."""

    WARNING = "warning", "警告", "warning"
    CRITICISM = "criticism", "通报批评", "notice of criticism"
    FINE = "fine", "罚款", "fine"
    CONFISCATION = "confiscation", "没收", "confiscation"
    SUSPEND_PERMIT = "suspend_permit", "暂扣许可证件", "suspension of a permit"
    DOWNGRADE = "downgrade", "降低资质等级", "downgrade of qualification"
    RESTRICTION = "restriction", "限制开展生产经营活动", "restriction of business"
    SUSPENSION = "suspension", "责令停产停业", "suspension of business"
    CLOSURE = "closure", "责令关闭、限制从业", "closure or work ban"
    REVOCATION = "revocation", "吊销许可证件", "revocation of a permit"
    DETENTION = "detention", "行政拘留", "detention"


class RemedyRoute(Term):
    """What the party may do (ARL 23; ALL 44): the text of the document follows from it."""

    RECONSIDER_FIRST = "reconsider_first", "复议前置", "reconsideration first"
    FREE_CHOICE = "free_choice", "复议或者诉讼", "reconsideration or suit"


class DocumentKind(Term):
    """The documents of the handbook."""

    INSPECTION_NOTICE = "inspection_notice", "行政检查通知书", "inspection notice"
    SITE_INSPECTION_RECORD = (
        "site_inspection_record",
        "现场检查笔录",
        "on-site inspection record",
    )
    INTERVIEW_RECORD = "interview_record", "询问笔录", "interview record"
    RIGHTS_NOTICE = "rights_notice", "权利义务告知书", "rights and duties notice"
    CORRECTION_ORDER = "correction_order", "责令改正通知书", "correction order"
    SPOT_DECISION = "spot_decision", "当场行政处罚决定书", "on-the-spot penalty decision"
    PRIOR_NOTICE = "prior_notice", "行政处罚事先告知书", "prior penalty notice"
    HEARING_RIGHT_NOTICE = "hearing_right_notice", "听证告知书", "hearing right notice"
    STATEMENT_RECORD = "statement_record", "陈述申辩笔录", "statement and defence record"
    PRESERVATION_NOTICE = (
        "preservation_notice",
        "先行登记保存证据通知书",
        "evidence preservation notice",
    )
    SEAL_SEIZE_DECISION = "seal_seize_decision", "查封（扣押）决定书", "sealing or seizure decision"
    PENALTY_DECISION = "penalty_decision", "行政处罚决定书", "penalty decision"
    SERVICE_PROOF = "service_proof", "送达回证", "proof of service"
    RESULT_NOTICE = "result_notice", "行政检查结果告知书", "inspection result notice"


class ServiceMethod(Term):
    """How a document reaches the party (CPL 87–95; APL 61)."""

    PERSONAL = "personal", "直接送达", "personal service"
    LEAVING = "leaving", "留置送达", "service by leaving"
    POSTAL = "postal", "邮寄送达", "postal service"
    ENTRUSTED = "entrusted", "委托送达", "entrusted service"
    ANNOUNCEMENT = "announcement", "公告送达", "service by announcement"
    ELECTRONIC = "electronic", "电子送达", "electronic service"


class Role(Term):
    """In which role somebody signs, refuses or is absent."""

    PARTY = "party", "当事人", "party"
    AGENT = "agent", "委托代理人", "authorised agent"
    SITE_MANAGER = "site_manager", "现场负责人", "person in charge on site"
    OFFICER = "officer", "执法人员", "officer"
    ATTESTOR = "attestor", "见证人", "attesting witness"
    INTERVIEWEE = "interviewee", "被询问人", "interviewee", 3
    GUARDIAN = "guardian", "监护人", "guardian", 3
    RECEIVER = "receiver", "代收人", "receiver for the party", 3


class MediaKind(Term):
    """What a recording is."""

    PHOTO = "photo", "照片", "photo"
    VIDEO = "video", "录像", "video"
    SOUND = "sound", "录音", "sound recording"


class Step(Term):
    """The step of an inspection that a recording or an act belongs to."""

    ARRIVAL = "arrival", "到达现场", "arrival"
    IDENTITY = "identity", "出示证件", "showing the card"
    RIGHTS = "rights", "告知权利义务", "rights notice"
    EVIDENCE = "evidence", "现场取证", "evidence"
    RECORD = "record", "制作笔录", "making the record"
    STATEMENT = "statement", "陈述申辩", "statement and defence"
    DECISION = "decision", "作出决定", "decision"
    SERVICE = "service", "送达", "service"
    MEASURE = "measure", "采取措施", "taking a measure", 2
    INTERVIEW = "interview", "询问", "interview", 3


class Standing(Term):
    """Standing of an officer's card. What is not known to be valid is unknown."""

    VALID = "valid", "有效", "valid"
    SUSPENDED = "suspended", "停用", "suspended"
    CANCELLED = "cancelled", "注销", "cancelled"
    EXPIRED = "expired", "过期", "expired"
    UNKNOWN = "unknown", "未知", "unknown"


class Outcome(Term):
    """How an inspection ended."""

    NO_PROBLEM = "no_problem", "未发现问题", "no problem found"
    CORRECTED = "corrected", "责令改正", "correction ordered"
    PENALISED_ON_SPOT = "penalised_on_spot", "当场处罚", "penalised on the spot"
    CASE_TO_OPEN = "case_to_open", "转为立案", "to be opened as a case"


class StaffRole(Term):
    """What a member of the office may do."""

    HANDLER = "handler", "承办人", "handler"
    AGENCY_HEAD = "agency_head", "机关负责人", "agency head"
    PUBLISHER = "publisher", "公示管理员", "publisher"
    ARCHIVIST = "archivist", "档案管理员", "archivist"
    SUPERVISOR = "supervisor", "执法监督员", "supervisor"
    REGISTRAR = "registrar", "名册管理员", "registrar"
    REVIEWER = "reviewer", "法制审核人员", "legal reviewer", 2


class Retention(Term):
    """How long a file is kept (document-retention rules, Art. 6)."""

    PERMANENT = "permanent", "永久", "permanent"
    YEARS_30 = "years_30", "30年", "30 years"
    YEARS_10 = "years_10", "10年", "10 years"


class VolumeKind(Term):
    """Which volume of a case file a paper stands in: what went out, what the office said to
    itself, what is secret."""

    MAIN = "main", "正卷", "main volume"
    INTERNAL = "internal", "副卷", "internal volume"
    SECRET = "secret", "密卷", "secret volume"


class Ground(Term):
    """Why a piece of a published text is masked (OGI 14–15; SAMR45 5–6)."""

    NATURAL_PERSON = "natural_person", "其他自然人姓名", "name of another natural person"
    HOME_ADDRESS = "home_address", "家庭住址", "home address"
    CONTACT = "contact", "联系方式", "contact details"
    ID_NUMBER = "id_number", "身份证件号码", "identity number"
    BANK_ACCOUNT = "bank_account", "银行账号", "bank account"
    HEALTH = "health", "健康信息", "health data"
    TRADE_SECRET = "trade_secret", "商业秘密", "trade secret"
    NOT_FOR_DISPLAY = "not_for_display", "不属于公示内容", "not part of what is published"


class Measure(Term):
    """What is done to property for the sake of evidence or of a decision (APL 56; ACL 9)."""

    PRESERVATION = "preservation", "先行登记保存", "advance registration and preservation"
    SAMPLING = "sampling", "抽样取证", "sampling"
    SEAL = "seal", "查封", "sealing"
    SEIZE = "seize", "扣押", "seizure"
    FREEZE = "freeze", "冻结", "freezing"
    OTHER = "other", "其他行政强制措施", "another coercive measure"


class MeasureEnd(Term):
    """What became of property that was preserved, sealed or seized (APL 56; ACL 27, 28)."""

    RELEASED = "released", "解除并退还", "released and returned"
    EVIDENCE_KEPT = "evidence_kept", "已取得证据后退还", "returned, the evidence taken"
    TO_MEASURE = "to_measure", "转为查封、扣押", "turned into sealing or seizure"
    TESTED = "tested", "送交检验检测", "sent to be tested"
    CONFISCATED = "confiscated", "依法没收", "confiscated"
    DESTROYED = "destroyed", "依法销毁", "destroyed by law"
    TRANSFERRED = "transferred", "随案移送", "transferred with the case"


class CashGround(Term):
    """Why officers collect a fine themselves (APL 68, 69)."""

    SMALL = "small", "一百元以下罚款", "a fine of 100 yuan or less"
    HARD_LATER = "hard_later", "不当场收缴事后难以执行", "hard to collect later"
    REMOTE = "remote", "边远地区当事人提出", "a remote place, at the party's request"


class HearingAnswer(Term):
    """What the party says to its right to a hearing (APL 63, 64)."""

    REQUESTED = "requested", "要求听证", "hearing requested"
    WAIVED = "waived", "放弃听证", "hearing waived"
    WITHDRAWN = "withdrawn", "撤回听证要求", "request withdrawn"


class TaskSource(Term):
    """Where a task of inspection comes from."""

    PLANNED = "planned", "年度检查计划", "yearly plan"
    RECHECK = "recheck", "整改复查", "re-check"
    COMPLAINT = "complaint", "投诉举报", "complaint or report"
    ASSIGNED = "assigned", "上级交办", "assigned from above"
    RANDOM_DRAW = "random_draw", "双随机抽查", "random draw"


class CaseSource(Term):
    """Where a case came from."""

    INSPECTION = "inspection", "监督检查", "inspection"
    COMPLAINT = "complaint", "投诉举报", "complaint or report"
    TRANSFER = "transfer", "其他部门移送", "transferred by another agency"
    ASSIGNED = "assigned", "上级交办", "assigned from above"
    OTHER = "other", "其他来源", "another source"


class ApprovalSubject(Term):
    """What the head of the agency approves."""

    INSPECTION = "inspection", "行政检查", "inspection"
    CASE_OPENING = "case_opening", "立案", "case opening"
    RECUSAL = "recusal", "回避", "recusal"
    PRESERVATION = "preservation", "先行登记保存", "advance registration and preservation"
    MEASURE = "measure", "行政强制措施", "coercive measure"
    MEASURE_EXTENSION = "measure_extension", "延长强制措施期限", "extension of a measure"
    MEASURE_RELEASE = "measure_release", "解除强制措施", "release of a measure", 3
    PERIOD_EXTENSION = "period_extension", "延长办案期限", "extension of the decision period"
    NOTICE = "notice", "处罚事先告知", "prior penalty notice"
    DECISION = "decision", "行政处罚决定", "penalty decision"
    EXECUTION = "execution", "行政强制执行", "compulsory execution"
    TRANSFER = "transfer", "移送", "transfer"
    NON_DISCLOSURE = "non_disclosure", "不予公示", "not to publish"
    CASE_CLOSING = "case_closing", "结案", "case closing"
    DESTRUCTION = "destruction", "档案销毁", "destruction of records"


class ReviewOutcome(Term):
    """What the legal review says of a draft (X-4.3b)."""

    AGREE = "agree", "同意", "agree"
    PROBLEMS = "problems", "存在问题", "problems found"


class RevocationGround(Term):
    """Why a decision no longer stands as it was (APL 48)."""

    CHANGED = "changed", "依法变更", "changed"
    REVOKED = "revoked", "依法撤销", "revoked"
    UNLAWFUL = "unlawful", "确认违法", "held unlawful"
    VOID = "void", "确认无效", "held void"
    REDO = "redo", "责令重新作出", "ordered to be made again"


class SampleResult(Term):
    """How a sampled case file was found."""

    EXCELLENT = "excellent", "优秀", "excellent"
    PASSED = "passed", "合格", "passed"
    FAILED = "failed", "不合格", "failed"


class FindingState(Term):
    """How far somebody has answered for a finding of a report (X-6.4d)."""

    OPEN = "open", "未处理", "open"
    EXPLAINED = "explained", "已说明", "explained"
    SETTLED = "settled", "已办结", "settled"


class Catalogue(Term):
    """The lists that an agency keeps and publishes (C-2, T-5, X-2.1b)."""

    ITEMS = "items", "行政执法事项清单", "item list"
    RANDOM_ITEMS = "random_items", "随机抽查事项清单", "random-inspection item list"
    SUPERVISION_ITEMS = "supervision_items", "监管事项目录清单", "supervision item catalogue"
    REVIEW = "review", "重大执法决定法制审核目录清单", "major-decision catalogue"
    RECORDINGS = "recordings", "音像记录事项清单", "AV item list"
    PHRASES = "phrases", "执法行为用语指引", "phrase guide"
    DISCRETION = "discretion", "行政裁量权基准", "discretion benchmarks"
    GUIDES = "guides", "服务指南", "service guides"
    FLOW_CHARTS = "flow_charts", "执法流程图", "flow charts"
    DOCUMENTS = "documents", "执法文书格式", "document formats"
    RETENTION = "retention", "保管期限表", "retention periods"
    PUBLICATION = "publication", "公示事项目录", "publication matrix"
    CALENDAR = "calendar", "工作日历", "working calendar", 3
