"""A decision that no longer stands: said on the case's page, never published, due to go."""

from __future__ import annotations

import io
import os

import pytest

from protocol.case import CaseState
from protocol.casecheck import verify_zip
from protocol.casetrust import Trust
from protocol.keys import Ed25519Signer
from protocol.note import VerifierKey
from protocol.statements import (
    CaseOpened,
    DecisionRevoked,
    DisclosureCorrected,
    DisclosurePublished,
    StaffRegistered,
    Statement,
)
from protocol.vocabulary import CaseSource, RevocationGround, StaffRole
from sync_server.cases import proofs
from sync_server.projections import queries
from sync_server.web.site import Site
from tests.cast import AGENCY, party
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office


def said(office: Office, case: str | None = None) -> dict[str, object]:
    return {
        "agency": AGENCY,
        "at": office.clock.now(),
        "salt": os.urandom(16).hex(),
        "case": case,
    }


def person(office: Office, account: str, role: StaffRole) -> Ed25519Signer:
    """Somebody of the office, with a key of the person's own."""
    assert office.services is not None
    signer = Ed25519Signer(os.urandom(32))
    issuer = office.services.keyring.issuer(AGENCY)
    registered = StaffRegistered(
        **said(office),
        account=account,
        name="某人",
        role=role,
        public_key=signer.verifier.public_key.hex(),
    )
    office.services.office.state(registered, [issuer])
    return signer


def state(office: Office, statement: Statement, *by: Ed25519Signer) -> bytes:
    assert office.services is not None
    return office.services.office.state(statement, list(by)).record_hash


def revoke(office: Office, county: County, role: StaffRole = StaffRole.AGENCY_HEAD) -> None:
    """The county's government revoked the decision; ``role`` says so in the office."""
    statement = DecisionRevoked(
        **said(office, county.case.opened.hex),
        issued=county.case.decision.hex,
        ground=RevocationGround.REVOKED,
        authority="云溪县人民政府",
        reason="主要事实不清",
        effective_on="2026-11-20",
    )
    state(office, statement, person(office, "zhouheming", role))


def case_state(office: Office, county: County) -> CaseState:
    assert office.services is not None
    return Site(office.services).projections.state(county.case.opened.hash)


def test_the_case_page_says_so_and_offers_no_publication(office: Office, inspected: County) -> None:
    revoke(office, inspected)
    page = office.signed_in("hejingting").get(f"/office/cases/{inspected.case.opened.hex}").text
    assert "当场行政处罚决定书依法撤销" in page
    assert "决定已不再有效" in page
    assert "公示决定" not in page


def test_a_revoked_decision_is_not_published(office: Office, inspected: County) -> None:
    revoke(office, inspected)
    client, case = office.signed_in("hejingting"), inspected.case
    answer = client.get(f"/office/cases/{case.opened.hex}/publish/{case.decision.hex}")
    assert answer.status_code == 409
    assert "该决定已不再有效，不得公示" in answer.text
    assert office.services is not None
    assert office.services.facts.of_kind("disclosure_published") == []


def test_what_is_public_of_it_is_due_to_go(public: Office, published: County) -> None:
    """With the day: three working days after Friday the 20th."""
    revoke(public, published)
    page = public.signed_in("hejingting").get(f"/office/cases/{published.case.opened.hex}").text
    assert "应当撤下" in page
    assert "（含当日）撤下并说明理由" in page


@pytest.mark.parametrize("role", [StaffRole.PUBLISHER, StaffRole.REVIEWER])
def test_nobody_but_the_head_says_that_a_decision_was_revoked(
    office: Office, inspected: County, role: StaffRole
) -> None:
    """Anybody else's word is in the log, and the case stands as it stood."""
    revoke(office, inspected, role)
    decision = case_state(office, inspected).decision
    assert decision is not None
    assert decision.revoked is None


def test_a_correction_by_two_shows_instead_and_is_proved(public: Office, published: County) -> None:
    """One more piece masked; page and proof follow. By one person it changes nothing."""
    before = case_state(public, published).decision
    assert before is not None
    assert before.published is not None
    first = before.published.statement
    extra = first.shown[-1]
    correction = DisclosureCorrected(
        **said(public, published.case.opened.hex),
        issued=first.issued,
        publication=before.published.id,
        title="更正后的标题",
        shown=first.shown[:-1],
        masked=[*first.masked, type(first.masked[0])(name=extra, ground=first.masked[0].ground)],
        reason="误公开",
    )
    he = person(public, "he2", StaffRole.PUBLISHER)
    state(public, correction, he)
    decision = case_state(public, published).decision
    assert decision is not None
    assert isinstance(decision.showing and decision.showing.statement, DisclosurePublished)
    record = state(public, correction, he, person(public, "luo2", StaffRole.HANDLER))
    assert public.services is not None
    site = Site(public.services)
    site.projections.catch_up()
    row = queries.decision(public.services.db, bytes.fromhex(first.issued))
    assert row is not None
    assert (row.title, row.publication) == ("更正后的标题", record)
    assert proofs.prove(public.services.facts, public.services.log_key, row).holds
    assert "更正后的标题" in public.client().get(f"/decisions/{first.issued}").text


def test_a_case_without_an_inspection_has_its_page(office: Office, inspected: County) -> None:
    """Opened by the office: in the list, with its handlers, without a place."""
    handler = person(office, "zhengban", StaffRole.HANDLER)
    opened = CaseOpened(
        **said(office),
        number="云市监立〔2026〕41号",
        cause="未标明价格",
        party=party(),
        source=CaseSource.COMPLAINT,
        handlers=["00992304117"],
        handling_unit="综合行政执法大队",
    )
    case = state(office, opened, handler)
    client = office.signed_in("hejingting")
    assert "云市监立〔2026〕41号" in client.get("/office").text
    page = client.get(f"/office/cases/{case.hex()}")
    assert page.status_code == 200
    assert "已立案" in page.text
    assert "沈知远" in page.text
    archivist = office.signed_in("xuwen")
    assert archivist.get(f"/office/cases/{case.hex()}/archive").status_code == 200
    file = io.BytesIO(archivist.get(f"/office/cases/{case.hex()}/export").content)
    assert [one.name for one in verify_zip(file, trust(office)) if not one.ok] == []


def trust(office: Office) -> Trust:
    """The log's key and the agencies' roots."""
    assert office.services is not None
    agencies = office.services.facts.registry.agencies
    return Trust(
        (VerifierKey.parse(office.services.log_key),),
        {agency: known.roots for agency, known in agencies.items()},
    )
