"""Bodies of what the office states of a case beyond receiving and publishing."""

from tests.vectors.bodies import DECISION, PARTY, blob, body, named

CASES = [
    body(
        "case_opened",
        {
            "number": "云市监立〔2026〕41号",
            "cause": "未标明价格",
            "party": PARTY,
            "source": "complaint",
            "inspection": None,
            "handlers": ["00992304117", "00992304132"],
            "handling_unit": "综合行政执法大队",
            "acted_on": "2026-10-30",
        },
        case=None,
    ),
    body(
        "approval_given",
        {
            "subject": "measure",
            "concerning": named("measure taken"),
            "granted": True,
            "reason": "情况紧急，准予补办",
            "afterwards": True,
        },
    ),
    body(
        "review_requested",
        {
            "draft": blob("draft", "application/json"),
            "catalogue_item": "罚没5万元以上",
            "review_unit": "法规股",
            "why": "数额较大",
        },
    ),
    body(
        "opinion_given",
        {"request": named("review requested"), "outcome": "problems", "opinion": "补充证据。"},
    ),
    body(
        "decision_made",
        {
            "decision": DECISION | {"procedure": "ordinary", "remedy": "free_choice"},
            "text": blob("content", "application/json"),
            "root": named("root"),
            "segments": [{"name": "fine", "commitment": named("fine")}],
            "opinion": named("opinion given"),
            "discussed": True,
            "minutes": blob("discussion", "application/pdf"),
        },
    ),
    body(
        "decision_revoked",
        {
            "issued": named("document issued"),
            "ground": "revoked",
            "authority": "云溪县人民政府",
            "reason": "主要事实不清",
            "effective_on": "2026-12-04",
        },
    ),
    body(
        "disclosure_corrected",
        {
            "issued": named("document issued"),
            "publication": named("disclosure published"),
            "title": "云市监当罚〔2026〕126号",
            "shown": [],
            "masked": [{"name": "fine", "ground": "trade_secret"}],
            "reason": "误公开商业秘密",
            "facts": None,
        },
    ),
    body(
        "file_retrieved",
        {
            "package": named("case.zip"),
            "by": "方砚秋",
            "purpose": "执法监督",
            "until_on": "2026-12-31",
            "unit": "云溪县司法局",
            "opened": [named("decision.pdf")],
        },
    ),
    body(
        "file_sampled",
        {
            "package": named("case.zip"),
            "plan": "2026年下半年案卷抽查",
            "result": "excellent",
            "remarks": "程序完整。",
        },
    ),
    body(
        "record_destroyed",
        {
            "records": [named("record")],
            "blobs": [named("video")],
            "appraisal": blob("appraisal", "application/pdf"),
            "ground": "保管期限届满，鉴定无继续保存价值",
        },
    ),
]
