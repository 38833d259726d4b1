"""An English page cites clauses in English, wherever they came from."""

from __future__ import annotations

import re

import pytest

from sync_server.catalogue import load_matrix
from sync_server.web.citing import LAWS, cited
from sync_server.web.withdraw import CLAUSES
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office
from tests.sync_server.web.test_desk import withhold

CITED = {
    "《行政处罚法》第四十八条": "Administrative Penalty Law, Art. 48",
    "《中华人民共和国行政处罚法》第五十五条第一款": "Administrative Penalty Law, Art. 55 (1)",
    "《行政处罚法》第六十八条第一项": "Administrative Penalty Law, Art. 68 (item 1)",
    "《食品安全法》第一百一十条第四项": "Food Safety Law, Art. 110 (item 4)",
    "《未成年人保护法》第一百零三条": "Law on the Protection of Minors, Art. 103",
    "《民事诉讼法》第八十九条、《行政处罚法》第六十一条": (
        "Civil Procedure Law, Art. 89; Administrative Penalty Law, Art. 61"
    ),
    "《政府信息公开条例》第十四条、第十五条": (
        "Regulations on Open Government Information, Art. 14, 15"
    ),
    "国办发〔2018〕118号；《行政处罚法》第十条": (
        "State Council Office 2018 No. 118; Administrative Penalty Law, Art. 10"
    ),
    "《行政许可法》第四十条；本县行政执法公示办法": (
        "Administrative Licensing Law, Art. 40 (《行政许可法》第四十条；本县行政执法公示办法)"
    ),
    "《某县办法》第三条": "《某县办法》第三条",
    "《行政处罚法》": "《行政处罚法》",
    "本机关决定": "本机关决定",
    "": "",
}


@pytest.mark.parametrize(("clause", "english"), CITED.items(), ids=[*[*CITED][:-1], "nothing"])
def test_a_clause_is_cited_in_english_and_nothing_that_was_said_is_lost(
    clause: str, english: str
) -> None:
    assert cited(clause) == english


def test_every_law_that_the_program_itself_cites_to_the_public_has_an_english_name() -> None:
    clauses = [*CLAUSES.values(), *(one.clause for one in load_matrix())]
    named = {name for clause in clauses for name in re.findall("《([^《》]+)》", clause)}
    assert named
    assert {name.removeprefix("中华人民共和国") for name in named} <= LAWS.keys()


def test_an_english_page_of_the_office_has_the_citation_in_english(
    office: Office, inspected: County
) -> None:
    case = inspected.case.opened.hex
    client = office.signed_in("hejingting")
    form = f"/office/cases/{case}/withhold/{inspected.case.decision.hex}"
    english = client.get(f"{form}?lang=en").text
    captions = re.findall('<span class="caption">([^<]+)</span></span></label>', english)
    assert captions
    assert all(", Art. " in one and "《" not in one for one in captions)
    assert "《政府信息公开条例》" in client.get(f"{form}?lang=zh").text
    withhold(office)
    page = client.get(f"/office/cases/{case}?lang=en").text
    assert '<p class="caption">Regulations on Open Government Information, Art. 15</p>' in page
    matrix = client.get("/matrix?lang=en").text
    assert "Administrative Penalty Law, Art. 48 (《行政处罚法》第四十八条；" in matrix
