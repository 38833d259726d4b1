"""Officers and tablets by page: registered, suspended, replaced; told to tablets; two at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from protocol.portraits import BLANK, check, where
from protocol.reference import Reference, RosterOfficer, open_reference
from protocol.statements import DeviceRevoked, OfficerRegistered
from protocol.vocabulary import Standing
from sync_server import demo
from sync_server.portraits import portrait
from tests.sync_server.tablet import Tablet
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office, hidden
from tests.worlds import World

REGISTRAR = "tangyining"
AGENCY = demo.AGENCY.id
SHEN = demo.OFFICERS[0]
NEW = {
    "cert_no": "00992304140",
    "name": "江照野",
    "unit": "综合行政执法大队",
    "position": "二级行政执法员",
    "category": "行政执法",
    "field": "市场监督管理",
    "region": "990123",
    "region_name": "云溪县",
    "valid_from": "2026-01-01",
    "valid_until": "2030-12-31",
    "issuer_kind": "province",
    "filing": "",
}


def send(
    client: httpx.Client, path: str, photo: bytes = b"", at: str = "", **fields: str
) -> httpx.Response:
    """A form of the registry, as a browser sends it; ``at`` is the page that it is on."""
    page = client.get(at or path)
    form = {"form_token": hidden(page, "form_token"), "password": PASSWORDS[REGISTRAR]}
    if 'name="version"' in page.text:
        form["version"] = hidden(page, "version")
    files = {"photo": ("../../etc/passwd.exe", photo, "text/html")} if photo else None
    return client.post(path, data=form | fields, files=files)


def reference(office: Office) -> Reference:
    """The newest signed bundle, as a tablet reads it."""
    assert office.services is not None
    facts = office.services.facts
    found = facts.reference(AGENCY)
    assert found is not None
    return open_reference(found[1], facts.registry.agencies[AGENCY].issuer.verifier, 0)


def fetched(office: Office, told: RosterOfficer) -> bytes | None:
    """The officer's photo as a tablet fetches it."""
    answer = office.client().get(f"/tuf/{AGENCY}/{where(told.photo)}")
    if answer.status_code == 404:
        return None
    assert answer.headers["content-type"] == told.photo.media_type
    assert "immutable" in answer.headers["cache-control"]
    check(told.photo, answer.content)
    return answer.content


def lines(office: Office) -> list[OfficerRegistered]:
    assert office.services is not None
    found = office.services.facts.of_kind("officer_registered")
    return [one.statement for one in found if isinstance(one.statement, OfficerRegistered)]


# ── officers ─────────────────────────────────────────────────────────────────────────────


def test_an_officer_is_registered_with_a_photo_and_told_to_the_tablets(office: Office) -> None:
    """By the registrar's own key; in the signed bundle and on the public page at once."""
    client, picture = office.signed_in(REGISTRAR), portrait(1)
    answer = send(client, "/office/officers/new", picture, **NEW)
    assert answer.url.query == b"done=registered", answer.text
    told = reference(office).officer(NEW["cert_no"])
    assert told is not None
    assert (told.name, told.photo_bytes, told.photo.media_type) == ("江照野", b"", "image/png")
    assert fetched(office, told) == picture
    assert office.services is not None
    facts = office.services.facts
    record = facts.of_kind("officer_registered")[-1]
    assert record.signers == (facts.registry.staff[AGENCY, REGISTRAR].key.key_id,)
    assert facts.blob_path(bytes.fromhex(told.photo.sha256)) is not None
    assert "江照野" in office.client().get("/officers").text
    shown = client.get(f"/office/officers/{NEW['cert_no']}/photo")
    assert (shown.content, shown.headers["content-type"]) == (picture, "image/png")


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(portrait(1))])
def test_another_face_on_the_servers_disk_is_shown_to_nobody(
    office: Office, spoil: Callable[[Path], object]
) -> None:
    """Nor an empty picture where the photo is lost: who compares is told that there is none."""
    told = reference(office).officer(SHEN)
    assert told is not None
    assert "/photo" in office.client().get(f"/officers/{SHEN}").text
    assert office.services is not None
    path = office.services.facts.blob_path(bytes.fromhex(told.photo.sha256))
    assert path is not None
    path.chmod(0o600)
    spoil(path)
    assert "/photo" not in office.client().get(f"/officers/{SHEN}").text
    assert office.client().get(f"/officers/{SHEN}/photo").status_code == 404
    inside = office.signed_in(REGISTRAR)
    assert "/photo" not in inside.get(f"/office/officers/{SHEN}").text
    assert inside.get(f"/office/officers/{SHEN}/photo").status_code == 404


