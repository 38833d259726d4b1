"""The domain's enumerations, in the terms of the law, with their Chinese beside them.

Values travel in statements and never change their meaning; labels are for people.

>>> DocumentKind.SPOT_DECISION.zh
'当场行政处罚决定书'
>>> DocumentKind("spot_decision") is DocumentKind.SPOT_DECISION
True
"""

from enum import StrEnum


class Term(StrEnum):
    """A word of the domain: its wire value, its Chinese and its English name."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str = "", en: str = "") -> "Term":
        term = str.__new__(cls, value)
        term._value_ = value
        term.zh, term.en = zh, en
        return term

    def label(self, language: str) -> str:
        """The word in ``language`` (``zh_CN`` or anything else for English)."""
        return self.zh if language.startswith("zh") else self.en


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


class Retention(Term):
    """How long a file is kept (document-retention rules, Art. 6)."""

    PERMANENT = "permanent", "永久", "permanent"
    YEARS_30 = "years_30", "30年", "30 years"
    YEARS_10 = "years_10", "10年", "10 years"


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
