"""What happens at measures, in the words of the tests: property, approvals, recordings, papers.

taken = story.tell(seize(approval=granted(story, ApprovalSubject.MEASURE)))
"""

from protocol.case import AnyRecord
from protocol.statements import (
    ApprovalAsked,
    ApprovalGiven,
    MeasureEnded,
    MeasureExtended,
    MeasureTaken,
    PropertyItem,
    RecordingBroken,
    RecusalAsked,
    SignAbsent,
    Signed,
    SignRefused,
    TaskAssigned,
)
from protocol.vocabulary import (
    ApprovalSubject,
    DocumentKind,
    Measure,
    MeasureEnd,
    MediaKind,
    Role,
    Step,
    TaskSource,
)
from tests.protocol import yunxi
from tests.protocol.yunxi import LU, MORNING, SHEN, SHOP

OVER = "ab" * 32
BISCUITS = PropertyItem(name="散装饼干", unit="千克", quantity="12.5")
SIGNED = yunxi.hand("周明禾", OVER)
REFUSED = SignRefused(role=Role.PARTY, reason="不认可", over=OVER, at=MORNING)
ABSENT = SignAbsent(role=Role.PARTY, reason="店主外出", over=OVER, at=MORNING)
ATTESTOR: Signed = yunxi.hand("村干部", OVER, Role.ATTESTOR)
ATTESTED = SignAbsent(role=Role.PARTY, reason="店主外出", over=OVER, at=MORNING, attestor=ATTESTOR)


def begun() -> yunxi.Story:
    """Opened, cards shown, rights told."""
    story = yunxi.whole_inspection()
    story.records = story.records[:3]
    return story


def seize(**facts) -> MeasureTaken:
    kept = {
        "measure": Measure.SEIZE,
        "basis": "《食品安全法》第一百一十条",
        "items": [BISCUITS],
        "from_on": "2026-11-18",
        "until_on": "2026-12-18",
        "party_act": SIGNED,
        "called": "当事人在场",
        "told": "涉嫌超过保质期，依法扣押；可以陈述申辩、复议、诉讼",
        "defence": "同意",
        "reply": "已记录",
    }
    return MeasureTaken(**yunxi.common(), **(kept | facts))


def preserve(**facts) -> MeasureTaken:
    kept = {"measure": Measure.PRESERVATION, "until_on": "2026-11-27"}
    return seize(**(kept | facts))


def granted(story: yunxi.Story, subject: ApprovalSubject, **facts) -> AnyRecord:
    kept = {"subject": subject, "granted": True, "reason": "同意"}
    return story.tell(ApprovalGiven(**yunxi.common(), **(kept | facts)))


def asked(story: yunxi.Story, subject: ApprovalSubject, **facts) -> AnyRecord:
    kept = {"subject": subject, "reason": "可能转移"}
    return story.tell(ApprovalAsked(**yunxi.common(), **(kept | facts)))


def extend(measure: str, approval: str, until_on: str, **facts) -> MeasureExtended:
    kept = {"reason": "检验未完成", "party_act": SIGNED}
    return MeasureExtended(
        **yunxi.common(), measure=measure, approval=approval, until_on=until_on, **(kept | facts)
    )


def end(measure: str, on: str, **facts) -> MeasureEnded:
    kept = {"end": MeasureEnd.RELEASED, "reason": "没有违法", "party_act": SIGNED}
    return MeasureEnded(**yunxi.common(), measure=measure, on=on, **(kept | facts))


def whole_video(**facts):
    """A continuous video of the measure, from before it to after it."""
    kept = {
        "media": MediaKind.VIDEO,
        "step": Step.MEASURE,
        "continuous": True,
        "began_at": MORNING,
        "ended_at": MORNING + 3_600_000,
    }
    return yunxi.capture(**(kept | facts))


def fault(**facts) -> RecordingBroken:
    kept = {
        "step": Step.MEASURE,
        "from_at": MORNING,
        "until_at": MORNING + 3_600_000,
        "reason": "摄像头断开",
    }
    return RecordingBroken(**yunxi.common(), **(kept | facts))


def seizure_paper(**facts):
    return yunxi.issue(DocumentKind.SEAL_SEIZE_DECISION, **facts)


def recusal(*cert_nos: str) -> RecusalAsked:
    return RecusalAsked(**yunxi.common(), officers=list(cert_nos), reason="亲属", act=SIGNED)


def task(count: int, cap: int, **facts) -> TaskAssigned:
    kept = {
        "number": "云市监检任〔2026〕57号",
        "source": TaskSource.PLANNED,
        "item": yunxi.ITEM.code,
        "item_version": 2,
        "party": SHOP,
        "place": yunxi.SITE,
        "officers": [SHEN, LU],
        "devices": [],
        "yearly_count": count,
        "yearly_cap": cap,
        "approval": "顾明远批准",
        "due_on": None,
    }
    return TaskAssigned(**yunxi.common(), **(kept | facts))
