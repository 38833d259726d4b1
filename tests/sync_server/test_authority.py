"""What stands in a case: the words of those who may say them, of the case's own agency."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from protocol import envelope
from protocol.case import AnyRecord, Record
from protocol.registry import authority, registry, standing
from protocol.registry.registry import Registry, Staff, Told
from protocol.statements import (
    ApprovalGiven,
    DeviceReinstated,
    DeviceSuspended,
    DisclosurePublished,
    FileArchived,
    FileRetrieved,
    RecusalAsked,
    StaffEnded,
    StaffRegistered,
    StaffRoleChanged,
    Statement,
)
from protocol.vocabulary import ApprovalSubject, Role, StaffRole
from sync_server.office import approvals
from sync_server.office.approvals import ApprovalRequest, NotApprovable
from tests.cast import AGENCY, Inspection, Recorded, seeded
from tests.cast import Staff as Clerk
from tests.protocol import yunxi
from tests.protocol.measured import SIGNED
from tests.worlds import World

OTHER = "11990124MB0000002B"
HEAD = Clerk(seeded("gu"), "gumingyuan", "顾明远", StaffRole.AGENCY_HEAD)


@pytest.fixture
def world() -> World:
    """The small world."""
    return World()


def record_of(made: Recorded) -> AnyRecord:
    """As the fold takes it."""
    keys = tuple(one.key_id for one in made.envelope.signatures)
    return Record(made.hash, made.statement, keys, made.link, made.index)


def known(world: World, agency: str, *clerks: Clerk) -> Registry:
    """The registrations of the world, and people of one more agency."""
    folded = Registry()
    for made in world.registrations:
        signers = [one.key_id for one in made.envelope.signatures]
        folded = registry.apply(
            folded, Told(made.statement, signers, envelope.record_hash(made.envelope), made.index)
        )
    people = {
        (agency, one.account): Staff(
            agency, one.account, one.name, one.role, one.signer.verifier, 0
        )
        for one in clerks
    }
    return replace(folded, staff={**folded.staff, **people})


def said(world: World, case: Inspection, kind: str) -> tuple[Statement, tuple[Clerk, ...]]:
    """A word of the office about the case, and who signs it."""
    common = world.said(case.opened.hex)
    if kind == "approval":
        given = ApprovalGiven(
            **common, subject=ApprovalSubject.MEASURE, granted=True, reason="同意"
        )
        return given, (HEAD,)
    if kind == "retrieval":
        looked = FileRetrieved(**common, package="ab" * 32, by="方砚秋", purpose="抽查")
        return looked, (world.supervisor,)
    published = next(x for x in case.records if isinstance(x.statement, DisclosurePublished))
    again = msgspec.structs.replace(published.statement, **common)
    return again, (world.publisher, world.reviewer)


@pytest.mark.parametrize(
    ("agency", "kind", "stands"),
    [
        (AGENCY, "approval", True),
        (OTHER, "approval", False),
        (OTHER, "publication", False),
        (OTHER, "retrieval", True),
    ],
)
def test_another_agencys_word_is_no_step_of_a_case(
    world: World, agency: str, kind: str, stands: bool
) -> None:
    """Its head approves nothing here and its publishers publish nothing; who supervises may look.
    A tablet is not given such words either."""
    case = world.inspection()
    statement, by = said(world, case, kind)
    told = world.state_office(msgspec.structs.replace(statement, agency=agency), *by)
    records = [record_of(one) for one in (case.opened, *case.records[1:], told)]
    clerks = (HEAD, world.publisher, world.reviewer, world.supervisor)
    folded = known(world, agency, *clerks)
    assert authority.stands(folded, records[-1])
    assert (records[-1] in authority.sound(folded, records)) is stands
    assert records[0] in authority.sound(folded, records)


def test_what_persons_signed_stands_whoever_brought_it_first(world: World) -> None:
    """Another agency's server, or tablet, that was quicker keeps nothing from the public. Of what
    no person of the staff signs, a tablet of its own agency has to be the one that says it."""
    case = world.inspection()
    published, by = said(world, case, "publication")
    mine = record_of(world.state_office(published, *by))
    folded = known(world, AGENCY, world.publisher, world.reviewer)
    (tablet,) = [one for one in folded.devices.values() if one.journal == case.opened.link.journal]
    elsewhere = replace(tablet, agency=OTHER)
    name = (OTHER, tablet.name)
    journals = {**folded.journals, tablet.journal: name}
    moved = replace(folded, devices={**folded.devices, name: elsewhere}, journals=journals)
    link = mine.link._replace(journal=tablet.journal)
    assert authority.stands(moved, replace(mine, link=link))
    assert authority.stands(folded, record_of(case.opened))
    assert not authority.stands(moved, record_of(case.opened))


def test_who_has_another_role_now_said_rightly_what_was_said_before(world: World) -> None:
    """A role counts from its entry on: what the head approved stands, what a former head
    approves does not."""
    case = world.inspection()
    folded = known(world, AGENCY)
    roles = (StaffRole.AGENCY_HEAD, StaffRole.HANDLER)
    told = []
    for role in roles:
        registered = StaffRegistered(
            **world.said(),
            account=HEAD.account,
            name=HEAD.name,
            role=role,
            public_key=HEAD.signer.verifier.public_key.hex(),
        )
        made = world.state_office(registered, Clerk(world.issuer, "", "", role))
        issuer = [world.issuer.verifier.key_id]
        folded = registry.apply(folded, Told(registered, issuer, made.hash, made.index))
        told.append(record_of(world.state_office(*_one(said(world, case, "approval")))))
    assert [authority.stands(folded, one) for one in told] == [True, False]


def _one(words: tuple[Statement, tuple[Clerk, ...]]) -> tuple[Statement, Clerk]:
    statement, (clerk,) = words
    return statement, clerk


# ── the head's word on a wish for recusal ────────────────────────────────────────────────


def wish(story: yunxi.Story) -> AnyRecord:
    """The party asks that an officer steps back, and nobody writes a request to the head."""
    asked = RecusalAsked(**yunxi.common(), officers=[yunxi.SHEN], reason="亲属", act=SIGNED)
    return story.tell(asked)


def told_by_head(story: yunxi.Story) -> ApprovalGiven:
    request = ApprovalRequest(ApprovalSubject.RECUSAL, granted=True, reason="属实")
    return approvals.answer(request, story.state(), yunxi.AGENCY, now=story.now, salt=yunxi.SALT)


def test_the_heads_word_on_recusal_is_about_the_wish_itself() -> None:
    """Named by nobody, it is the one wish that waits, so that the officer steps back."""
    story = yunxi.whole_inspection()
    asked = wish(story)
    given = told_by_head(story)
    assert given.concerning == asked.id
    story.tell(given)
    assert story.state().decided(ApprovalSubject.RECUSAL) == {asked.id: True}
    wish(story)
    wish(story)
    with pytest.raises(NotApprovable, match="2 requests"):
        told_by_head(story)
    assert SIGNED.role is Role.PARTY


# ── who may say that somebody comes, changes or goes ─────────────────────────────────────


def test_only_a_registrar_of_the_agency_ends_an_account_or_changes_a_role(world: World) -> None:
    """Another's word, of the office or of a registrar elsewhere, leaves the person as it was."""
    registrar = Clerk(seeded("tang"), "tangyining", "唐一宁", StaffRole.REGISTRAR)
    here = known(world, AGENCY, registrar)
    elsewhere = known(world, OTHER, registrar)
    said = {"agency": AGENCY, "at": 1, "salt": "00" * 16, "account": "xuwen", "reason": "调离"}
    ended, changed = StaffEnded(**said), StaffRoleChanged(**said, role=StaffRole.HANDLER)
    for statement in (ended, changed):
        for before, signer in (
            (here, world.publisher.signer),
            (here, world.archivist.signer),
            (elsewhere, registrar.signer),
        ):
            told = Told(statement, [signer.verifier.key_id], b"", 99)
            assert registry.apply(before, told) is before
    key = registrar.signer.verifier.key_id
    after = registry.apply(here, Told(ended, [key], b"", 99))
    assert after.staff[AGENCY, "xuwen"].ended
    assert registry.apply(after, Told(changed, [key], b"", 100)) is after


