"""Vectors of statements: one body of each kind, bodies from the future, and bodies to refuse.

Written from the definitions as plain JSON, not by the code under test.
"""

import json

from tests.vectors.archive_bodies import ARCHIVE
from tests.vectors.bad_bodies import FAULTS
from tests.vectors.bodies import (
    ABSENT,
    DECISION,
    LISTED,
    PARTY,
    PLACE,
    REFUSED,
    SIGNED,
    blob,
    body,
    line,
    named,
)
from tests.vectors.disclosure_bodies import DISCLOSURE
from tests.vectors.incident_bodies import INCIDENTS, TASKS
from tests.vectors.materials import AT, Vectors, b64
from tests.vectors.office_bodies import CASES
from tests.vectors.registry_bodies import REGISTRY
from tests.vectors.staff_bodies import STAFF
from tests.vectors.supervision_bodies import SUPERVISION

CLOSED = body("inspection_closed", {"outcome": "penalised_on_spot", "note": ""})

ITEM = {
    "name": "散装饼干",
    "spec": "散装",
    "batch": "20261101",
    "unit": "千克",
    "quantity": "12.5",
    "condition": "完好",
    "remark": "",
}

FIELD = [
    body(
        "inspection_opened",
        {
            "number": "云市监检〔2026〕318号",
            "item": "SCJG-0412",
            "item_version": 3,
            "cause": "7种散装商品未标明价格",
            "party": PARTY,
            "place": PLACE,
            "officers": ["00992304117", "00992304132"],
            "urgent": False,
            "task": "",
        },
        case=None,
    ),
    body(
        "identity_shown",
        {
            "step": "identity",
            "cards": [
                {
                    "cert_no": "00992304117",
                    "standing": "valid",
                    "roster_issued_at": AT - 3_600_000,
                    "presentation": named("presentation"),
                }
            ],
            "to_whom": "周明禾",
            "place": PLACE,
            "uniform": True,
            "worn": True,
        },
    ),
    body(
        "rights_notified",
        {
            "template": "rights_notice",
            "template_version": 2,
            "text": named("rights"),
            "read_aloud": True,
            "party_act": SIGNED,
        },
    ),
    body(
        "media_captured",
        {
            "media": "video",
            "blob": blob("video", "video/mp4"),
            "case_no": "云市监检〔2026〕318号",
            "began_at": AT,
            "ended_at": AT + 4_000,
            "place": PLACE,
            "recorder": "沈知远",
            "purpose": "货架上的价签",
            "step": "evidence",
            "device": "YX-T07",
            "codec": "h264",
            "parent": None,
            "continuous": True,
            "imported": {
                "by": "00992304117",
                "at": AT + 9_000,
                "source": "执法记录仪 DSJ-03",
                "name": "20261118_0931.mp4",
            },
        },
    ),
    body(
        "statement_taken",
        {"told": "拟罚款五百元", "defence": "马上改正", "reply": "已记录", "waived": False},
    ),
    body(
        "measure_taken",
        {
            "measure": "seize",
            "approval": None,
            "urgent": True,
            "basis": "《行政强制法》第十九条",
            "items": [ITEM],
            "from_on": "2026-11-18",
            "until_on": "2026-12-18",
            "issued": named("document issued"),
            "party_act": ABSENT,
            "called": "电话通知周明禾到场，未到",
            "told": "涉嫌超过保质期，依法扣押；可以陈述申辩，可以复议、诉讼",
            "defence": "",
            "reply": "",
            "waived": False,
            "place": PLACE,
            "kept_at": "局罚没物品仓库",
            "keeper": "陆清和",
        },
    ),
    body(
        "signature_taken",
        {"concerning": named("document issued"), "page": 2, "act": SIGNED},
    ),
    body(
        "document_issued",
        {
            "document": "spot_decision",
            "document_id": named("document")[:32],
            "number": "云市监当罚〔2026〕126号",
            "grant": named("grant"),
            "seal": None,
            "template": "spot_decision",
            "template_version": 4,
            "segments": [{"name": "fine", "commitment": named("fine")}],
            "root": named("root"),
            "content": blob("content", "application/json"),
            "pdf": blob("pdf", "application/pdf"),
            "pages": 2,
            "party_act": REFUSED,
            "officer_acts": [SIGNED | {"role": "officer"}],
            "decision": DECISION,
            "explained": True,
            "intended": None,
        },
    ),
    body(
        "document_served",
        {
            "issued": named("document issued"),
            "method": "leaving",
            "addressee": "周明禾",
            "place": {"text": "店内", "source": "typed", "latitude": None, "longitude": None},
            "received": REFUSED | {"attestor": SIGNED | {"role": "attestor"}},
            "media": [named("media captured")],
        },
    ),
    CLOSED,
    body("rule_overridden", {"rule": "ID-3", "reason": "名册今日未更新", "concerning": "沈知远"}),
    body("corrected", {"record": named("record"), "reason": "笔误", "text": "应为6种"}),
    body(
        "number_voided",
        {
            "document": "spot_decision",
            "number": "云市监当罚〔2026〕127号",
            "grant": named("grant"),
            "reason": "打印错误",
        },
    ),
    body(
        "device_inventory",
        {
            "journal": named("journal")[:32],
            "length": 12,
            "head": named("head"),
            "unsent": 3,
            "oldest_unsent_at": AT - 60_000,
            "blobs_outstanding": 1,
            "bytes_outstanding": 8_400_000,
            "free_bytes": 21_000_000_000,
            "boot": named("boot")[:32],
            "monotonic": 905_000,
            "checkpoint_size": 112,
            "reference_version": 7,
            "program": "fujie-field 0.1.0",
            "checkpoint": "log.yunxi.example/fujie\n112\n…\n\n— log.yunxi.example/fujie …\n",
            "halted": "",
            "disk_bytes": 64_000_000_000,
        },
        case=None,
    ),
]

