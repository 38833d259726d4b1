"""A statement that comes after its link: whoever looks or decides sees it at once."""

from __future__ import annotations

import pytest

from protocol.messages import PushItem
from protocol.statements import DisclosureWithdrawn, blobs_of
from sync_server.log.journal import Changed
from sync_server.projections.tables import CASE
from sync_server.web.site import Site
from tests.cast import DECISION_NUMBER
from tests.sync_server.tablet import Tablet, item
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office
from tests.worlds import World


@pytest.fixture
def held_back(tmp_path_factory: pytest.TempPathFactory) -> County:
    """An inspection whose decision's statement the tablet has held back."""
    office = Office(tmp_path_factory.mktemp("held-back") / "data")
    office.found()
    office.start()
    try:
        tablet = Tablet(office.url, World())
        tablet.enrol(office.code("device", "YX-T07"))
        tablet.enrol_officers(office.code)
        case = staging.inspection(tablet.world)
        office.clock.set(tablet.world.now + 60_000)
        bare = [
            PushItem(link=one.link) if one.link == case.decision.link.encode() else one
            for one in tablet.links(case)
        ]
        tablet.push(bare)
    finally:
        office.stop()
    return County(office.folder, case)


def test_a_late_statement_is_seen_and_counted(
    open_office,
    held_back: County,  # type: ignore[no-untyped-def]
) -> None:
    """The list of cases shows it at the next look, though its entry is an old one; a decision
    that was made without it is refused."""
    office = open_office(held_back)
    case = held_back.case.opened
    client = office.signed_in("hejingting")
    assert "126号" not in client.get("/office").text
    seen = office.services.facts.case_version(case.hash)
    world = World()
    again = staging.inspection(world)
    assert again.decision.hash == held_back.case.decision.hash
    sent = Tablet(office.url, world).push_response([item(again.decision)])
    assert sent.status_code == 200
    assert "126号" in client.get("/office").text
    withdrawn = DisclosureWithdrawn(
        **world.said(case.hex), issued=again.decision.hex, reason="复议变更", clause="APL 48"
    )
    issuer = office.services.keyring.issuer(withdrawn.agency)
    with pytest.raises(Changed):
        office.services.office.state(withdrawn, [issuer], {case.hash: seen})


def test_projections_from_nothing_are_the_same_after_a_late_statement(
    open_office,
    held_back: County,  # type: ignore[no-untyped-def]
) -> None:
    """Rebuilding changes nothing, and a server that starts again folds nothing twice."""
    office = open_office(held_back)
    world = World()
    again = staging.inspection(world)
    office.client().get("/decisions")
    Tablet(office.url, world).push_response([item(again.decision)])
    office.client().get("/decisions")
    before = rows(office)
    assert before[0].decision == DECISION_NUMBER
    Site(office.services).projections.rebuild()
    assert rows(office) == before


def rows(office: Office) -> list[object]:
    """The list of cases as it is stored."""
    with office.services.db.engine.connect() as connection:
        return list(connection.execute(CASE.select()).all())


def test_a_case_with_a_late_statement_is_whole(
    open_office,
    held_back: County,  # type: ignore[no-untyped-def]
) -> None:
    """Its entry says for ever that it came late; the file holds and can be sealed."""
    office = open_office(held_back)
    world = World()
    case = staging.inspection(world)
    tablet = Tablet(office.url, world)
    tablet.push_response([item(case.decision)])
    for record in case.records:
        for ref in blobs_of(record.statement):
            tablet.upload(world.blobs[ref.sha256])
    answer = staging.archive(office, case)
    assert answer.url.query == b"done=archived", answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_was_admitted_against_a_rule_is_said_on_the_case_page(
    open_office,
    held_back: County,  # type: ignore[no-untyped-def]
    language: str,
) -> None:
    """Closed with a penalty of which no decision is here: the rule, its clause, what happened."""
    office = open_office(held_back)
    client = office.signed_in("hejingting")
    client.cookies.set("lang", language)
    shown = client.get(f"/office/cases/{held_back.case.opened.hex}").text
    words = {
        "zh": ("与规则不符", "OS-2", "《行政处罚法》第五十二条"),
        "en": ("Against a rule", "OS-2", "There is no decision, so the outcome", "APL 52"),
    }
    for one in words[language]:
        assert one in shown