def test_what_an_ended_person_signed_before_stands_and_nothing_after(world: World) -> None:
    """By the place in the log; and an ended registrar lets nobody in any more."""
    case = world.inspection()
    sealed = next(one for one in case.records if isinstance(one.statement, FileArchived))
    record = record_of(sealed)
    assert record.index is not None
    people = known(world, AGENCY)
    name = (AGENCY, world.archivist.account)
    then = replace(people.staff[name], ended=True, before=people.staff[name])
    for index, stands in ((record.index + 1, True), (record.index - 1, False)):
        gone = {**people.staff, name: replace(then, index=index)}
        after = replace(people, staff=gone)
        assert authority.stands(after, record) is stands


def test_a_tablet_is_suspended_by_its_registrar_alone(world: World) -> None:
    """And trusted again when it is reinstated; revoked for good it is neither."""
    registrar = Clerk(seeded("tang"), "tangyining", "唐一宁", StaffRole.REGISTRAR)
    here, key = known(world, AGENCY, registrar), registrar.signer.verifier.key_id
    common = {"agency": AGENCY, "at": 5, "salt": "00" * 16, "device": "YX-T07", "reason": "送修"}
    rest, go_on = DeviceSuspended(**common, effective_at=5), DeviceReinstated(**common)
    other = Told(rest, [world.supervisor.signer.verifier.key_id], b"", 99)
    assert registry.apply(here, other) is here
    resting = registry.apply(here, Told(rest, [key], b"", 99))
    device = resting.devices[AGENCY, "YX-T07"]
    assert (device.is_trusted(4), device.is_trusted(5)) == (True, False)
    assert standing.mark(resting, ("device", AGENCY, "YX-T07")) == 99
    again = registry.apply(resting, Told(go_on, [key], b"", 100))
    assert again.devices[AGENCY, "YX-T07"].is_trusted(5)
    revoked = replace(device, revoked_at=3)
    ended = replace(here, devices={**here.devices, (AGENCY, "YX-T07"): revoked})
    assert registry.apply(ended, Told(go_on, [key], b"", 101)) is ended