OFFICE = [
    body(
        "agency_registered",
        {
            "name": "云溪县市场监督管理局",
            "short_name": "云市监",
            "region": "990123",
            "region_name": "云溪县",
            "government": "云溪县人民政府",
            "court": "云溪县人民法院",
            "hotline": "12345",
            "address": "云溪县人民路1号",
            "bank": "云溪县财政专户",
            "root_key": named("root key"),
            "issuer": b64(b"issuer certificate"),
            "recovery_key": named("recovery key"),
        },
        case=None,
    ),
    body(
        "staff_registered",
        {
            "account": "hejingting",
            "name": "何敬亭",
            "role": "publisher",
            "public_key": named("staff key"),
        },
        case=None,
    ),
    body(
        "officer_registered",
        {
            "cert_no": "00992304117",
            "name": "沈知远",
            "unit": "综合行政执法大队",
            "position": "一级行政执法员",
            "category": "行政执法",
            "field": "市场监督管理",
            "region": "990123",
            "region_name": "云溪县",
            "valid_from": "2024-05-01",
            "valid_until": "2029-04-30",
            "photo": blob("photo", "image/jpeg"),
            "issuer_kind": "province",
            "standing": "valid",
            "effective_at": AT,
            "reason": "",
            "filing": "",
        },
        case=None,
    ),
    body(
        "officer_credentialed",
        {"cert_no": "00992304117", "device": "YX-T07", "credential": b64(b"credential")},
        case=None,
    ),
    body(
        "device_enrolled",
        {
            "device": "YX-T07",
            "certificate": b64(b"certificate"),
            "journal": named("journal")[:32],
        },
        case=None,
    ),
    body("device_revoked", {"device": "YX-T07", "reason": "遗失", "effective_at": AT}, case=None),
    body(
        "numbers_granted",
        {
            "device": "YX-T07",
            "document": "spot_decision",
            "year": 2026,
            "first": 126,
            "last": 175,
            "pattern": "云市监当罚〔2026〕{n}号",
            "sealed_until": AT + 86_400_000,
        },
        case=None,
    ),
    body("reference_published", {"version": 7, "sha256": named("reference")}, case=None),
    body("device_contacted", {"device": "YX-T07", "inventory": b64(b"envelope")}, case=None),
    body("blob_stored", {"sha256": named("video"), "size": 12_345}),
    body(
        "disclosure_published",
        {
            "issued": named("document issued"),
            "title": "云市监当罚〔2026〕126号",
            "shown": ["fine"],
            "masked": [{"name": "legal_rep#1", "ground": "natural_person"}],
            "matrix_row": "penalty",
            "clause": "《行政处罚法》第四十八条",
            "due_on": "2026-11-27",
            "display_until": None,
            "facts": LISTED,
        },
    ),
    body(
        "disclosure_withdrawn",
        {
            "issued": named("document issued"),
            "reason": "决定被依法撤销",
            "clause": "《行政处罚法》第四十八条",
        },
    ),
    body(
        "file_archived",
        {
            "package": blob("case.zip", "application/zip"),
            "retention": "years_30",
            "archive_no": "2026-XZCF-0126",
            "documents": 4,
            "pages": 9,
            "media": 2,
        },
    ),
]


