"""Bodies of what happens beside the acts of an inspection, and of the tasks that begin one."""

from tests.vectors.bodies import ABSENT, PARTY, PLACE, REFUSED, SIGNED, blob, body, named
from tests.vectors.materials import AT

INCIDENTS = [
    body(
        "approval_asked",
        {
            "subject": "measure",
            "concerning": named("measure taken"),
            "reason": "情况紧急，当场扣押，请补办批准手续",
            "urgent": True,
        },
    ),
    body("handed_over", {"officers": ["00992304132", "00992304140"], "reason": "交接班"}),
    body(
        "recusal_asked",
        {"officers": ["00992304117"], "reason": "与当事人有亲属关系", "act": SIGNED},
    ),
    body(
        "recording_broken",
        {
            "step": "evidence",
            "from_at": AT + 60_000,
            "until_at": AT + 95_000,
            "reason": "摄像头断开",
            "media": named("media captured"),
        },
    ),
    body(
        "fine_collected",
        {
            "issued": named("document issued"),
            "ground": "small",
            "receipt_no": "赣财 00218834",
            "amount": 10_000,
            "hand_in_by": "2026-11-20",
        },
    ),
    body(
        "hearing_answered",
        {"notice": named("hearing right notice"), "answer": "waived", "act": SIGNED},
    ),
    body(
        "measure_extended",
        {
            "measure": named("measure taken"),
            "approval": named("approval given"),
            "reason": "检验尚未完成",
            "until_on": "2027-01-17",
            "party_act": REFUSED,
        },
    ),
    body(
        "measure_ended",
        {
            "measure": named("measure taken"),
            "end": "released",
            "items": [
                {
                    "name": "散装饼干",
                    "spec": "",
                    "batch": "",
                    "unit": "千克",
                    "quantity": "12.5",
                    "condition": "完好",
                    "remark": "",
                }
            ],
            "on": "2026-11-30",
            "place": PLACE,
            "approval": None,
            "reason": "经查没有违法行为",
            "party_act": ABSENT,
        },
    ),
]

TASKS = [
    body(
        "task_assigned",
        {
            "number": "云市监检任〔2026〕57号",
            "source": "recheck",
            "item": "SJ-0417",
            "item_version": 1,
            "party": PARTY,
            "place": PLACE,
            "officers": ["00992304117", "00992304132"],
            "devices": ["YX-T07"],
            "yearly_count": 1,
            "yearly_cap": 2,
            "approval": "顾明远 2026-11-16 批准",
            "due_on": "2026-11-30",
            "note": "核对价签",
            "recheck_of": named("case"),
        },
        case=None,
    ),
    body(
        "task_withdrawn",
        {"task": named("task assigned"), "reason": "企业已注销"},
        case=None,
    ),
    body(
        "hearing_minuted",
        {
            "notice": named("hearing right notice"),
            "presider": "罗静",
            "held_on": "2026-12-10",
            "minutes": blob("hearing", "application/pdf"),
            "opinion": "事实清楚，建议维持",
        },
    ),
]
