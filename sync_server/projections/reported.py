"""What is public of the decisions that a lower level reported: the rows of ``disclosure.py``, from
the publication and the words that came with it, without case or document.

    rows(state, texts)     texts: {hash of the public text (hex): its bytes, as they came}

Which case and which decision a lower level means, it says itself: two may say the same. So a
row bears the hash of the publication that first named the decision, which nobody else can have,
and only the same agency corrects or withdraws it. What was signed with the publication counts,
whatever the words say of it: its days and clause, and, where the two who published it signed them,
the root of all commitments, number, penalty and service (``vouched``). Where they did not, that is
the word of the lower level's server, and the page says so.

A publication whose words have not come, or do not fit what two persons signed, has no row: the
lower level's own page has it meanwhile. So has a correction: what it replaces is shown no more.
A withdrawal takes the words away here too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from protocol import reported
from protocol.case import CaseState, Record
from protocol.errors import FujieError
from protocol.redaction import MAX_CONTENT
from protocol.reported import PublicText
from protocol.statements import (
    DisclosurePublished,
    DisclosureReported,
    DisclosureWithdrawn,
    ListedFacts,
)
from protocol.vocabulary import ServiceMethod
from sync_server.projections import disclosure
from sync_server.projections.disclosure import Showing
from sync_server.projections.tables import DisclosureRow

Told = Showing | DisclosureWithdrawn
Reports = Mapping[tuple[str, str], DisclosureReported]
"""What agencies reported, by agency and publication: of another's publication nobody reports."""

SIGNED = ("number", "document", "act", "penalties", "fine", "remedy", "decided_on", "root")
"""What a text and the facts that were signed both say, and say alike."""
LISTED, SERVICE = "listed", "service"
"""What two persons vouch for: number, penalty, days of the decision and all its words; service."""


def rows(state: CaseState, texts: Mapping[str, bytes]) -> list[DisclosureRow]:
    """One row for each decision that was reported, of a case whose document is not here."""
    here = {one.issued.id for one in state.documents}
    said_of = (one.statement for one in state.of_kind(DisclosureReported))
    reports: Reports = {(one.agency, one.publication): one for one in said_of}
    told: dict[tuple[str, str], list[Record[Told]]] = {}
    for one in state.records:
        said = one.statement
        if isinstance(said, Told) and said.issued not in here:
            told.setdefault((said.agency, said.issued), []).append(one)  # type: ignore[arg-type]
    made = (_row(state, of_one, reports, texts) for of_one in told.values())
    return [row for row in made if row is not None]


def wanted(state: CaseState) -> dict[str, int]:
    """The texts that ``rows`` asks for: hash and size."""
    found = (one.statement.text for one in state.of_kind(DisclosureReported))
    return {text.sha256: text.size for text in found if text.size <= MAX_CONTENT}


def _row(
    state: CaseState,
    told: Sequence[Record[Told]],
    reports: Reports,
    texts: Mapping[str, bytes],
) -> DisclosureRow | None:
    """The row of one agency's decision, by what it said of it in this order."""
    begun = [one for one in told if isinstance(one.statement, DisclosurePublished)]
    showings = [one for one in told if isinstance(one.statement, Showing)]
    if not begun:
        return None
    published, since = begun[-1].statement, told[told.index(begun[-1]) :]
    gone = [one.statement for one in since if isinstance(one.statement, DisclosureWithdrawn)]
    withdrawal = gone[-1] if gone else None
    shown = reversed(showings) if withdrawal else showings[-1:]  # any names what was withdrawn
    found = ((one, _text(one, _report(one, reports), texts)) for one in shown)
    showing, text = next((pair for pair in found if pair[1] is not None), (None, None))
    if showing is None or text is None or not isinstance(published, DisclosurePublished):
        return None
    said = showing.statement
    assert isinstance(said, Showing)  # only these have a text
    signed = said.facts
    facts = _facts(text, signed)
    return DisclosureRow(
        issued=begun[0].hash,
        publication=showing.hash,
        case_id=bytes.fromhex(state.case),
        template=text.template,
        shown=msgspec.json.encode([] if withdrawal else text.shown),
        masked=msgspec.json.encode([] if withdrawal else text.masked),
        provable=False,
        segments=msgspec.json.encode([] if withdrawal else text.segments),
        vouched=" ".join(_vouched(signed)),
        source=_source(_report(showing, reports)),
        **disclosure.listed(facts),
        **disclosure.said(published, said, withdrawal),
    )


def _report(showing: Record[Told], reports: Reports) -> DisclosureReported | None:
    return reports.get((showing.statement.agency, showing.id))


def _facts(text: PublicText, signed: ListedFacts | None) -> ListedFacts:
    """What lists say: as the text has it, but for a service that was signed."""
    how = {one.value: one for one in ServiceMethod}.get(text.served_how)
    served: tuple[int | None, ServiceMethod | None] = (text.served_at, how)
    if signed is not None and signed.served_at is not None:
        served = (signed.served_at, signed.served_how)
    same = {name: getattr(text, name) for name in SIGNED}
    return ListedFacts(**same, served_at=served[0], served_how=served[1])


def _vouched(signed: ListedFacts | None) -> Iterator[str]:
    if signed is not None:
        yield LISTED
        if signed.served_at is not None:
            yield SERVICE


def _source(said: DisclosureReported | None) -> str:
    """Where the lower level's own page of the decision is; empty where it did not say."""
    address = said.address.rstrip("/") if said else ""
    fit = address.startswith(("http://", "https://")) and address.isascii()
    plain = address.isprintable() and not any(one in " \"'<>\\?#@" for one in address)
    return f"{address}/decisions/{said.issued}" if said and fit and plain else ""


def _text(
    showing: Record[Told], said: DisclosureReported | None, texts: Mapping[str, bytes]
) -> PublicText | None:
    """The words of a publication, if they are those that were reported and fit it."""
    public = showing.statement
    if said is None or not isinstance(public, Showing):
        return None
    data = texts.get(said.text.sha256)
    if data is None or hashlib.sha256(data).hexdigest() != said.text.sha256:
        return None
    try:
        text = reported.read(data, public.shown, public.masked)
    except FujieError:
        return None
    own = (said.agency, said.issued, text.issued) == (public.agency, public.issued, public.issued)
    return text if own and text.title == public.title and _as_signed(text, public.facts) else None


def _as_signed(text: PublicText, facts: ListedFacts | None) -> bool:
    """Whether the text says of the decision what was signed with its publication, if anything."""
    if facts is None:
        return True
    return all(getattr(text, name) == getattr(facts, name) for name in SIGNED)