def test_without_a_photo_a_grey_picture_stands_in(office: Office) -> None:
    """Until one comes, and is then the one that is told."""
    client = office.signed_in(REGISTRAR)
    send(client, "/office/officers/new", **NEW)
    told = reference(office).officer(NEW["cert_no"])
    assert told is not None
    assert fetched(office, told) is None  # nobody's picture: no tablet shows it
    assert told.photo.sha256 == hashlib.sha256(BLANK).hexdigest()
    page = office.client().get(f"/officers/{NEW['cert_no']}").text
    assert "/photo" not in page
    assert "名册上没有照片" in page
    path = f"/office/officers/{NEW['cert_no']}"
    send(client, path, portrait(0), **NEW, do="details", reason="补照片")
    told = reference(office).officer(NEW["cert_no"])
    assert told is not None
    assert fetched(office, told) == portrait(0)
    assert "/photo" in office.client().get(f"/officers/{NEW['cert_no']}").text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"cert_no": "12"}, "证件编号"),
        ({"cert_no": SHEN}, "已经登记"),
        ({"unit": " "}, "单位"),
        ({"region": "yunxi"}, "区域代码"),
        ({"valid_until": "2025-12-31"}, "有效期至"),
        ({"valid_from": "2026-02-30"}, "有效期起"),
        ({"issuer_kind": "ministry"}, "备案号"),
        ({"name": "江\n照野"}, "姓名"),
        ({"password": "wrong"}, "密码不对"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_said(
    office: Office, changes: dict[str, str], said: str
) -> None:
    """The form comes back with what was typed."""
    answer = send(office.signed_in(REGISTRAR), "/office/officers/new", **(NEW | changes))
    assert answer.status_code == 422, answer.text
    assert said in answer.text.split('role="alert"')[1].split("</strong>")[0]
    assert "二级行政执法员" in answer.text
    assert len(lines(office)) == len(demo.OFFICERS)


@pytest.mark.parametrize(
    "photo",
    [
        b"<html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\xff" * 40,
        b"\xff\xd8\xff\xe0\x00\x00",
        b"GIF89a" + bytes(50),
        portrait(0) + bytes(400_000),
    ],
)
def test_a_file_that_lies_about_its_type_is_no_photo(office: Office, photo: bytes) -> None:
    """Its bytes are asked, never its name; an oversized one is refused too."""
    answer = send(office.signed_in(REGISTRAR), "/office/officers/new", photo, **NEW)
    assert answer.status_code == 422
    assert "照片" in answer.text.split('role="alert"')[1].split("</strong>")[0]
    assert len(lines(office)) == len(demo.OFFICERS)


def test_a_suspension_holds_from_now_on_and_is_lifted_again(office: Office) -> None:
    """The signed roster says so each time; what was done before keeps its standing of the day."""
    client, path = office.signed_in(REGISTRAR), f"/office/officers/{SHEN}"
    before = office.clock.now()
    office.clock.set(before + 3_600_000)
    client = office.signed_in(REGISTRAR)
    send(client, path, do="standing", standing="suspended", reason="配合调查")
    told = reference(office).officer(SHEN)
    assert told is not None
    assert told.standing is Standing.SUSPENDED
    assert office.services is not None
    registry = office.services.facts.registry
    then = registry.officer_at(AGENCY, SHEN, before, 1 << 62)
    assert then is not None
    assert then.standing is Standing.VALID
    assert "停用" in office.client().get("/officers").text
    again = send(client, path, do="standing", standing="suspended", reason="再停一次")
    assert again.status_code == 422
    send(client, path, do="standing", standing="valid", reason="调查结束")
    told = reference(office).officer(SHEN)
    assert told is not None
    assert told.standing is Standing.VALID
    page = client.get(path).text
    assert page.index("调查结束") < page.index("配合调查")


def test_who_saves_second_sees_what_the_first_saved(office: Office) -> None:
    """Two registrars with one officer's page open: nothing of the second's is said."""
    client, path = office.signed_in(REGISTRAR), f"/office/officers/{SHEN}"
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "password": PASSWORDS[REGISTRAR],
        "do": "standing",
        "standing": "cancelled",
        "reason": "第二个人",
    }
    details = NEW | {"name": "沈知远", "unit": "食品监管大队"}
    send(client, path, **details, do="details", reason="第一个人调岗")
    answer = client.post(path, data=form)
    assert answer.status_code == 422
    assert "在您查看期间已被修改" in answer.text
    assert "第一个人调岗" in answer.text
    assert lines(office)[-1].unit == "食品监管大队"
    assert lines(office)[-1].standing is Standing.VALID


