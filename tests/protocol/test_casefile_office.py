"""What the office decides and corrects is proved by the case file like what the officers do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
import pytest

from protocol.casecheck import Level
from protocol.statements import DecisionMade, DisclosureCorrected, DocumentIssued, ReviewRequested
from protocol.vocabulary import DocumentKind
from tests import acts
from tests.casefiles import case_parts, packed, verdict
from tests.cast import DECISION_NUMBER, Inspection, Recorded, spot_fine
from tests.worlds import World


def failed(make: Callable[[World, Recorded], list[Recorded]], *, lost: str = "") -> list[str]:
    """The checks that do not hold of a case with what ``make`` adds; without the ``lost`` blob."""
    world = World()
    opened = world.state(acts.opening(world), world.shen, world.lu)
    before = set(world.blobs)
    more = make(world, opened)
    blobs = {name: data for name, data in world.blobs.items() if name not in before}
    blobs.pop(lost, None)
    case = Inspection(opened, [], opened, opened, opened, [opened, *more], blobs)
    checks = verdict(packed(case_parts(world, case)), world).values()
    return [one.name for one in checks if one.level in (Level.FAILS, Level.LACKS)]


def decided(world: World, opened: Recorded) -> DecisionMade:
    """A decision of the office with the text of a document."""
    document = acts.document(
        world, opened.hex, DocumentKind.PENALTY_DECISION, DECISION_NUMBER, spot_fine()
    )
    assert document.decision is not None
    for act in (document.pdf, document.party_act, *document.officer_acts):
        blob = getattr(act, "handwriting", act)
        world.blobs.pop(blob.sha256)
    return DecisionMade(
        **world.said(opened.hex),
        decision=document.decision,
        text=document.content,
        root=document.root,
        segments=document.segments,
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"root": "00" * 32}, ["documents"]),
        ({"segments": []}, ["documents"]),
    ],
)
def test_the_text_of_a_decision_opens_what_was_signed(
    change: dict[str, object], expected: list[str]
) -> None:
    def make(world: World, opened: Recorded) -> list[Recorded]:
        statement = msgspec.structs.replace(decided(world, opened), **change)
        return [world.state_office(statement, world.publisher)]

    assert failed(make) == expected


def test_a_draft_for_review_travels_with_its_case() -> None:
    """It is named by a blob like every other paper; without it the file is not whole."""

    def make(world: World, opened: Recorded) -> list[Recorded]:
        named = world.blob(b"the draft", "application/json")
        asked = ReviewRequested(
            **world.said(opened.hex),
            draft=named,
            catalogue_item="罚没5万元以上",
            review_unit="法规股",
            why="数额较大",
        )
        return [world.state_office(asked, world.publisher)]

    assert failed(make) == []
    assert failed(make, lost=hashlib.sha256(b"the draft").hexdigest()) == ["blobs"]


@pytest.mark.parametrize(
    ("by", "changes", "expected"),
    [
        (("publisher", "reviewer"), {}, []),
        (("publisher",), {}, ["disclosure"]),
        (("publisher", "reviewer"), {"shown": []}, ["disclosure"]),
        (("publisher", "reviewer"), {"issued": "00" * 32}, ["disclosure"]),
    ],
)
def test_a_correction_is_by_two_and_speaks_of_every_piece(
    by: tuple[str, ...], changes: dict[str, object], expected: list[str]
) -> None:
    def make(world: World, opened: Recorded) -> list[Recorded]:
        issued = world.state(
            acts.document(
                world, opened.hex, DocumentKind.SPOT_DECISION, DECISION_NUMBER, spot_fine()
            ),
            world.shen,
            world.lu,
        )
        assert isinstance(issued.statement, DocumentIssued)
        first = world.state_office(
            acts.publication(world, opened.hex, issued), world.publisher, world.reviewer
        )
        said = acts.publication(world, opened.hex, issued)
        correction = DisclosureCorrected(
            **world.said(opened.hex),
            issued=issued.hex,
            publication=first.hex,
            title=said.title,
            shown=said.shown,
            masked=said.masked,
            reason="标题有误",
        )
        changed = msgspec.structs.replace(correction, **changes)
        people = (getattr(world, name) for name in by)
        return [issued, first, world.state_office(changed, *people)]

    assert failed(make) == expected
