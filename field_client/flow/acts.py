"""The acts that an officer may begin, in groups, each with when it was done last.

groups(desk, state, doors)      only what has a door is offered
"""

from __future__ import annotations

from collections.abc import Collection

from field_client.flow import terms
from field_client.flow.desk import Desk
from field_client.ui.presenters.common import clock_words
from field_client.ui.presenters.inspection import Act, ActGroup
from protocol.case import CaseState
from protocol.statements import (
    FineCollected,
    HandedOver,
    IdentityShown,
    MeasureTaken,
    MediaCaptured,
    RecusalAsked,
    RightsNotified,
    Statement,
    StatementTaken,
)
from protocol.vocabulary import DocumentKind, Measure

LOOKING = frozenset({"gallery", "papers"})
MEASURES = (Measure.PRESERVATION, Measure.SAMPLING, Measure.SEAL, Measure.SEIZE)
ICONS = {
    Measure.PRESERVATION: "archive",
    Measure.SAMPLING: "flask",
    Measure.SEAL: "lock",
    Measure.SEIZE: "package",
}


def groups(desk: Desk, state: CaseState, doors: Collection[str]) -> tuple[ActGroup, ...]:
    """All acts of an inspection; of one that is closed, those that only look."""
    known = LOOKING & {*doors} if state.closed is not None else doors
    found = (
        ActGroup(key, title, tuple(act for act in acts if act.key in known))
        for key, title, acts in _all(desk, state)
    )
    return tuple(group for group in found if group.acts)


def _all(desk: Desk, state: CaseState) -> list[tuple[str, str, tuple[Act, ...]]]:
    _, done = desk._, _Done(desk, state)
    return [
        (
            "card",
            _("Cards"),
            (
                Act("identity", "id", _("Show the cards"), done.of(IdentityShown)),
                Act("handover", "users", _("Hand over the shift"), done.of(HandedOver)),
            ),
        ),
        (
            "tell",
            _("Telling and hearing"),
            (
                Act("rights", "volume", _("Rights and duties"), done.of(RightsNotified)),
                Act("statement", "message-dots", _("Hear the party"), done.of(StatementTaken)),
                Act("recusal", "user-off", _("Recusal asked for"), done.of(RecusalAsked)),
            ),
        ),
        (
            "evidence",
            _("Evidence"),
            (
                Act("evidence", "camera", _("Photo or video"), done.of(MediaCaptured)),
                Act(
                    "interview",
                    "writing",
                    _("Interview"),
                    done.paper(DocumentKind.INTERVIEW_RECORD),
                ),
                Act("gallery", "photo", _("Look at recordings")),
                Act("importing", "download", _("Import recordings")),
            ),
        ),
        ("papers", _("Documents"), _papers(desk, done)),
        (
            "measures",
            _("Measures"),
            (*(_measure(desk, done, one) for one in MEASURES), *_extension(desk, state)),
        ),
        (
            "end",
            _("End"),
            (
                Act("collect", "receipt", _("Collect the fine"), done.of(FineCollected)),
                Act("close", "circle-check", _("End the inspection")),
            ),
        ),
    ]


def _papers(desk: Desk, done: _Done) -> tuple[Act, ...]:
    _ = desk._
    return (
        Act("papers", "folder", _("All documents")),
        Act(
            "record",
            "pencil",
            _("Inspection record"),
            done.paper(DocumentKind.SITE_INSPECTION_RECORD),
        ),
        Act(
            "correction",
            "list-check",
            _("Order to correct"),
            done.paper(DocumentKind.CORRECTION_ORDER),
        ),
        Act("decision", "gavel", _("Decide on the spot"), done.paper(DocumentKind.SPOT_DECISION)),
    )


def _measure(desk: Desk, done: _Done, one: Measure) -> Act:
    return Act(f"measure.{one.value}", ICONS[one], one.heading(desk.language), done.measure(one))


def _extension(desk: Desk, state: CaseState) -> tuple[Act, ...]:
    """Offered while the law allows one (ACL 25)."""
    if not any(terms.extendable(state, one) for one in state.measures):
        return ()
    return (Act("extension", "calendar", desk._("Extend a term")),)


class _Done:
    """When something was done last, in words; empty when it was not."""

    def __init__(self, desk: Desk, state: CaseState) -> None:
        self._desk = desk
        self._state = state

    def of(self, kind: type[Statement]) -> str:
        """Records of one kind."""
        return self._words([one.statement.at for one in self._state.of_kind(kind)])

    def paper(self, kind: DocumentKind) -> str:
        """Documents of one kind."""
        documents = (one.issued.statement for one in self._state.documents)
        return self._words([one.at for one in documents if one.document is kind])

    def measure(self, measure: Measure) -> str:
        """Measures of one sort."""
        taken = (one.statement for one in self._state.of_kind(MeasureTaken))
        return self._words([one.at for one in taken if one.measure is measure])

    def _words(self, times: list[int]) -> str:
        if not times:
            return ""
        if len(times) == 1:
            return self._desk._("Done {clock}").format(clock=clock_words(times[-1]))
        return self._desk._("{n}× · {clock}").format(n=len(times), clock=clock_words(times[-1]))
