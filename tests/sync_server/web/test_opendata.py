"""The public lists as data: what the pages show, nothing that is masked, whatever is asked."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sync_server.app import make_app
from sync_server.projections import fulltext
from sync_server.upkeep import jobs
from sync_server.web.openforms import _cell
from sync_server.web.openrows import DecisionPage, ItemPage, OfficerPage
from tests.cast import DECISION_NUMBER, START
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import DAY_MS, NOW, Office

ATOM = "{http://www.w3.org/2005/Atom}"
INSIDE = ("/office/", "/supervision/")
DECISIONS = ("/decisions.json", "/decisions.csv", "/decisions.atom")


def read(client: httpx.Client, path: str, kind: type, **asked: str):  # type: ignore[no-untyped-def]
    """A JSON answer, of the type that the description names."""
    answer = client.get(path, params=asked)
    assert answer.status_code == 200
    return msgspec.json.decode(answer.content, type=kind, strict=True)


def test_a_decision_stands_in_json_as_on_its_page(public: Office, published: County) -> None:
    """The four elements and the clock; amounts in fen, days as dates."""
    listed = read(public.client(), "/decisions.json", DecisionPage)
    (one,) = listed.decisions
    assert (listed.total, listed.more, listed.pages) == (1, False, 1)
    assert one.number == DECISION_NUMBER
    assert one.party == "云溪县禾穗食品有限公司"
    assert (one.fine, one.decided_on, one.due_on) == (50_000, "2026-11-18", "2026-11-27")
    assert one.url.endswith(f"/decisions/{published.case.decision.hex}")


def test_what_is_masked_is_in_no_data(public: Office) -> None:
    """Neither the telephone nor the given name."""
    for path in DECISIONS:
        text = public.client().get(path).content.decode("utf-8-sig")
        assert DECISION_NUMBER in text
        for word in (staging.PHONE, "5550128", staging.MANAGER_GIVEN):
            assert word not in text, path


ASKED: list[tuple[dict[str, str], int]] = [
    ({}, 1),
    ({"q": "红枣"}, 1),
    ({"q": "枣"}, 1),
    ({"q": "散装红枣 价格"}, 1),
    ({"q": "没有的词"}, 0),
    ({"act": "penalty"}, 1),
    ({"act": "permit"}, 0),
    ({"penalty": "fine"}, 1),
    ({"penalty": "closure"}, 0),
    ({"year": "2026", "q": "价"}, 1),
    ({"year": "2025"}, 0),
    ({"agency": "11990123MB0000001A"}, 1),
    ({"agency": "another"}, 0),
    ({"page": "2"}, 0),
    ({"page": "99999"}, 0),
    ({"q": 'x" OR marks : "all'}, 0),
    ({"act": '" OR "all'}, 0),
]


def test_the_filters_find_what_they_name(public: Office) -> None:
    """Words of one, two and more characters; kind, penalty, year, agency; nobody's quotes."""
    client = public.client()
    for asked, found in ASKED:
        listed = read(client, "/decisions.json", DecisionPage, **asked).decisions
        assert len(listed) == found, asked
        page = client.get("/decisions", params=asked).text
        assert page.count('class="number"') == found, asked


def test_the_table_opens_in_a_spreadsheet(public: Office) -> None:
    """With a byte order mark, Chinese headings, the fine in 万元."""
    answer = public.client().get("/decisions.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["行政处罚决定书文号"] == DECISION_NUMBER
    assert row["罚款金额（万元）"] == "0.050000"
    assert row["决定机关代码"] == "11990123MB0000001A"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A party's name may begin as it likes."""
    assert _cell(text) == f"'{text}"
    assert _cell("禾穗=好") == "禾穗=好"


def test_the_feed_names_each_decision_by_its_record(public: Office, published: County) -> None:
    """RFC 4287: id, title, updated, author, link."""
    feed = ET.fromstring(public.client().get("/decisions.atom").text)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}id") == f"urn:fujie:record:{published.case.decision.hex}"
    assert entry.findtext(f"{ATOM}updated") == "2026-11-20T00:00:00+08:00"
    assert feed.findtext(f"{ATOM}title") == "云溪县行政执法决定公示"
    assert "罚款500元" in str(entry.findtext(f"{ATOM}summary"))


def test_the_roster_and_the_items_are_data_too(public: Office) -> None:
    """By name, number and unit; each item with its basis."""
    client = public.client()
    found = read(client, "/officers.json", OfficerPage, q="00992304117")
    assert [one.name for one in found.officers] == ["沈知远"]
    assert "沈知远" in client.get("/officers.csv").content.decode("utf-8-sig")
    items = read(client, "/items.json", ItemPage)
    assert items.total == len(items.items) > 0
    assert all(one.basis for one in items.items)
    assert items.items[0].code in client.get("/items.csv").content.decode("utf-8-sig")


def test_display_ends_in_the_data_too(public: Office) -> None:
    """And the index forgets what is over, which changes no answer."""
    client = public.client()
    public.clock.set(NOW + 93 * DAY_MS)
    assert read(client, "/decisions.json", DecisionPage).decisions == []
    assert public.services is not None
    jobs.forget_ended(public.services)
    with public.services.db.engine.connect() as connection:
        assert fulltext.count(connection, fulltext.Asked(), "2026-11-20") == 0


def test_a_page_of_many_officers_stays_small(public: Office) -> None:
    """Cut into pages; the numbers on them are those of the list."""
    assert public.services is not None
    facts, office = public.services.facts, public.services.office
    agency = next(iter(facts.registry.agencies))
    known = next(iter(facts.registry.roster(agency, NOW)))
    more = [
        msgspec.structs.replace(known, cert_no=f"0099240{n:04}", salt=f"{n:032x}", at=START)
        for n in range(60)
    ]
    issuer = public.services.keyring.issuer(agency)
    office.state_all([(one, [issuer]) for one in more])
    client = public.client()
    first, last = client.get("/officers"), client.get("/officers?page=3")
    assert 'rel="next"' in first.text
    assert 'rel="next"' not in last.text
    assert first.text.count('class="person"') == 24
    assert last.text.count('class="person"') == 62 - 48
    assert len(first.content) < 100_000


# ── the description ──────────────────────────────────────────────────────────────────────


def test_the_description_names_every_list_that_is_served(public: Office) -> None:
    """Each path answers, and each list that is served as data is in it."""
    assert public.services is not None
    described = public.client().get("/openapi.json").json()
    routes = {route.path for route in make_app(public.services).routes}
    served = {
        path
        for path in routes
        if path.endswith((".json", ".csv", ".atom")) and not path.startswith(INSIDE)
    }
    assert set(described["paths"]) == served - {"/openapi.json"}
    for path in described["paths"]:
        assert public.client().get(path).status_code == 200


def test_no_question_of_the_description_is_a_fault(public: Office) -> None:
    """schemathesis asks what it may and what it may not: never a 5xx, and every answer is of the
    type that is described."""
    import schemathesis  # takes longer than most tests, and every worker reads every module

    schema = schemathesis.openapi.from_url(f"{public.url}/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            answer = case.call(base_url=public.url)
            case.validate_response(answer)

        ask()
    assert asked > 50
