"""What a province shows of decisions that counties reported: only what each may say."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from protocol import reported
from protocol.case import Record, fold
from protocol.errors import FujieError, Malformed, Unverified
from protocol.parts import BlobRef
from protocol.redaction import Content, Piece, commit, content_root, reveal, segments
from protocol.reported import MEDIA_TYPE, PublicText
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureReported,
    DisclosureWithdrawn,
    ListedFacts,
    Statement,
)
from protocol.vocabulary import ActKind, DocumentKind, RemedyRoute, ServiceMethod
from sync_server.projections import reported as folded
from sync_server.projections.tables import DisclosureRow
from tests.sync_server.web import staging
from tests.worlds import World

ISSUED, ANOTHER = "22" * 32, "11990124MB0000009X"
DUE, ENDS = "2026-11-27", "2029-11-20"


class Counties:
    """What two counties said of one decision, and the words that came with it."""

    def __init__(self) -> None:
        self.world = World()
        self.case = staging.inspection(self.world).opened.hex
        self.told: list[Record[Statement]] = []
        self.texts: dict[str, bytes] = {}

    def say(self, kind: type[Statement], agency: str, **facts: object) -> Record[Statement]:
        said = self.world.said(self.case) | ({"agency": agency} if agency else {})
        made = self.world.state_office(kind(**said, **facts), self.world.publisher)  # type: ignore[arg-type]
        one = Record(made.hash, made.statement, (), made.link, made.index)
        self.told.append(one)
        return one

    def publish(
        self, agency: str = "", title: str = "处罚决定", facts: ListedFacts | None = None
    ) -> Record[Statement]:
        return self.say(
            DisclosurePublished,
            agency,
            issued=ISSUED,
            title=title,
            shown=["fine"],
            masked=[],
            matrix_row="penalty",
            clause="《行政处罚法》第四十八条",
            due_on=DUE,
            display_until=ENDS,
            facts=facts,
        )

    def correct(self, publication: Record[Statement], title: str) -> Record[Statement]:
        return self.say(
            DisclosureCorrected,
            "",
            issued=ISSUED,
            publication=publication.id,
            title=title,
            shown=["fine"],
            masked=[],
            reason="标题有误",
        )

    def withdraw(self, agency: str = "") -> None:
        self.say(
            DisclosureWithdrawn,
            agency,
            issued=ISSUED,
            reason="已撤销",
            clause="《行政处罚法》第四十八条",
        )

    def report(
        self,
        publication: Record[Statement],
        agency: str = "",
        title: str = "处罚决定",
        address: str = "",
        **changes: object,
    ) -> str:
        data = reported.encode(msgspec.structs.replace(words(title), **changes))
        sha256 = hashlib.sha256(data).hexdigest()
        text = BlobRef(sha256=sha256, size=len(data), media_type=MEDIA_TYPE)
        self.say(
            DisclosureReported,
            agency,
            to="log.qingshi.example/fujie",
            issued=ISSUED,
            publication=publication.id,
            text=text,
            address=address,
        )
        self.texts[sha256] = data
        return sha256

    def rows(self) -> list[DisclosureRow]:
        return folded.rows(fold(self.told, self.case), self.texts)


def text_of(words: str) -> Content:
    return commit([Piece("fine", words)], [bytes(16)], "spot-decision", 1)


def words(title: str) -> PublicText:
    content = text_of("罚款500元")
    return PublicText(
        issued=ISSUED,
        number="云市监当罚〔2026〕126号",
        title=title,
        act=ActKind.PENALTY,
        document=DocumentKind.SPOT_DECISION,
        template="spot_decision@1",
        penalties=[],
        fine=50000,
        remedy=RemedyRoute.RECONSIDER_FIRST,
        decided_on="2026-11-18",
        due_on="2030-01-01",
        published_at=1,
        display_until=None,
        matrix_row="another",
        clause="another",
        served_at=None,
        served_how="",
        root=content_root(content).hex(),
        segments=segments(content),
        shown=reveal(content, {"fine"}),
        masked=[],
    )


SERVED = {"served_at": 1_794_963_600_000, "served_how": "personal"}


def listed(**changes: object) -> ListedFacts:
    """What two persons sign of that decision."""
    text = words("处罚决定")
    names = ("number", "document", "act", "penalties", "fine", "remedy", "decided_on", "root")
    kept = {name: getattr(text, name) for name in names}
    return ListedFacts(**(kept | {"served_at": None, "served_how": None} | changes))


@pytest.fixture
def counties() -> Counties:
    return Counties()


def test_what_two_persons_signed_counts_whatever_the_words_say(counties: Counties) -> None:
    publication = counties.publish()
    counties.report(publication)
    (row,) = counties.rows()
    assert row.issued == publication.hash
    assert (row.published_at, row.due_on, row.display_until, row.matrix_row, row.clause) == (
        publication.statement.at,
        DUE,
        ENDS,
        "penalty",
        "《行政处罚法》第四十八条",
    )


def test_older_publications_are_shown_by_the_word_of_the_countys_server(
    counties: Counties,
) -> None:
    counties.report(counties.publish(), **SERVED)
    (row,) = counties.rows()
    assert (row.vouched, row.fine, row.served_how) == ("", 50000, "personal")


def test_what_the_publishers_signed_of_a_decision_is_vouched_for_by_them(
    counties: Counties,
) -> None:
    """Service too, where it came before; where it came later, that is the server's word."""
    counties.report(counties.publish(facts=listed()), **SERVED)
    (row,) = counties.rows()
    assert (row.vouched, row.served_how) == ("listed", "personal")


