"""Bodies of what a registrar states about the agency, people and resting tablets."""

from tests.vectors.bodies import body, named
from tests.vectors.materials import AT

STAFF = [
    body(
        "staff_invited",
        {"account": "linwanqing", "name": "林晚晴", "role": "archivist"},
        case=None,
    ),
    body("invitation_withdrawn", {"account": "linwanqing", "reason": "岗位取消"}, case=None),
    body(
        "staff_role_changed",
        {"account": "luojing", "role": "handler", "reason": "岗位调整"},
        case=None,
    ),
    body(
        "agency_described",
        {
            "name": "云溪县市场监督管理局",
            "short_name": "云市监",
            "region": "990123",
            "region_name": "云溪县",
            "government": "云溪县人民政府",
            "court": "云溪铁路运输法院",
            "hotline": "0799-5550100",
            "address": "云溪县政务路1号",
            "bank": "云溪县农村商业银行",
            "reason": "跨区域集中管辖",
        },
        case=None,
    ),
    body("staff_ended", {"account": "xuwen", "reason": "调离"}, case=None),
    body(
        "staff_reason_given",
        {"account": "xuwen", "concerning": named("staff ended"), "reason": "调离"},
        case=None,
    ),
    body(
        "device_suspended",
        {"device": "YX-T07", "reason": "送修", "effective_at": AT},
        case=None,
    ),
    body("device_reinstated", {"device": "YX-T07", "reason": "修好取回"}, case=None),
]
