"""Matrix, calendar, templates and the agency's particulars by page: records, told to tablets."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from protocol.registry import standing
from protocol.registry.roster import Registry
from protocol.statements import AgencyDescribed, BlobRef, CatalogueChanged
from protocol.vocabulary import Catalogue
from sync_server.catalogue import load_catalogue
from sync_server.office import describing
from sync_server.office.staff import Common
from sync_server.people import packages
from sync_server.people.dayrows import CALENDAR_COLUMNS
from sync_server.people.itemrows import ITEM_COLUMNS
from sync_server.people.matrixrows import MATRIX_COLUMNS
from sync_server.people.sheets import read_sheet, write_csv
from sync_server.reference import lists
from sync_server.services import starting_catalogue
from tests.sync_server.web.staging import PASSWORDS, Office, hidden
from tests.sync_server.web.test_lists import ITEMS, take
from tests.sync_server.web.test_roster import AGENCY, REGISTRAR, reference, send

ROW = "/office/lists/rows/penalty-ordinary"
SPOT = "/office/lists/forms/spot_decision"
PARTICULARS = "/office/agencies/own"
FIELDS = {
    "act": "permit",
    "procedure": "",
    "party_class": "citizen",
    "warning_only": "",
    "publish": "no",
    "limit_days": "7",
    "display_months": "",
    "why": "涉及个人的许可不公示",
    "clause": "《行政许可法》第四十条",
    "reason": "保护个人隐私",
}


def told(office: Office) -> list[CatalogueChanged]:
    """The lists that were changed, as the log has them."""
    assert office.services is not None
    found = office.services.facts.of_kind("catalogue_changed")
    return [one.statement for one in found if isinstance(one.statement, CatalogueChanged)]


def posted(client: httpx.Client, path: str, data: bytes, **fields: str) -> httpx.Response:
    """A package, as a browser sends it."""
    page = client.get(path)
    form = {name: hidden(page, name) for name in ("form_token", "version")}
    form |= {"do": "replace", "reason": "换版", "password": PASSWORDS[REGISTRAR]}
    return client.post(path, data=form | fields, files={"file": ("a.exe", data, "text/html")})


def test_a_row_of_the_matrix_is_changed_put_in_and_taken_out(office: Office) -> None:
    """Each is a record; the tablets' matrix and the public page say it at once; a row that leaves a
    decision without a rule does not go."""
    client = office.signed_in(REGISTRAR)
    before = reference(office).matrix
    new = {"id": "permit-citizen", "place": "1", "do": "save"} | FIELDS
    answer = send(client, "/office/lists/rows/new", **new)
    assert answer.url.query == b"done=changed", answer.text
    first = reference(office).matrix[0]
    assert (first.id, first.publish, first.clause) == ("permit-citizen", False, FIELDS["clause"])
    assert FIELDS["why"] in office.client().get("/matrix").text
    again = send(client, "/office/lists/rows/new", **(new | {"limit_days": "6"}))
    assert again.status_code == 422
    assert "另取标识" in again.text
    path = "/office/lists/rows/permit-citizen"
    send(client, path, **(FIELDS | {"do": "save", "limit_days": "5", "place": "2"}))
    assert reference(office).matrix[1].limit_days == 5
    send(client, path, do="remove", reason="不再需要")
    assert reference(office).matrix == before
    refused = send(client, "/office/lists/rows/permit", do="remove", reason="试试")
    assert refused.status_code == 422
    assert "没有一行规定这类决定是否公示：行政许可" in refused.text
    assert [one.catalogue for one in told(office)] == [Catalogue.PUBLICATION] * 3
    assert "保护个人隐私" in client.get("/office/lists").text


def test_a_wrong_row_comes_back_as_it_was_typed(office: Office) -> None:
    """With the rule, and nothing is said."""
    wrong: list[tuple[dict[str, str], str]] = [
        ({"limit_days": "9"}, "应为1至7个工作日"),
        ({"limit_days": "七"}, "应为整数"),
        ({"clause": ""}, "依据条款"),
        ({"publish": "no"}, "全文公示"),
        ({"reason": ""}, "理由"),
        ({"password": "wrong"}, "密码不对"),
    ]
    client = office.signed_in(REGISTRAR)
    ordinary = FIELDS | {"do": "save", "act": "penalty", "procedure": "ordinary", "publish": "yes"}
    for changes, said in wrong:
        typed = ordinary | {"party_class": "", "warning_only": "no", "why": "打错的规则"} | changes
        answer = send(client, ROW, **typed)
        assert answer.status_code == 422
        assert said in answer.text
        assert "打错的规则" in answer.text
    english = send(client, f"{ROW}?lang=en", **(ordinary | {"party_class": "", "limit_days": "9"}))
    assert "Within (working days): expected 1 to 7" in english.text
    assert told(office) == []


def test_of_two_who_change_the_matrix_the_second_sees_what_the_first_said(office: Office) -> None:
    client = office.signed_in(REGISTRAR)
    page = client.get(ROW)
    stale = {name: hidden(page, name) for name in ("form_token", "version")}
    send(client, "/office/lists/rows/permit", do="save", **(FIELDS | {"party_class": ""}))
    ordinary = FIELDS | {"act": "penalty", "procedure": "ordinary", "publish": "yes"}
    late = stale | ordinary | {"do": "save", "warning_only": "no", "party_class": ""}
    answer = client.post(ROW, data=late | {"password": PASSWORDS[REGISTRAR]})
    assert answer.status_code == 422
    assert "期间" in answer.text
    assert "保护个人隐私" in answer.text
    assert len(told(office)) == 1


def test_matrix_and_calendar_come_as_tables(office: Office) -> None:
    """The next year is loaded, and terms reach into it."""
    client = office.signed_in(REGISTRAR)
    table = read_sheet(client.get("/office/lists/matrix/export/xlsx").content, MATRIX_COLUMNS)
    rows = [dict(one.values) for one in table]
    rows[4]["limit_days"] = "3"
    answer = take(client, "/office/lists/matrix/import", write_csv(MATRIX_COLUMNS, rows))
    assert answer.url.query == b"done=imported", answer.text
    assert reference(office).matrix[4].limit_days == 3
    rows[4]["limit_days"] = "8"
    wrong = take(client, "/office/lists/matrix/import", write_csv(MATRIX_COLUMNS, rows))
    assert (
        'data-label="行">6</td><td class="number" data-label="列">公示期限（工作日）<' in wrong.text
    )
    days = read_sheet(client.get("/office/lists/calendar/export/csv").content, CALENDAR_COLUMNS)
    new = [
        {"day": day, "kind": "休息", "source": "2027年放假安排"}
        for day in ("2027-01-01", "2027-10-01")
    ]
    table = write_csv(CALENDAR_COLUMNS, [*(one.values for one in days), *new])
    asked = take(client, "/office/lists/calendar/import", table, only="on", password="")
    assert "新增：2027" in asked.text
    assert "已载入至2026-12-31" in client.get("/office/lists").text
    take(client, "/office/lists/calendar/import", table)
    assert [one.year for one in reference(office).years] == [2026, 2027]
    for page in ("/office/lists", "/office/lists/calendar", "/office/agencies"):
        assert "已载入至2027-12-31" in client.get(page).text


def test_a_code_that_returns_goes_on_from_the_version_that_it_had(office: Office) -> None:
    """Acts under the first one cite a version that no other item has."""
    client = office.signed_in(REGISTRAR)
    rows = [
        dict(one.values)
        for one in read_sheet(client.get("/office/lists/items/export/csv").content, ITEM_COLUMNS)
    ]
    gone, code = rows[:-1], rows[-1]["code"]
    first = next(one for one in reference(office).items if one.code == code).version
    take(client, ITEMS, write_csv(ITEM_COLUMNS, gone))
    assert reference(office).item(code) is None
    take(client, ITEMS, write_csv(ITEM_COLUMNS, rows))
    back = reference(office).item(code)
    assert back is not None
    assert back.version == first + 1


def test_a_template_is_tried_and_replaced_and_reaches_the_tablets(office: Office) -> None:
    """The version is the office's to give; what a tablet could not print stays out."""
    client = office.signed_in(REGISTRAR)
    package = client.get(f"{SPOT}/package")
    assert 'filename="spot_decision.zip"' in package.headers["content-disposition"]
    found = packages.read(package.content)
    made = msgspec.structs.replace(found, title="当场行政处罚决定书（新）")
    sample = posted(client, SPOT, packages.write(made), do="try", password="")
    assert sample.headers["content-type"] == "application/pdf"
    assert sample.content.startswith(b"%PDF")
    broken = msgspec.structs.replace(made, source=made.source + "\n#nothing()")
    refused = posted(client, SPOT, packages.write(broken))
    assert refused.status_code == 422
    assert f"第{len(broken.source.splitlines())}行" in refused.text
    assert told(office) == []
    other = packages.write(load_catalogue()[0][0])
    assert "属于另一种文书" in posted(client, SPOT, other).text
    answer = posted(client, SPOT, packages.write(made))
    assert answer.url.query == b"done=replaced", answer.text
    (standing,) = [one for one in reference(office).templates if one.id == found.id]
    former = next(one for one in load_catalogue()[0] if one.id == found.id)
    assert (standing.title, standing.version) == (made.title, former.version + 1)
    assert "与现有内容一致" in posted(client, SPOT, packages.write(made)).text
    posted(client, SPOT, package.content, reason="退回旧版")
    (standing,) = [one for one in reference(office).templates if one.id == found.id]
    assert (standing.title, standing.version) == (found.title, former.version + 2)


