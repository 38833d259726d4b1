"""The journeys of citizen, publisher, archivist, supervisor, registrar and head, in a real
browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from sync_server.log import lookup
from sync_server.people import packages
from tests.cast import DECISION_NUMBER
from tests.screens_web import card_path
from tests.sync_server.rotting import alter_in
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser that runs no scripts: no page needs any."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_in(page: Page, office: Office, account: str, path: str) -> None:
    """Ask for a page, be led to the sign-in, and on to the page."""
    page.goto(office.url + path)
    page.get_by_label("账号").fill(account)
    page.get_by_label("密码").fill(PASSWORDS[account])
    page.get_by_role("button", name="登录").click()
    assert page.url == office.url + path


def test_a_citizen_finds_a_decision_and_verifies_it(page: Page, public: Office) -> None:
    """From the home page by two characters, to the checks and the English page."""
    page.goto(public.url)
    page.get_by_label("当事人、案由或者决定书文号").fill("红枣")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="禾穗食品").click()
    expect(page.get_by_text("公示文本与归档记录一致")).to_be_visible()
    expect(page.locator(".mask").first).to_contain_text("已隐去")
    page.get_by_role("link", name="自己验证").click()
    expect(page.locator(".checks .good")).to_have_count(4)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="Verify it yourself")).to_be_visible()


def test_a_citizen_verifies_a_card_on_a_phone(page: Page, public: Office) -> None:
    """Photo, name and standing; the photo is loaded under the page's own policy."""
    page.set_viewport_size({"width": 390, "height": 844})
    with page.expect_response("**/photo") as fetched:
        page.goto(public.url + card_path(public))
    assert fetched.value.headers["content-type"] == "image/png"
    expect(page.get_by_role("heading", name="证件有效")).to_be_visible()
    expect(page.get_by_text("请比对照片和本人")).to_be_visible()
    expect(page.get_by_alt_text("沈知远的照片")).to_be_visible()


def test_a_publisher_publishes_with_a_colleague(
    browser: Browser, page: Page, office: Office, inspected: County
) -> None:
    """Served text beside public text, a draft signed by the one; the other compares and signs in a
    session of her own; then the public page."""
    sign_in(page, office, "hejingting", f"/office/cases/{inspected.case.opened.hex}")
    page.get_by_role("link", name="公示决定").click()
    expect(page.locator(".told").first).to_be_visible()
    page.get_by_label("您的密码（何敬亭）").fill(PASSWORDS["hejingting"])
    page.get_by_role("button", name="签名保存草稿").click()
    expect(page.get_by_role("status")).to_be_visible()

    context = browser.new_context(java_script_enabled=False)
    hers = context.new_page()
    sign_in(hers, office, "luojing", "/office/publishing")
    hers.locator(f'a[href="/office/publishing/{inspected.case.decision.hex}"]').first.click()
    hers.get_by_label("我已比对两份文本").check()
    hers.get_by_label("您的密码（罗静）").first.fill(PASSWORDS["luojing"])
    hers.get_by_role("button", name="签名并公示").click()
    expect(hers.get_by_role("status")).to_be_visible()
    context.close()
    page.goto(f"{office.url}/decisions/{inspected.case.decision.hex}")
    expect(page.get_by_text("公示文本与归档记录一致")).to_be_visible()


def test_an_archivist_seals_the_file_and_looks_into_it(
    page: Page, public: Office, published: County
) -> None:
    """The gate, the signature, the number; it stands in the archive, and is opened by a retrieval
    that is on record first."""
    case = f"/office/cases/{published.case.opened.hex}"
    sign_in(page, public, "xuwen", case)
    page.get_by_role("link", name="案卷归档").click()
    expect(page.locator(".checks .bad")).to_have_count(0)
    page.get_by_label("您的密码（许文）").fill(PASSWORDS["xuwen"])
    page.get_by_role("button", name="签名并归档").click()
    expect(page.get_by_role("status")).to_contain_text("归档号 20260001")
    page.get_by_role("link", name="归档", exact=True).click()
    expect(page.get_by_text("20260001")).to_be_visible()
    page.goto(f"{public.url}{case}/retrieve")
    page.get_by_label("整个封包").check()
    page.get_by_label("调阅人").fill("方砚秋")
    page.get_by_label("调阅目的").fill("案卷评查")
    page.get_by_label("您的密码（许文）").fill(PASSWORDS["xuwen"])
    page.get_by_role("button", name="签名并打开文件").click()
    with page.expect_download() as download:
        page.locator('a[href*="/office/retrievals/"]').first.click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_a_supervisor_reads_the_report(page: Page, public: Office) -> None:
    """From the list to one device and its evidence."""
    sign_in(page, public, "fangqiuyan", "/supervision")
    page.get_by_role("link", name="YX-T07").click()
    expect(page.get_by_text("没有缺失", exact=False).first).to_be_visible()
    expect(page.get_by_role("link", name="导出报告")).to_be_visible()


