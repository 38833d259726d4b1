"""The fictional county of the demo: 云溪县. Nobody in it exists.

    agency      云溪县市场监督管理局, 云市监, 11990123MB0000001A
    officers    沈知远 00992304117, 陆清和 00992304132
    staff       gumingyuan (负责人), hejingting (公示), luojing (复核), xuwen (档案),
                fangqiuyan (监督), tangyining (名册)

The passwords are printed by ``fujie-server demo``; they protect nothing.
"""

from __future__ import annotations

from protocol.vocabulary import DocumentKind, StaffRole
from sync_server.portraits import portrait
from sync_server.upkeep.founding import AgencyPlan, OfficerPlan, Plan, StaffPlan

AGENCY = AgencyPlan(
    id="11990123MB0000001A",
    name="云溪县市场监督管理局",
    short_name="云市监",
    region="990123",
    region_name="云溪县",
    government="云溪县人民政府",
    court="云溪县人民法院",
    hotline="0799-5550100",
    address="云溪县青石镇人民路1号",
    bank="云溪县农村商业银行青石支行（代收罚款专户）",
)

DEVICE = "YX-T07"
OFFICERS = ("00992304117", "00992304132")

STAFF = (
    StaffPlan("gumingyuan", "顾明远", StaffRole.AGENCY_HEAD, "yunxi-juzhang-2026"),
    StaffPlan("hejingting", "何敬亭", StaffRole.PUBLISHER, "yunxi-gongshi-2026"),
    StaffPlan("luojing", "罗静", StaffRole.PUBLISHER, "yunxi-fuhe-2026"),
    StaffPlan("xuwen", "许文", StaffRole.ARCHIVIST, "yunxi-dangan-2026"),
    StaffPlan("fangqiuyan", "方砚秋", StaffRole.SUPERVISOR, "yunxi-jiandu-2026"),
    StaffPlan("tangyining", "唐一宁", StaffRole.REGISTRAR, "yunxi-mingce-2026"),
)

# One before the first that the tablet will give: what was used on paper earlier in the year.
USED = {
    DocumentKind.INSPECTION_NOTICE: 317,
    DocumentKind.SITE_INSPECTION_RECORD: 317,
    DocumentKind.SPOT_DECISION: 125,
    DocumentKind.CORRECTION_ORDER: 88,
}


def plan() -> Plan:
    """The county as it is founded."""
    names = ("沈知远", "陆清和")
    officers = [
        OfficerPlan(
            cert_no=cert_no,
            name=name,
            unit="综合行政执法大队",
            position="一级行政执法员",
            category="行政执法",
            field="市场监督管理",
            valid_from="2024-05-01",
            valid_until="2029-04-30",
            photo=portrait(number),
        )
        for number, (cert_no, name) in enumerate(zip(OFFICERS, names, strict=True))
    ]
    return Plan(AGENCY, STAFF, officers, USED)
