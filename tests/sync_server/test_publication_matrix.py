"""Which decisions the matrix of the catalogue publishes, when, and for how long."""

from datetime import date

import pytest

from protocol.calendar import CALENDAR_2026, WorkCalendar
from protocol.publication import display_end, due_day, matrix_row
from protocol.statements import Decision
from protocol.vocabulary import ActKind, PartyClass, PenaltyKind, Procedure, RemedyRoute
from sync_server.catalogue import load_matrix

calendar = WorkCalendar.of([CALENDAR_2026])
MATRIX = load_matrix()


def decision(
    act=ActKind.PENALTY, procedure=Procedure.SUMMARY, penalties=(PenaltyKind.FINE,), fine=50_000
) -> Decision:
    return Decision(
        act=act,
        procedure=procedure,
        party_class=PartyClass.ORGANISATION,
        penalties=list(penalties),
        fine=fine,
        remedy=RemedyRoute.RECONSIDER_FIRST,
        decided_on="2026-11-18",
    )


@pytest.mark.parametrize(
    ("one", "row_id", "publish", "days"),
    [
        (decision(), "penalty-summary-fine", True, 7),
        (decision(procedure=Procedure.ORDINARY), "penalty-ordinary", True, 7),
        (decision(penalties=[PenaltyKind.WARNING], fine=0), "penalty-summary-warning", False, 7),
        (
            decision(procedure=Procedure.ORDINARY, penalties=[PenaltyKind.WARNING], fine=0),
            "penalty-ordinary-warning",
            False,
            7,
        ),
        (
            decision(penalties=[PenaltyKind.WARNING, PenaltyKind.FINE]),
            "penalty-summary-fine",
            True,
            7,
        ),
        (decision(act=ActKind.PERMIT, penalties=[]), "permit", True, 7),
        (decision(act=ActKind.INSPECTION, penalties=[]), "inspection", True, 20),
        (decision(act=ActKind.COERCION, penalties=[]), "coercion", True, 20),
    ],
)
def test_the_matrix_rules_each_decision(one, row_id, publish, days):
    """Permits and penalties in 7 working days, others in 20; a mere warning not at all."""
    row = matrix_row(MATRIX, one)
    assert (row.id, row.publish, row.limit_days) == (row_id, publish, days)
    assert row.clause


def test_every_act_has_a_row():
    """No kind of act falls through the default matrix."""
    for act in ActKind:
        for procedure in Procedure:
            assert matrix_row(MATRIX, decision(act=act, procedure=procedure))


def test_an_empty_matrix_says_nothing():
    """Where the agency has no row, no row is invented."""
    assert matrix_row([], decision()) is None


def test_publication_is_due_in_working_days_from_the_decision():
    """A decision of Wednesday 18 November is due on Friday 27 November."""
    row = matrix_row(MATRIX, decision())
    assert due_day(row, date(2026, 11, 18), calendar) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("months", "start", "end"),
    [
        (3, date(2026, 11, 20), date(2027, 2, 20)),
        (3, date(2026, 11, 30), date(2027, 2, 28)),
        (36, date(2028, 2, 29), date(2031, 2, 28)),
        (1, date(2026, 12, 31), date(2027, 1, 31)),
        (None, date(2026, 11, 20), None),
    ],
)
def test_display_ends_months_after_publication(months, start, end):
    """Display ends on the same day of the month, or its last one; or never."""
    row = MATRIX[1]
    changed = type(row)(
        **{f: getattr(row, f) for f in row.__struct_fields__} | {"display_months": months}
    )
    assert display_end(changed, start) == end
