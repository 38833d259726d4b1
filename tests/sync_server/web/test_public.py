"""The public's pages: found by any word, compared with the log at each look, without scripts."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from sqlalchemy import update

from protocol import chain, envelope, redaction, statements
from protocol.note import VerifierKey
from protocol.receipt import Receipt, verify_receipt
from protocol.statements import (
    DisclosurePublished,
    DisclosureWithdrawn,
    DocumentIssued,
    OfficerRegistered,
)
from protocol.vocabulary import Standing
from sync_server.log import leaves
from sync_server.projections.tables import DISCLOSURE, METADATA, VIEWS
from sync_server.web.site import Site
from tests.cast import DECISION_NUMBER
from tests.screens_web import card_path, document_path
from tests.sync_server.rotting import alter_in
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import DAY_MS, NOW, Office
from tests.worlds import World


def decision_of(county: County) -> str:
    return f"/decisions/{county.case.decision.hex}"


@pytest.mark.parametrize(
    "words",
    [
        "罚",
        "红枣",
        "未标明",
        "未标明价格",
        "禾穗食品 枸杞",
        "126",
        "６",
        "云市监当罚〔2026〕126号",
        "MA0fj",
    ],
)
def test_a_decision_is_found_by_one_two_and_more_characters(public: Office, words: str) -> None:
    """Words anywhere in the public text, width and case folded, all of them wanted."""
    assert DECISION_NUMBER in public.client().get("/decisions", params={"q": words}).text


@pytest.mark.parametrize(
    "words", ["贵", "红茶", "枣红", "标明未", "红枣 茶叶", "1262", "", "*", '"OR"']
)
def test_what_is_not_there_is_not_found(public: Office, words: str) -> None:
    """A query without a word asks for everything; syntax of the index means nothing."""
    page = public.client().get("/decisions", params={"q": words})
    assert page.status_code == 200
    assert (DECISION_NUMBER in page.text) == (words in ("", "*"))


def test_filters_narrow_the_list(public: Office) -> None:
    """By kind of act, year and agency."""
    client = public.client()
    assert DECISION_NUMBER in client.get("/decisions?act=penalty&year=2026").text
    assert DECISION_NUMBER not in client.get("/decisions?act=permit").text
    assert DECISION_NUMBER not in client.get("/decisions?year=2025").text
    assert client.get("/decisions?page=x&year=%25").status_code == 200


def test_the_page_says_row_clause_and_clock(public: Office, published: County) -> None:
    """The matrix row, its clause, due day and the working day on which it was published."""
    page = public.client().get(decision_of(published)).text
    for words in (
        "自作出之日起7个工作日内公示",
        "《行政处罚法》第四十八条",
        "第 2 个工作日",
        "2026年11月27日",
        "先申请行政复议",
        "2027年1月17日",
    ):
        assert words in page


def test_anybody_can_check_the_proof(public: Office, published: County) -> None:
    """The file alone convinces: statement, link, receipt and every piece that is shown."""
    file = json.loads(public.client().get(decision_of(published) + "/proof").content)
    key = VerifierKey.parse(file["log"])
    read = {}
    for name in ("decision", "publication"):
        part = file[name]
        signed = envelope.decode_json(json.dumps(part["statement"]).encode())
        link = chain.decode_link(base64.b64decode(part["link"]))
        assert envelope.record_hash(signed) == link.record == bytes.fromhex(part["record"])
        receipt = Receipt.decode(part["receipt"].encode())
        verify_receipt(receipt, link.hash(), link.record, [key], key.name)
        read[name] = statements.decode(signed.body)
    issued, published_as = read["decision"], read["publication"]
    assert isinstance(issued, DocumentIssued)
    assert isinstance(published_as, DisclosurePublished)
    opened = [redaction.Opened(**one) for one in file["opened"]]
    redaction.check_root(issued.segments, issued.root)
    redaction.check(issued.segments, opened)
    assert [one.name for one in opened] == published_as.shown
    assert published_as.issued == file["decision"]["record"]


def alter_shown(office: Office) -> None:
    """A word of the public text is changed in the projection."""
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        shown = connection.execute(DISCLOSURE.select()).one().shown
        connection.execute(update(DISCLOSURE).values(shown=shown.replace(b"500", b"900")))


def alter_statement(office: Office) -> None:
    """A byte of the issuing statement is changed in the store."""
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        for leaf in list(leaves.of_kinds(connection, ["document_issued"])):
            assert leaf.statement is not None
            changed = leaf.statement.replace(b"126", b"127").replace(b"318", b"319")
            alter_in(connection, leaf.index, statement=changed)


def remove_statement(office: Office) -> None:
    """The issuing statement is taken out of the store."""
    assert office.services is not None
    with office.services.db.writer.begin() as connection:
        for leaf in list(leaves.of_kinds(connection, ["document_issued"])):
            alter_in(connection, leaf.index, filed=None, statement=None)


@pytest.mark.parametrize("alter", [alter_shown, alter_statement, remove_statement])
def test_a_text_that_is_not_the_recorded_one_is_not_shown(
    public: Office, published: County, alter: Callable[[Office], None]
) -> None:
    """Compared at each look: the text is held back and the page says why."""
    client = public.client()
    assert client.get(decision_of(published)).status_code == 200
    alter(public)
    page = client.get(decision_of(published))
    assert page.status_code == 503
    assert "已暂停显示" in page.text
    assert "红枣" not in page.text
    assert "有一项核对没有通过" in client.get(decision_of(published) + "/verify").text


def test_a_withdrawn_decision_leaves_its_reason(public: Office, published: County) -> None:
    """By a publisher only; text and search lose it at once."""
    assert public.services is not None
    withdrawal = DisclosureWithdrawn(
        agency=published.case.decision.statement.agency,
        at=NOW,
        salt="0" * 32,
        case=published.case.opened.hex,
        issued=published.case.decision.hex,
        reason="复议决定撤销",
        clause="《行政处罚法》第四十八条",
    )
    client = public.client()
    # Not by the office's own key: an operator cannot forge a person's decision.
    public.services.office.state(withdrawal, [public.services.office_key])
    assert client.get(decision_of(published)).status_code == 200
    _, signer = _site(public).accounts.signer("hejingting", staging.PASSWORDS["hejingting"])
    public.services.office.state(withdrawal, [signer])
    page = client.get(decision_of(published))
    assert page.status_code == 410
    assert "复议决定撤销" in page.text
    assert "红枣" not in page.text
    assert "没有找到" in client.get("/decisions?q=红枣").text
    assert client.get(decision_of(published) + "/proof").status_code == 404


def test_display_ends_on_its_day(public: Office, published: County) -> None:
    """Three months after publication, by the matrix row."""
    client = public.client()
    public.clock.set(NOW + 92 * DAY_MS)
    assert "/proof" in client.get(decision_of(published) + "/verify").text
    assert DECISION_NUMBER in client.get("/decisions").text
    public.clock.set(NOW + 93 * DAY_MS)
    assert "没有找到" in client.get("/decisions").text
    assert client.get(decision_of(published)).status_code == 410
    assert client.get(decision_of(published) + "/proof").status_code == 404
    assert "/proof" not in client.get(decision_of(published) + "/verify").text


def test_the_projections_are_the_same_from_nothing(public: Office, published: County) -> None:
    """Thrown away and folded again: the same rows."""
    public.client().get("/")
    assert public.services is not None
    site = _site(public)

    def rows() -> dict[str, list[tuple[object, ...]]]:
        assert public.services is not None
        with public.services.db.engine.connect() as connection:
            return {
                name: sorted(map(tuple, connection.execute(METADATA.tables[name].select())))
                for name in VIEWS
            }

    before = rows()
    site.projections.rebuild()
    assert rows() == before
    assert any(before["view_disclosure"])
    assert DECISION_NUMBER in public.client().get("/decisions?q=红枣").text


# ── cards and documents ──────────────────────────────────────────────────────────────────


def test_a_shown_card_is_valid_while_its_code_is_fresh(public: Office) -> None:
    """In either case of letters; a minute later it says nothing but to show it again."""
    path, client = card_path(public), public.client()
    for address in (path, path.lower()):
        page = client.get(address).text
        assert "证件有效" in page
        assert "沈知远" in page
    public.clock.set(NOW + 61_000)
    page = client.get(path).text
    assert "二维码已过期" in page
    assert "沈知远" not in page


def test_a_code_that_nobody_signed_is_unknown(public: Office) -> None:
    """Never valid by default."""
    for path in ("/V/MZ2WU2LF", "/V/x", "/V/" + "A" * 3000, card_path(public)[:-4]):
        page = public.client().get(path)
        assert page.status_code == 200
        assert "查不到这个二维码" in page.text


@pytest.mark.parametrize(
    ("standing", "valid_until", "words"),
    [
        (Standing.SUSPENDED, "2029-04-30", "证件已停用"),
        (Standing.CANCELLED, "2029-04-30", "证件已注销"),
        (Standing.VALID, "2026-11-19", "证件已过期"),
    ],
)
def test_a_card_that_is_not_in_force_says_so(
    public: Office, standing: Standing, valid_until: str, words: str
) -> None:
    """The roster as of now is asked, not the one that the tablet had."""
    assert public.services is not None
    facts = public.services.facts
    known = next(iter(facts.registry.roster(_agency(public), NOW)))
    changed = OfficerRegistered(
        **{name: getattr(known, name) for name in known.__struct_fields__}
        | {"standing": standing, "valid_until": valid_until, "effective_at": NOW - 1000}
    )
    public.services.office.state(changed, [public.services.keyring.issuer(_agency(public))])
    page = public.client().get(card_path(public)).text
    assert words in page
    assert "证件有效" not in page


def test_a_documents_mark_leads_to_its_record(public: Office, published: County) -> None:
    """Number, officers, service and publication; never the party."""
    page = public.client().get(document_path(published.case)).text
    for words in ("文书已核实", DECISION_NUMBER, "沈知远", "已送达", "已公示"):
        assert words in page
    assert "禾穗" not in page
    root = published.case.decision.statement.root  # type: ignore[attr-defined]
    assert root[:4] in page


def test_a_genuine_mark_without_a_record_is_told_apart(public: Office) -> None:
    """The tablet has not sent it yet: neither valid nor unknown."""
    world = World()
    world.salt()  # every number after this is another one
    other = staging.inspection(world)
    assert "记录还没有传到中心" in public.client().get(document_path(other)).text


# ── every page ───────────────────────────────────────────────────────────────────────────

PATHS = "/ /decisions /officers /officers/00992304117 /items /matrix /remedies /verify".split()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_small_and_has_no_scripts(
    public: Office, published: County, language: str
) -> None:
    """At most 100 KB each, policy included; the language is kept by a cookie."""
    client = public.client()
    decision = decision_of(published)
    for path in (*PATHS, decision, f"{decision}/verify", card_path(public)):
        page = client.get(path, params={"lang": language})
        assert page.status_code == 200
        assert len(page.content) <= 100_000
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert client.get(path).headers["content-language"] == (
            "en" if language == "en" else "zh-CN"
        )


def test_unknown_addresses_are_answered_in_human_words(public: Office) -> None:
    """A page for people; the tablets' addresses keep answering in JSON."""
    client = public.client()
    for path in ("/nowhere", "/decisions/xyz", f"/decisions/{'0' * 64}", "/officers/1"):
        page = client.get(path)
        assert page.status_code == 404
        assert "<h1>" in page.text
    assert client.get("/v1/push").status_code in (404, 405)


def _agency(office: Office) -> str:
    assert office.services is not None
    return next(iter(office.services.facts.registry.agencies))


def _site(office: Office) -> Site:
    assert office.services is not None
    return Site(office.services)