REVIEWER = next(one for one in OFFICE if one["kind"] == "staff_registered") | {"role": "reviewer"}
INTERVIEWED = next(one for one in INCIDENTS if one["kind"] == "recording_broken") | {
    "step": "interview"
}
MEASURED = next(one for one in FIELD if one["kind"] == "media_captured") | {"step": "measure"}


ALL = FIELD + INCIDENTS + OFFICE + TASKS + CASES + REGISTRY + SUPERVISION + DISCLOSURE + ARCHIVE
ALL += STAFF


TOLD = DECISION | {"heard": None}
DENIED, GRANTED = {"denies_hearing": True}, {"denies_hearing": False}


def of(kind: str) -> dict[str, object]:
    """The good body of a kind, to be damaged."""
    return next(one for one in ALL if one["kind"] == kind)


def build() -> Vectors:
    plain = {name: value for name, value in CLOSED.items() if name not in ("v", "note", "case")}
    good = {
        "kinds": {one["kind"]: line(one) for one in ALL},
        "closed": line(CLOSED),
        "closed_blobs": [],
        "issued_blobs": [named(name) for name in ("content", "pdf", "strokes")],
        "opens_case": ["case_opened", "inspection_opened"],
        "newer_words": {
            "staff_role_reviewer": line(REVIEWER | {"v": 2}),
            "step_measure": line(MEASURED | {"v": 2}),
            "step_interview": line(INTERVIEWED | {"v": 3}),
        },
        "newer_names": {
            "told_of_a_penalty": line(of("statement_taken") | {"intended": TOLD}),
            "denies_a_hearing": line(of("document_issued") | {"intended": TOLD | DENIED}),
            "denies_none": line(of("document_issued") | {"intended": TOLD | GRANTED}),
        },
    }
    readable = {
        "defaults left out": line(plain),
        "names in another order": line(dict(reversed(CLOSED.items()))),
        "white space": json.dumps(CLOSED, ensure_ascii=False, indent=2),
        "escapes for characters": json.dumps(CLOSED, separators=(",", ":")),
        "a higher version than it needs": line(CLOSED | {"v": 2}),
        "a field from the future": line(CLOSED | {"weather": {"sky": ["晴"], "wind": 1e99}}),
    }
    future = {
        "an unknown kind": line(CLOSED | {"kind": "hearing_held", "where": "三楼"}),
        "an unknown version": line(CLOSED | {"v": 4}),
        "an unknown version with an unknown word": line(CLOSED | {"v": 4, "outcome": "mediated"}),
        "a version far away": line(CLOSED | {"v": 1 << 31}),
    }
    return {"good": good | {"readable": readable, "unknown": future}, "bad": bad()}


