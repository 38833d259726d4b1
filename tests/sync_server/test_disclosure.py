"""What a public row gives away: its pieces, and never a statement that tells what is masked."""

from __future__ import annotations

import msgspec
import pytest

from protocol.case import CaseState, Record, fold
from protocol.redaction import Content, decode_content
from protocol.statements import DisclosurePublished, DocumentIssued, Mask, SignRefused
from protocol.vocabulary import Ground, Role
from sync_server.projections import disclosure
from tests.cast import Inspection, Recorded
from tests.sync_server.web import staging
from tests.worlds import World


@pytest.fixture
def world() -> World:
    """The small world."""
    return World()


def decided(world: World, case: Inspection, masked: str, reason: str) -> tuple[CaseState, Content]:
    """The case with a decision that the party would not sign, for ``reason``; published
    with ``masked`` behind the representative's surname."""
    issued = case.decision.statement
    assert isinstance(issued, DocumentIssued)
    read = decode_content(case.blobs[issued.content.sha256])
    content = msgspec.structs.replace(
        read,
        pieces=[
            msgspec.structs.replace(one, text=masked) if one.name == "party_legal_rep#1" else one
            for one in read.pieces
        ],
    )
    refused = SignRefused(role=Role.PARTY, reason=reason, over=issued.root, at=issued.at)
    alike = msgspec.structs.replace(issued, party_act=refused, salt=world.salt())
    record = world.state(alike, world.shen, world.lu)
    hidden = {"party_legal_rep#1", "party_phone"}
    names = [piece.name for piece in content.pieces]
    assert hidden < set(names)
    published = DisclosurePublished(
        **world.said(case.opened.hex),
        issued=record.hex,
        title="未标明价格案",
        shown=[name for name in names if name not in hidden],
        masked=[Mask(name=name, ground=Ground.NATURAL_PERSON) for name in sorted(hidden)],
        matrix_row="X-1",
        clause="APL 48",
        due_on="2026-11-27",
        display_until=None,
    )
    told = world.state_office(published, world.publisher, world.reviewer)
    return fold(record_of(one) for one in (case.opened, record, told)), content


def record_of(made: Recorded) -> Record[object]:  # type: ignore[type-var]
    """As the fold takes it."""
    return Record(made.hash, made.statement, (), made.link, made.index)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("masked", "reason", "given"),
    [
        ("明禾", "本人拒绝签字", True),
        ("明禾", "周明禾不在场", False),
        ("明禾", "请打 0799-5550128", False),
        ("禾", "周禾不在场", False),
        ("禾", "禾穗公司无人在场", True),
        ('明"禾"', '周明"禾"不在场', False),
    ],
)
def test_a_statement_that_tells_what_is_masked_is_no_proof(
    world: World, masked: str, reason: str, given: bool
) -> None:
    """A reason for not signing is typed by hand and signed as it is: long, short, in quotes."""
    case = staging.inspection(world)
    state, content = decided(world, case, masked, reason)
    (row,) = disclosure.rows(state, {case.decision.statement.content.sha256: content})  # type: ignore[attr-defined]
    assert row.provable is given