def test_a_service_that_was_signed_counts_whatever_the_words_say(counties: Counties) -> None:
    signed = listed(served_at=5, served_how=ServiceMethod.LEAVING)
    counties.report(counties.publish(facts=signed), **SERVED)
    (row,) = counties.rows()
    assert (row.vouched, row.served_at, row.served_how) == ("listed service", 5, "leaving")


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "云市监当罚〔2026〕127号"},
        {"fine": 5},
        {"decided_on": "2026-11-17"},
        {"remedy": RemedyRoute.FREE_CHOICE},
        {"act": ActKind.PERMIT},
        {
            "root": content_root(text_of("罚款5元")).hex(),
            "segments": segments(text_of("罚款5元")),
            "shown": reveal(text_of("罚款5元"), {"fine"}),
        },
    ],
)
def test_a_countys_server_says_nothing_else_than_was_signed(
    counties: Counties, changes: dict[str, object]
) -> None:
    """Another number or fine, and words under other commitments, are not shown at all."""
    counties.report(counties.publish(facts=listed()), **changes)
    assert counties.rows() == []


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("https://yunxi.example/", f"https://yunxi.example/decisions/{ISSUED}"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("https://yunxi.example/?x=", ""),
        ("https://yunxi.example/ a", ""),
        ("https://云溪.example", ""),
        ("https://yunxi.example@elsewhere.example", ""),
    ],
)
def test_where_a_county_is_is_an_address_of_a_web_site(
    counties: Counties, address: str, source: str
) -> None:
    counties.report(counties.publish(), address=address)
    (row,) = counties.rows()
    assert row.source == source


def test_a_county_neither_takes_over_nor_withdraws_what_another_reported(
    counties: Counties,
) -> None:
    own = counties.publish()
    counties.report(own)
    (before,) = counties.rows()
    theirs = counties.publish(ANOTHER)
    counties.report(theirs, ANOTHER)
    counties.withdraw(ANOTHER)
    found = {row.agency: row for row in counties.rows()}
    assert found.keys() == {before.agency, ANOTHER}
    assert found[before.agency].model_dump() == before.model_dump()
    assert found[ANOTHER].withdrawn_at is not None
    assert found[ANOTHER].issued == theirs.hash


def test_a_report_of_anothers_publication_is_none(counties: Counties) -> None:
    own = counties.publish()
    counties.report(own, ANOTHER)
    assert counties.rows() == []


def test_a_report_of_anothers_publication_takes_nothing_away(counties: Counties) -> None:
    """Not its words, and not where they come from."""
    own = counties.publish()
    counties.report(own, address="https://yunxi.example")
    (before,) = counties.rows()
    counties.report(own, ANOTHER, title="另一份", address="https://elsewhere.example")
    assert [row.model_dump() for row in counties.rows()] == [before.model_dump()]


def test_words_that_were_corrected_are_not_shown_until_the_new_ones_come(
    counties: Counties,
) -> None:
    own = counties.publish()
    counties.report(own)
    correction = counties.correct(own, "行政处罚决定")
    assert counties.rows() == []
    counties.report(correction, title="行政处罚决定")
    (row,) = counties.rows()
    assert (row.issued, row.publication) == (own.hash, correction.hash)
    assert row.title == "行政处罚决定"
    assert row.corrected_reason == "标题有误"


def test_a_withdrawal_stands_though_the_last_words_never_came(counties: Counties) -> None:
    own = counties.publish()
    counties.report(own)
    counties.correct(own, "行政处罚决定")
    counties.withdraw()
    (row,) = counties.rows()
    assert row.withdrawn_reason == "已撤销"
    assert row.segments == b"[]"
    counties.correct(own, "什么都不更正")
    assert [one.model_dump() for one in counties.rows()] == [row.model_dump()]
    again = counties.publish()
    counties.report(again)
    (row,) = counties.rows()
    assert (row.issued, row.publication, row.withdrawn_at) == (own.hash, again.hash, None)


def test_a_file_that_was_changed_on_the_disk_shows_nothing(counties: Counties) -> None:
    sha256 = counties.report(counties.publish())
    counties.texts[sha256] = counties.texts[sha256].replace(b"126", b"127")
    assert counties.rows() == []


@pytest.mark.parametrize("field", ["act", "document", "remedy"])
def test_words_that_no_page_has_a_name_for_are_no_public_text(field: str) -> None:
    said = msgspec.to_builtins(words("处罚决定"))
    with pytest.raises(Malformed):
        reported.read(msgspec.json.encode(said | {field: "unheard_of"}), ["fine"], [])
    assert reported.read(msgspec.json.encode(said), ["fine"], [])


def test_words_that_were_not_published_are_nobodys_report() -> None:
    text = words("处罚决定")
    data = reported.encode(text)
    assert reported.read(data, ["fine"], []) == text
    with pytest.raises(Malformed):
        reported.read(data, ["fine", "facts"], [])
    with pytest.raises(Malformed):
        reported.read(data + b" ", ["fine"], [])
    shown = [msgspec.structs.replace(text.shown[0], text="罚款5元")]
    with pytest.raises(Unverified):
        reported.read(reported.encode(msgspec.structs.replace(text, shown=shown)), ["fine"], [])
    other = reported.encode(msgspec.structs.replace(text, root="11" * 32))
    with pytest.raises(Unverified):
        reported.read(other, ["fine"], [])
    with pytest.raises(FujieError):
        reported.read(b"{}", [], [])