def bad() -> Vectors:
    issued = next(one for one in FIELD if one["kind"] == "document_issued")
    closed = line(CLOSED)
    cases = {
        "empty": "",
        "a list": "[]",
        "truncated": closed[:-1],
        "a second object after it": closed + "{}",
        "a byte order mark": "\ufeff" + closed,
        "deeply nested": closed[:-1] + ',"x":' + "[" * 5000 + "]" * 5000 + "}",
        "no kind": line({k: v for k, v in CLOSED.items() if k != "kind"}),
        "no salt": line({k: v for k, v in CLOSED.items() if k != "salt"}),
        "no agency": line({k: v for k, v in CLOSED.items() if k != "agency"}),
        "no outcome": line({k: v for k, v in CLOSED.items() if k != "outcome"}),
        "an unknown word": line(CLOSED | {"outcome": "mediated"}),
        "an unknown word in a known version": line(CLOSED | {"v": 3, "outcome": "mediated"}),
        "a word of version 2 in version 1": line(REVIEWER),
        "a word of version 2 deep in version 1": line(MEASURED),
        "a word of version 3 in version 2": line(INTERVIEWED | {"v": 2}),
        "a word of version 2 and no version": line(
            {name: value for name, value in REVIEWER.items() if name != "v"}
        ),
        "a kind told twice": closed.replace("{", '{"kind":"inspection_closed",', 1),
        "an outcome told twice": closed[:-1] + ',"outcome":"no_problem"}',
        "an unknown name told twice": closed[:-1] + ',"x":1,"x":2}',
        "a name told twice further in": closed[:-1] + ',"x":[{"y":1,"y":2}]}',
        "a salt of 15 bytes": line(CLOSED | {"salt": "00" * 15}),
        "a salt in capitals": line(CLOSED | {"salt": "AB" * 16}),
        "a salt with a newline": line(CLOSED | {"salt": "00" * 16 + "\n"}),
        "a case with a newline": line(CLOSED | {"case": "00" * 32 + "\n"}),
        "a case of 16 bytes": line(CLOSED | {"case": "00" * 16}),
        "a time before 1970": line(CLOSED | {"at": -1}),
        "a time in the year 10000": line(CLOSED | {"at": 253_402_272_000_000}),
        "a time as text": line(CLOSED | {"at": "2026-11-18"}),
        "a time with a fraction": line(CLOSED | {"at": AT + 0.5}),
        "version 0": line(CLOSED | {"v": 0}),
        "a note of 501 characters": line(CLOSED | {"note": "话" * 501}),
        "an unknown kind from before 1970": line(CLOSED | {"kind": "hearing_held", "at": -1}),
        "a kind of 501 characters": line(CLOSED | {"kind": "k" * 501}),
        "a day that no calendar has": line(
            issued | {"decision": DECISION | {"decided_on": "2026-02-30"}}
        ),
        "a day in other digits": line(
            issued | {"decision": DECISION | {"decided_on": "２０２６-11-18"}}
        ),
        "a penalty told of that is no penalty": line(
            of("statement_taken") | {"intended": "罚款500元"}
        ),
        "a penalty told of that is nothing": line(of("statement_taken") | {"intended": None}),
        "a right to a hearing that is a word": line(
            issued | {"decision": DECISION | {"denies_hearing": "是"}}
        ),
        "a fine below nothing": line(issued | {"decision": DECISION | {"fine": -1}}),
        "a fine with a fraction": line(issued | {"decision": DECISION | {"fine": 0.5}}),
        "pages below nothing": line(issued | {"pages": -1}),
        "pages beyond 2^53": line(issued | {"pages": (1 << 53) + 1}),
        "an unknown hand": line(issued | {"party_act": SIGNED | {"act": "nodded"}}),
        "a place beyond the pole": line(FIELD[0] | {"place": PLACE | {"latitude": 90.5}}),
        "a place that is no number": line(FIELD[0] | {"place": PLACE}).replace("28.5", "NaN"),
        **{name: line(of(kind) | wrong) for name, (kind, wrong) in FAULTS.items()},
        "half a character": closed.replace('"note":""', '"note":"\\ud83d"'),
    }
    return {name: {"body": text, "error": "Malformed"} for name, text in cases.items()}