def test_only_a_valid_certificate_gets_a_code_for_a_tablet(office: Office) -> None:
    """The code is shown once; a suspended officer gets none."""
    client, path = office.signed_in(REGISTRAR), f"/office/officers/{SHEN}"
    shown = send(client, path, do="code")
    assert re.search(r'class="code">[0-9A-Z-]{19}<', shown.text)
    send(client, path, do="standing", standing="suspended", reason="休假")
    assert 'value="code"' not in client.get(path).text
    refused = send(client, path, do="code")
    assert refused.status_code == 422


# ── tablets ──────────────────────────────────────────────────────────────────────────────


def test_a_new_tablet_is_enrolled_with_the_code_of_the_page(office: Office) -> None:
    """The page shows it as text and as a QR code; with it a tablet is admitted."""
    client = office.signed_in(REGISTRAR)
    page = send(client, "/office/devices", name="YX-T08")
    assert "<svg" in page.text.split('class="qr"')[1]
    found = re.search(r'class="code">([0-9A-Z-]{19})<', page.text)
    assert found
    world = World()
    world.device = world._device("YX-T08")
    tablet = Tablet(office.url, world)
    assert tablet.enrol(found[1]).agency == AGENCY
    assert "YX-T08" in client.get("/office/devices").text
    again = send(client, "/office/devices", name="YX-T08")
    assert again.status_code == 422
    assert "以前登记过" in again.text


def test_a_tablets_name_stands_in_an_address_and_is_no_servers(office: Office) -> None:
    """Else it would have no page, or be taken for the server of a lower level."""
    client = office.signed_in(REGISTRAR)
    for name in ("lower-0a1b2c3d", "..", "A?1", "A#1", "A%2F", "A\\1", "T\n1"):
        refused = send(client, "/office/devices", name=name)
        assert refused.status_code == 422, name
        assert "2到40个字符" in refused.text, name


def test_a_suspended_tablet_is_not_believed_and_still_sends(
    office: Office, inspected: County
) -> None:
    """Nobody takes its word for a card; what it holds is still admitted; reinstated it counts."""
    client, path = office.signed_in(REGISTRAR), f"/office/devices/{demo.DEVICE}"
    answer = send(client, path, do="suspend", reason="送修")
    assert answer.url.query == b"done=suspend", answer.text
    (told,) = [one for one in reference(office).devices if one.name == demo.DEVICE]
    assert not told.is_trusted(office.clock.now())
    assert office.services is not None
    device = office.services.facts.registry.devices[AGENCY, demo.DEVICE]
    assert not device.is_trusted(office.clock.now())
    tablet = Tablet(office.url, World())
    assert tablet.push_response(tablet.links(inspected.case)).status_code == 200
    send(client, path, do="reinstate", reason="修好")
    (told,) = [one for one in reference(office).devices if one.name == demo.DEVICE]
    assert told.is_trusted(office.clock.now())


def test_a_tablet_is_replaced_by_another(office: Office) -> None:
    """The old one is revoked as lost, the code is for the new name; the old name never returns."""
    client, path = office.signed_in(REGISTRAR), f"/office/devices/{demo.DEVICE}"
    refused = send(client, path, do="replace", name=demo.DEVICE, reason="丢失", lost="on")
    assert refused.status_code == 422
    page = send(client, path, do="replace", name="YX-T09", reason="丢失", lost="on")
    assert re.search(r'class="code">[0-9A-Z-]{19}<', page.text)
    assert office.services is not None
    (record,) = office.services.facts.of_kind("device_revoked")
    assert isinstance(record.statement, DeviceRevoked)
    assert record.statement.reason == "遗失：丢失"
    again = send(client, path, at="/office/devices", do="suspend", reason="再来", version="0")
    assert again.status_code == 422


def test_of_two_who_change_a_tablet_the_second_sees_it(office: Office) -> None:
    """The mark of the form is asked where the log is written."""
    client, path = office.signed_in(REGISTRAR), f"/office/devices/{demo.DEVICE}"
    old = hidden(client.get(path), "version")
    send(client, path, do="suspend", reason="第一个人")
    answer = send(client, path, do="revoke", reason="第二个人", version=old)
    assert answer.status_code == 422
    assert "第一个人" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("device_revoked") == []