def test_a_supervisor_settles_a_finding(page: Page, public: Office, published: County) -> None:
    """From the overview to the finding, its evidence, and a note signed with the own key."""
    assert public.services is not None
    with public.services.db.writer.begin() as connection:
        (lost,) = lookup.find(connection, [published.case.decision.hash])
        alter_in(connection, lost, filed=None, statement=None)
    sign_in(page, public, "fangqiuyan", "/supervision")
    page.get_by_role("link", name="证据和答复").first.click()
    expect(page.get_by_role("heading", name="证据")).to_be_visible()
    page.get_by_label("状态").select_option(label="已办结")
    page.get_by_label("情况说明和处理结果").fill("已从备份恢复，查明是误操作")
    page.get_by_label("您的密码（方砚秋）").fill(PASSWORDS["fangqiuyan"])
    page.get_by_role("button", name="签名并答复").click()
    expect(page.get_by_text("答复已签名并记录")).to_be_visible()
    expect(page.get_by_text("已从备份恢复，查明是误操作")).to_be_visible()


def test_the_keyboard_reaches_the_search(page: Page, public: Office) -> None:
    """The first stop skips to the content; focus is visible."""
    page.goto(public.url + "/decisions")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.get_by_label("当事人、案由或者决定书文号").focus()
    page.keyboard.type(DECISION_NUMBER)
    page.keyboard.press("Enter")
    expect(page.get_by_text("共 1 件")).to_be_visible()


def test_a_registrar_invites_a_person_and_takes_it_back(page: Page, office: Office) -> None:
    """From the list to the code; nobody takes it up; the invitation is gone."""
    sign_in(page, office, "tangyining", "/office/staff")
    page.get_by_role("link", name="登记工作人员").click()
    page.get_by_label("姓名").fill("林晚晴")
    page.get_by_label("账号").fill("linwanqing")
    page.get_by_label("角色").select_option(label="档案管理员")
    page.get_by_label("您的密码（唐一宁）").fill(PASSWORDS["tangyining"])
    page.get_by_role("button", name="签名并生成代码").click()
    expect(page.locator(".code")).to_be_visible()
    page.goto(f"{office.url}/office/staff")
    page.get_by_role("link", name="林晚晴").click()
    page.get_by_label("理由").fill("岗位取消")
    page.get_by_label("您的密码（唐一宁）").last.fill(PASSWORDS["tangyining"])
    page.get_by_role("button", name="签名撤回").click()
    expect(page.get_by_role("status")).to_contain_text("邀请已撤回")
    expect(page.get_by_role("link", name="林晚晴")).to_have_count(0)


def test_a_registrar_changes_what_is_published_and_tries_a_template(
    page: Page, office: Office, tmp_path: Path
) -> None:
    """A row of the matrix, from the lists to the public page; a template that could not be printed
    comes back with its line."""
    sign_in(page, office, "tangyining", "/office/lists")
    page.get_by_role("link", name="公示目录").click()
    page.get_by_role("link", name="行政强制").click()
    page.get_by_label("公示期限（工作日）").fill("15")
    page.get_by_label("理由").first.fill("缩短期限")
    page.get_by_label("您的密码（唐一宁）").first.fill(PASSWORDS["tangyining"])
    page.get_by_role("button", name="签名并更新目录").click()
    expect(page.get_by_role("status")).to_contain_text("公示目录已更新")
    page.goto(f"{office.url}/matrix")
    expect(page.get_by_role("cell", name="15个工作日")).to_be_visible()

    page.goto(f"{office.url}/office/lists/templates")
    page.get_by_role("link", name="当场行政处罚决定书").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="现行模板包").click()
    found = packages.read(download.value.path().read_bytes())
    broken = msgspec.structs.replace(found, source=f"{found.source}\n#nothing()")
    (tmp_path / "broken.zip").write_bytes(packages.write(broken))
    page.get_by_label("模板包").first.set_input_files(tmp_path / "broken.zip")
    page.get_by_label("理由").fill("换版")
    page.get_by_label("您的密码（唐一宁）").fill(PASSWORDS["tangyining"])
    page.get_by_role("button", name="签名并替换").click()
    expect(page.get_by_role("alert")).to_contain_text(f"第{len(broken.source.splitlines())}行")


def test_a_head_gives_a_task_and_takes_it_back(page: Page, office: Office) -> None:
    """The notice for the printer, and the list where it is withdrawn."""
    sign_in(page, office, "gumingyuan", "/office/tasks/new")
    page.get_by_label("任务编号").fill("云市监检任〔2026〕58号")
    page.get_by_label("当事人名称").fill("云溪县禾穗食品有限公司")
    page.get_by_label("统一社会信用代码").fill("91990123MA0FJ0K21X")
    page.get_by_label("检查地点").fill("云溪县青石镇河西路28号")
    for name in ("沈知远", "陆清和"):
        page.get_by_label(name).check()
    page.get_by_label("机关负责人的批准").fill("顾明远 2026-11-20 批准")
    page.get_by_label("您的密码（顾明远）").fill(PASSWORDS["gumingyuan"])
    page.get_by_role("button", name="签名下达").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_label("理由").fill("企业已注销")
    page.get_by_label("您的密码（顾明远）").fill(PASSWORDS["gumingyuan"])
    page.get_by_role("button", name="签名撤回").click()
    expect(page.get_by_text("企业已注销")).to_be_visible()
