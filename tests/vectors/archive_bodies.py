"""Bodies of what is stated of the archive."""

from tests.vectors.bodies import blob, body, named
from tests.vectors.materials import AT

ARCHIVE = [
    body(
        "file_bound",
        {
            "title": "云溪县禾穗食品有限公司7种散装商品未标明价格案",
            "archive_no": "20260001",
            "fonds_no": "126",
            "catalogue_no": "3",
            "file_no": "1",
            "unit": "综合行政执法大队",
            "retention": "years_30",
            "items": [
                {
                    "volume": "main",
                    "record": named("document issued"),
                    "blob": named("decision.pdf"),
                    "number": "云市监当罚〔2026〕126号",
                    "author": "云溪县市场监督管理局",
                    "title": "当场行政处罚决定书",
                    "on": "2026-11-18",
                    "page": 1,
                    "pages": 2,
                    "remark": "",
                },
                {
                    "volume": "internal",
                    "record": named("approval given"),
                    "blob": None,
                    "number": "",
                    "author": "云溪县市场监督管理局",
                    "title": "采取强制措施已批准",
                    "on": "2026-11-18",
                    "page": 0,
                    "pages": 0,
                    "remark": "电子记录",
                },
            ],
            "volumes": [
                {
                    "volume": "main",
                    "items": 1,
                    "pages": 2,
                    "cover": blob("cover", "application/pdf"),
                    "contents": blob("contents", "application/pdf"),
                    "remarks": blob("remarks", "application/pdf"),
                }
            ],
            "remarks": "",
            "compiler": "沈知远",
            "checker": "许文",
        },
    ),
    body(
        "fixity_checked",
        {
            "began_at": AT - 60_000,
            "size": 4711,
            "checked": [named("case.zip"), named("video"), named("photo")],
            "damaged": [named("video")],
            "missing": [named("photo")],
        },
        case=None,
    ),
    body(
        "file_transferred",
        {
            "files": [named("case.zip")],
            "receiver": "云溪县档案馆",
            "list_no": "2036-1",
            "package": named("transfer.zip"),
            "on": "2036-12-01",
        },
        case=None,
    ),
]
