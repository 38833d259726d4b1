"""Tables in and out by page: officers and items, all of them or none, and to the tablets."""

from __future__ import annotations

import io

import httpx
import pytest
from openpyxl import load_workbook

from protocol.reference import open_reference
from protocol.statements import CatalogueChanged
from sync_server import demo
from sync_server.people.importing import OFFICER_COLUMNS
from sync_server.people.itemrows import ITEM_COLUMNS
from sync_server.people.sheets import read_sheet, write_csv, write_xlsx
from tests.sync_server.web.staging import PASSWORDS, Office, hidden
from tests.sync_server.web.test_roster import AGENCY, NEW, REGISTRAR, lines, reference, send

OFFICERS, ITEMS = "/office/officers/import", "/office/lists/items/import"


def take(client: httpx.Client, path: str, table: bytes, **fields: str) -> httpx.Response:
    """The form that takes a table over."""
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "reason": "年度核对",
        "password": PASSWORDS[REGISTRAR],
    }
    return client.post(path, data=form | fields, files={"file": ("x.exe", table, "image/png")})


def exported(client: httpx.Client, kind: str) -> list[dict[str, str]]:
    """The roster, exported and read again."""
    answer = client.get(f"/office/officers/export/{kind}")
    assert "attachment" in answer.headers["content-disposition"]
    return [dict(one.values) for one in read_sheet(answer.content, OFFICER_COLUMNS)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_roster_goes_out_and_comes_in_again(office: Office, kind: str) -> None:
    """What stands is not said again; one row changed and one new are, in one commit."""
    client = office.signed_in(REGISTRAR)
    rows = exported(client, kind)
    assert [one["cert_no"] for one in rows] == list(demo.OFFICERS)
    write = write_csv if kind == "csv" else write_xlsx
    again = take(client, OFFICERS, write(OFFICER_COLUMNS, rows))
    assert "与现有内容一致" in again.text
    rows[0]["unit"] = "食品监管大队"
    answer = take(client, OFFICERS, write(OFFICER_COLUMNS, [*rows, NEW]))
    assert answer.url.query == b"done=imported", answer.text
    assert [(one.cert_no, one.unit) for one in lines(office)[2:]] == [
        (demo.OFFICERS[0], "食品监管大队"),
        (NEW["cert_no"], NEW["unit"]),
    ]
    told = reference(office)
    assert told.officer(NEW["cert_no"]) is not None
    assert lines(office)[2].photo == lines(office)[0].photo


def test_long_lists_come_page_by_page(office: Office) -> None:
    """A county's roster is not one page; a search keeps its words from page to page."""
    client = office.signed_in(REGISTRAR)
    rows = [NEW | {"cert_no": f"0099230{at:04}"} for at in range(101)]
    take(client, OFFICERS, write_csv(OFFICER_COLUMNS, rows))
    first = client.get("/office/officers?q=江照野")
    assert first.text.count("<tr><td>") == 100
    assert "page=2" in first.text
    assert client.get("/office/officers?q=江照野&page=2").text.count("<tr><td>") == 1
    for path in ("staff", "devices", "lists/items", "lists/templates", "lists/matrix"):
        page = client.get(f"/office/{path}?page=9")
        assert page.status_code == 200
        assert "<tr><td" not in page.text, path


def test_a_broken_row_is_named_and_nothing_is_half_taken_over(office: Office) -> None:
    """The good rows around it are not taken either."""
    client = office.signed_in(REGISTRAR)
    bad = NEW | {"cert_no": "00992304141", "valid_until": "2020-01-01"}
    twice = NEW | {"name": "另一个人"}
    answer = take(client, OFFICERS, write_csv(OFFICER_COLUMNS, [NEW, bad, twice]))
    assert answer.status_code == 422
    table = answer.text.split("<tbody>")[1]
    assert 'data-label="行">3</td><td class="number" data-label="列">有效期至</td>' in table
    assert 'data-label="行">4</td><td class="number" data-label="列">证件编号</td>' in table
    assert len(lines(office)) == len(demo.OFFICERS)
    formula = write_csv(OFFICER_COLUMNS, [NEW]).replace("江照野".encode(), b"=HYPERLINK(1)")
    assert "收到的是公式" in take(client, OFFICERS, formula).text


def test_one_may_ask_first_what_would_change(office: Office) -> None:
    """Without a password, and nothing is said."""
    client = office.signed_in(REGISTRAR)
    table = write_csv(OFFICER_COLUMNS, [NEW])
    answer = take(client, OFFICERS, table, only="on", password="")
    assert f"新增：{NEW['cert_no']}" in answer.text
    assert len(lines(office)) == len(demo.OFFICERS)


def test_a_table_overwrites_nobody_whom_it_did_not_know(office: Office) -> None:
    """An officer changed after the form was made stops the whole table."""
    client = office.signed_in(REGISTRAR)
    old = hidden(client.get(OFFICERS), "version")
    path = f"/office/officers/{demo.OFFICERS[0]}"
    send(client, path, do="standing", standing="suspended", reason="调查")
    rows = exported(client, "csv")
    rows[0]["unit"] = "别处"
    answer = take(client, OFFICERS, write_csv(OFFICER_COLUMNS, [*rows, NEW]), version=old)
    assert answer.status_code == 422
    assert "在您查看期间已被修改" in answer.text
    assert len(lines(office)) == len(demo.OFFICERS) + 1


def test_of_two_tables_the_second_is_told_what_the_first_said(office: Office) -> None:
    """The list by its name, and who changed it, why."""
    client = office.signed_in(REGISTRAR)
    old = hidden(client.get(ITEMS), "version")
    table = client.get("/office/lists/items/export/csv").content
    rows = [dict(one.values) for one in read_sheet(table, ITEM_COLUMNS)]
    take(client, ITEMS, write_csv(ITEM_COLUMNS, rows[:-1]), reason="事项取消")
    answer = take(client, ITEMS, write_csv(ITEM_COLUMNS, rows[1:]), version=old)
    assert answer.status_code == 422
    assert "行政执法事项清单在您查看期间已被修改" in answer.text
    assert "事项取消" in answer.text


def test_the_item_list_is_changed_whole_and_goes_to_the_tablets(office: Office) -> None:
    """A changed item gets the next version, one that is left out is gone; the list is a record."""
    client = office.signed_in(REGISTRAR)
    book = load_workbook(io.BytesIO(client.get("/office/lists/items/export/xlsx").content))
    sheet = book.active
    assert sheet is not None
    head = [cell.value for cell in sheet[1]]
    name = head.index("事项名称") + 1
    before = reference(office).items
    sheet.cell(2, name).value = "对明码标价的行政检查（新）"
    sheet.delete_rows(sheet.max_row)
    out = io.BytesIO()
    book.save(out)
    asked = take(client, ITEMS, out.getvalue(), only="on", password="")
    assert f"变更：{before[0].code}" in asked.text
    assert f"不再列入：{before[-1].code}" in asked.text
    answer = take(client, ITEMS, out.getvalue())
    assert answer.url.query == b"done=imported", answer.text
    after = reference(office).items
    assert [one.code for one in after] == [one.code for one in before[:-1]]
    assert after[0].name == "对明码标价的行政检查（新）"
    assert after[0].version == before[0].version + 1
    assert after[1:] == before[1:-1]
    assert office.services is not None
    (record,) = office.services.facts.of_kind("catalogue_changed")
    assert isinstance(record.statement, CatalogueChanged)
    assert record.statement.reason == "年度核对"
    assert "年度核对" in client.get("/office/lists").text
    assert "（新）" in client.get("/office/lists/items").text


def test_the_item_list_survives_a_restart(office: Office) -> None:
    """It is read from the log and the store, not from memory."""
    client = office.signed_in(REGISTRAR)
    table = client.get("/office/lists/items/export/csv").content
    head, *rows = table.split(b"\r\n")
    take(client, ITEMS, b"\r\n".join([head, *rows[:1], b""]))
    code = reference(office).items[0].code
    office.stop()
    office.start()
    assert office.services is not None
    found = office.services.editions.catalogue(AGENCY).items
    assert [one.code for one in found] == [code]
    facts = office.services.facts
    bundle = facts.reference(AGENCY)
    assert bundle is not None
    issuer = facts.registry.agencies[AGENCY].issuer.verifier
    assert [one.code for one in open_reference(bundle[1], issuer, 0).items] == [code]


@pytest.mark.parametrize(
    ("cell", "value", "said"),
    [
        ("执法类型", "打人", "应为"),
        ("罚款上限（元）", "viel", "应为以元计的金额"),
        ("适用区域", "云溪", "应为区域代码"),
        ("罚款下限（元）", "999999999", "高于上限"),
        ("项目编码", "", "没有填写"),
    ],
)
def test_a_wrong_cell_of_the_item_list_is_named(
    office: Office, cell: str, value: str, said: str
) -> None:
    """By the column as the sheet calls it."""
    client = office.signed_in(REGISTRAR)
    book = load_workbook(io.BytesIO(client.get("/office/lists/items/export/xlsx").content))
    sheet = book.active
    assert sheet is not None
    head = [one.value for one in sheet[1]]
    sheet.cell(2, head.index(cell) + 1).value = value
    out = io.BytesIO()
    book.save(out)
    answer = take(client, ITEMS, out.getvalue())
    assert answer.status_code == 422
    assert said in answer.text
    assert f'data-label="行">2</td><td class="number" data-label="列">{cell}</td>' in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("catalogue_changed") == []


def test_a_list_that_no_tablet_could_hold_is_refused_before_it_is_said(office: Office) -> None:
    """Once in the log it would keep every later edition, a suspension too, from the tablets."""
    client = office.signed_in(REGISTRAR)
    table = client.get("/office/lists/items/export/csv").content
    rows = [dict(one.values) for one in read_sheet(table, ITEM_COLUMNS)]
    long = rows[-1] | dict.fromkeys(("name", "basis", "cause", "violated"), "长" * 500)
    many = [*rows, *(long | {"code": f"X{at}"} for at in range(1000))]
    refused = take(client, ITEMS, write_xlsx(ITEM_COLUMNS, many))
    assert refused.status_code == 422
    assert "未作任何变更" in refused.text
    assert office.services is not None
    assert list(office.services.facts.of_kind("catalogue_changed")) == []
    assert take(client, ITEMS, write_csv(ITEM_COLUMNS, rows[:-1])).url.query == b"done=imported"
