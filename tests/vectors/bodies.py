"""What the bodies of the vectors are made of, as plain JSON values."""

import hashlib
import json
from typing import Any

from tests.vectors.materials import AT

AGENCY = "11990123MB0000001A"
Body = dict[str, Any]


def named(name: str) -> str:
    """A hash that stands for something that these vectors do not hold."""
    return hashlib.sha256(f"fujie/vectors/{name}".encode()).hexdigest()


def line(value: Any) -> str:
    """JSON without white space, every character as itself."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def body(kind: str, own: Body, *, case: str | None = named("case")) -> Body:
    """What every statement says, then the kind's own."""
    common = {"kind": kind, "agency": AGENCY, "at": AT, "salt": named(kind)[:32], "case": case}
    return common | {"v": 1} | own


def blob(name: str, media_type: str) -> Body:
    return {"sha256": named(name), "size": 12_345, "media_type": media_type}


LISTED = {
    "number": "云市监当罚〔2026〕126号",
    "document": "spot_decision",
    "act": "penalty",
    "penalties": ["fine"],
    "fine": 50_000,
    "remedy": "reconsider_first",
    "decided_on": "2026-11-18",
    "root": named("root"),
    "served_at": AT,
    "served_how": "personal",
}
PLACE = {
    "text": "云溪县青石镇河西路28号",
    "source": "gps",
    "latitude": 28.5,
    "longitude": 117.25,
}
PARTY = {
    "name": "云溪县禾穗食品有限公司",
    "party_class": "organisation",
    "id_code": "91990123MA0FJ0K21X",
    "legal_rep": "周明禾",
    "address": "云溪县青石镇河西路28号",
    "phone": "0799-5550128",
}
SIGNED = {
    "act": "signed",
    "role": "site_manager",
    "handwriting": blob("strokes", "application/json"),
    "over": named("root"),
    "at": AT,
}
REFUSED = {
    "act": "refused",
    "role": "party",
    "reason": "对数额有异议",
    "over": named("root"),
    "at": AT,
    "attestor": None,
}
ABSENT = {
    "act": "absent",
    "role": "party",
    "reason": "无人在场",
    "over": named("root"),
    "at": AT,
    "attestor": SIGNED | {"role": "attestor"},
}
DECISION = {
    "act": "penalty",
    "procedure": "summary",
    "party_class": "organisation",
    "penalties": ["warning", "fine"],
    "fine": 50_000,
    "remedy": "reconsider_first",
    "decided_on": "2026-11-18",
    "heard": named("statement taken"),
}
