"""What is public of the decisions that a lower level reported: the rows of ``disclosure.py``, from
the publication and the words that came with it, without case or document.

    rows(state, texts)     texts: {hash of the public text (hex): its bytes, as they came}

A publication whose words have not come, or do not fit what two persons signed, has no row: the
lower level's own page has it meanwhile. A withdrawal takes the words away here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from protocol import reported
from protocol.case import CaseState, Record
from protocol.errors import FujieError
from protocol.reported import PublicText
from protocol.statements import (
    DisclosureCorrected,
    DisclosurePublished,
    DisclosureReported,
    DisclosureWithdrawn,
)
from sync_server.projections.disclosure import Showing
from sync_server.projections.tables import DisclosureRow


def rows(state: CaseState, texts: Mapping[str, bytes]) -> list[DisclosureRow]:
    """One row for each decision that was reported, of a case whose document is not here."""
    here = {one.issued.id for one in state.documents}
    found: dict[str, DisclosureRow] = {}
    for said, showing in _reports(state):
        issued = said.statement.issued
        text = _text(said.statement, showing, texts)
        if text is not None and issued not in here:
            found[issued] = _row(state, showing, text, _withdrawal(state, issued))
    return list(found.values())


def wanted(state: CaseState) -> set[str]:
    """The hashes of the texts that ``rows`` asks for."""
    return {one.statement.text.sha256 for one in state.of_kind(DisclosureReported)}


def _reports(
    state: CaseState,
) -> Iterator[tuple[Record[DisclosureReported], Record[Showing]]]:
    """Each report with the publication that it is of, in the order of the publications."""
    said = {one.statement.publication: one for one in state.of_kind(DisclosureReported)}
    for one in state.records:
        if one.id in said and isinstance(one.statement, Showing):
            yield said[one.id], one  # type: ignore[misc]


def _text(
    said: DisclosureReported, showing: Record[Showing], texts: Mapping[str, bytes]
) -> PublicText | None:
    data, public = texts.get(said.text.sha256), showing.statement
    if data is None or public.issued != said.issued:
        return None
    try:
        text = reported.read(data, public.shown, public.masked)
    except FujieError:
        return None
    return text if text.issued == said.issued and text.title == public.title else None


def _withdrawal(state: CaseState, issued: str) -> DisclosureWithdrawn | None:
    """The withdrawal that stands: behind it nothing was published again."""
    standing: DisclosureWithdrawn | None = None
    for one in state.records:
        if isinstance(one.statement, DisclosureWithdrawn) and one.statement.issued == issued:
            standing = one.statement
        if isinstance(one.statement, DisclosurePublished) and one.statement.issued == issued:
            standing = None
    return standing


def _row(
    state: CaseState,
    showing: Record[DisclosurePublished | DisclosureCorrected],
    text: PublicText,
    withdrawal: DisclosureWithdrawn | None,
) -> DisclosureRow:
    return DisclosureRow(
        issued=bytes.fromhex(text.issued),
        publication=showing.hash,
        case_id=bytes.fromhex(state.case),
        agency=showing.statement.agency,
        number=text.number,
        title=text.title,
        act=text.act,
        document=text.document,
        template=text.template,
        penalties=",".join(text.penalties),
        fine=text.fine,
        remedy=text.remedy,
        decided_on=text.decided_on,
        due_on=text.due_on,
        published_at=text.published_at,
        display_until=text.display_until or "",
        matrix_row=text.matrix_row,
        clause=text.clause,
        served_at=text.served_at,
        served_how=text.served_how,
        shown=msgspec.json.encode([] if withdrawal else text.shown),
        masked=msgspec.json.encode([] if withdrawal else text.masked),
        provable=False,
        withdrawn_at=withdrawal.at if withdrawal else None,
        withdrawn_reason=withdrawal.reason if withdrawal else "",
        withdrawn_clause=withdrawal.clause if withdrawal else "",
        segments=msgspec.json.encode([] if withdrawal else text.segments),
    )
