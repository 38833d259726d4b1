"""Bodies of what a registrar states about people and resting tablets."""

from tests.vectors.bodies import body
from tests.vectors.materials import AT

STAFF = [
    body(
        "staff_invited",
        {"account": "linwanqing", "name": "林晚晴", "role": "archivist"},
        case=None,
    ),
    body(
        "staff_role_changed",
        {"account": "luojing", "role": "handler", "reason": "岗位调整"},
        case=None,
    ),
    body("staff_ended", {"account": "xuwen", "reason": "调离"}, case=None),
    body(
        "device_suspended",
        {"device": "YX-T07", "reason": "送修", "effective_at": AT},
        case=None,
    ),
    body("device_reinstated", {"device": "YX-T07", "reason": "修好取回"}, case=None),
]
