"""Bodies of what supervision states."""

from tests.vectors.bodies import blob, body, named
from tests.vectors.materials import AT

SUPERVISION = [
    body(
        "report_cut",
        {
            "size": 4711,
            "until": AT,
            "root": named("root"),
            "rules": "1",
            "format": "fujie/integrity/v2",
            "report": named("report"),
        },
        case=None,
    ),
    body(
        "finding_answered",
        {
            "finding": named("finding"),
            "device": "YX-T07",
            "code": "link_missing",
            "state": "explained",
            "note": "平板落水，已从本机导出补传。",
            "evidence": blob("letter", "application/pdf"),
        },
        case=None,
    ),
]
