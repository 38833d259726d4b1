"""A record of a kind from the future stands on the case's page by its name, and breaks nothing."""

from __future__ import annotations

import json

import pytest

from protocol import envelope as dsse
from protocol.messages import PushItem
from tests.cast import DEVICE, Inspection
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office
from tests.worlds import World


@pytest.mark.parametrize("kind", ["hearing_held", "听证已举行<b>", "k" * 500])
def test_the_case_page_names_what_it_cannot_read(
    office: Office, inspected: County, kind: str
) -> None:
    """Whatever it calls itself; and the supervisor's report asks for an update."""
    world = World()
    world.reference_version = inspected.case.opened.link.reference_version
    case: Inspection = staging.inspection(world)
    body = json.dumps(world.said(case.opened.hex) | {"kind": kind, "where": "三楼"}).encode()
    signed = dsse.sign(dsse.STATEMENT_TYPE, body, [world.shen.signer, world.lu.signer])
    link = world.link(dsse.record_hash(signed), case.opened.link.case_tag, world.device)
    item = PushItem(link=link.encode(), statement=dsse.encode(signed))
    answer = Tablet(office.url, world).push_response([item])
    assert answer.status_code == 200, answer.text
    page = office.signed_in("hejingting").get(f"/office/cases/{case.opened.hex}")
    assert page.status_code == 200
    assert "有一条记录暂不能识读" in page.text
    assert "<b>" not in page.text
    report = office.signed_in("fangqiuyan").get(f"/supervision/devices/{DEVICE}")
    assert report.status_code == 200
    assert "暂不能识读" in report.text
    assert "更新后自动重新识读" in report.text