def test_the_agencys_particulars_are_a_record_and_reach_tablets_and_pages(office: Office) -> None:
    """The court of an appeal is another from now on; keys and id stay; a restart knows it."""
    client = office.signed_in(REGISTRAR)
    known = reference(office).agency
    words = {name: getattr(known, name) for name in known.__struct_fields__ if name != "id"}
    court = words | {"court": "云溪铁路运输法院", "reason": "跨区域集中管辖"}
    assert "六位数字" in client.get(PARTICULARS).text
    wrong = send(client, PARTICULARS, **(court | {"region": "yunxi"}))
    assert wrong.status_code == 422
    assert "区域代码" in wrong.text
    assert "需要变更" in send(client, PARTICULARS, **(words | {"reason": "无"})).text
    assert office.services is not None
    own = office.services.facts.registry.agencies[AGENCY].record
    other = msgspec.structs.replace(own, name="河口县市场监督管理局", short_name="河市监")
    taken = words | {"short_name": "河市监"}
    with pytest.raises(describing.NotAnAgency, match="河市监"):
        describing.described(Common(AGENCY, 0, "00" * 16), taken, own, [other], "改名")
    page = client.get(PARTICULARS)
    stale = {name: hidden(page, name) for name in ("form_token", "version")}
    answer = send(client, PARTICULARS, **court)
    assert answer.url.query == b"done=described", answer.text
    assert reference(office).agency.court == "云溪铁路运输法院"
    assert "跨区域集中管辖" in client.get(PARTICULARS).text
    late = stale | words | {"reason": "改回", "password": PASSWORDS[REGISTRAR]}
    refused = client.post(PARTICULARS, data=late)
    assert refused.status_code == 422
    assert "跨区域集中管辖" in refused.text
    assert office.services is not None
    (record,) = office.services.facts.of_kind("agency_described")
    assert isinstance(record.statement, AgencyDescribed)
    office.stop()
    office.start()
    assert office.services is not None
    registry = office.services.facts.registry
    assert registry.agencies[AGENCY].record.court == "云溪铁路运输法院"
    assert "云溪铁路运输法院" in office.signed_in(REGISTRAR).get("/office/agencies").text


def test_a_list_of_templates_lacks_no_kind_of_document_that_is_new() -> None:
    """A later program brings one; what the agency changed stays as it is."""
    starting = starting_catalogue()
    changed = msgspec.structs.replace(starting.templates[0], title="改过的", version=9)
    data = msgspec.json.encode([changed])
    content = BlobRef(sha256="00" * 32, size=len(data), media_type="application/json")
    said = CatalogueChanged(
        agency=AGENCY,
        at=0,
        salt="00" * 16,
        catalogue=Catalogue.DOCUMENTS,
        version=2,
        content=content,
        reason="换版",
    )
    told = standing.relisted(Registry(), said, 1)
    found = lists.in_force(starting, told, AGENCY, lambda _: data).templates
    assert found[0] == changed
    assert found[1:] == starting.templates[1:]
    ever = lists.versions(starting, told, AGENCY, lambda _: data, Catalogue.DOCUMENTS)
    assert ever[changed.id] == 9
