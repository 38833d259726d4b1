"""Bodies of what the office states of disclosure beside publishing itself."""

from tests.vectors.bodies import blob, body, named
from tests.vectors.materials import AT

DISCLOSURE = [
    body(
        "disclosure_withheld",
        {
            "issued": named("document issued"),
            "ground": "privacy",
            "clause": "《政府信息公开条例》第十五条",
            "reason": "违法事实本身就是第三人的个人隐私",
        },
    ),
    body(
        "public_request_answered",
        {
            "request": "2026-0007",
            "asked": "correction",
            "received_at": AT - 86_400_000,
            "digest": named("request"),
            "issued": named("document issued"),
            "outcome": "accepted",
            "answer": "决定书文号写错，已更正。",
        },
    ),
    body(
        "disclosure_reported",
        {
            "to": "log.qingshi.example/fujie",
            "issued": named("document issued"),
            "publication": named("disclosure published"),
            "text": blob("public text", "application/vnd.fujie.public+json"),
            "address": "https://yunxi.example",
        },
    ),
    body(
        "withholding_lifted",
        {
            "issued": named("document issued"),
            "withholding": named("disclosure withheld"),
            "clause": "《政府信息公开条例》第十八条",
            "reason": "第三人已书面同意公开",
        },
    ),
]
