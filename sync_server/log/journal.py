"""The office's own journal: whatever the office does is a record, in the log like all others.

    office.state(statement, signers)      sign, link, admit, wait for the commit

The signers are given with each statement: a person of the staff for what a person decides, the
issuer for the registry, the office's device key for automatic facts. The link is made by the
writer, because only there is it known which one comes before. A statement of the office that
does not verify is not admitted as flagged: it is an error, and nothing happens.

``expect`` holds, for a case, how many statements of it were there when the decision was made. If
the case has moved on since, nothing is appended and the caller shows what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from protocol import envelope as dsse
from protocol import statements
from protocol.chain import EMPTY, Head, Link, case_tag
from protocol.envelope import STATEMENT_TYPE, Envelope
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.receipt import Reason
from protocol.registry.standing import Subject, called, mark
from protocol.statements import Statement, Unknown, opens_case
from sync_server.clock import Clock
from sync_server.log.append import Append
from sync_server.log.intake import check_statement
from sync_server.log.sequencer import Done, Job, Sequencer
from sync_server.log.standing import JournalHead

# What another agency's reader may not know is no reason for the office not to say it.
_HARMLESS = frozenset({Reason.UNREADABLE_YET})


T = TypeVar("T")


class Changed(Refused):
    """The case has a newer record than the one that was decided on."""


@dataclass(frozen=True)
class Stated:
    """A record of the office and its place in the log."""

    record_hash: bytes
    index: int


@dataclass(frozen=True)
class StateJob:
    """Signed statements that the office appends together, or not at all. ``expect`` are the
    versions of cases, ``heads`` the ends of journals, ``marks`` what last changed persons, tablets
    and lists, that they were decided on."""

    envelopes: Sequence[Envelope]
    clock: Clock
    journal: bytes
    expect: Mapping[bytes, int] = field(default_factory=dict)
    heads: Mapping[bytes, Head] = field(default_factory=dict)
    marks: Mapping[Subject, int] = field(default_factory=dict)

    def run(self, append: Append) -> list[Stated]:
        """Link and append every statement. Raises Changed, or Refused for a bad signature."""
        for case, version in self.expect.items():
            found = append.case_version(case)
            if found != version:
                raise Changed(
                    "this case changed while you looked at it ({found} records, you saw "
                    "{version}); read it again and decide again",
                    found=found,
                    version=version,
                )
        for journal, head in self.heads.items():
            known = append.journals.get(journal)
            if known is None or known.head != head:
                raise Changed(
                    "journal {journal} changed while you looked at it; read it again and decide "
                    "again",
                    journal=journal.hex(),
                )
        for subject, seen in self.marks.items():
            if mark(append.registry, subject) != seen:
                raise Changed(
                    "{name} was changed while you looked at it; read it again and decide again",
                    name=called(subject),
                )
        return [self._append(append, envelope) for envelope in self.envelopes]

    def _append(self, append: Append, envelope: Envelope) -> Stated:
        data = dsse.encode(envelope)
        record = dsse.record_hash(envelope)
        link = self._link(append, envelope, record)
        bare = (link, link.encode(), link.hash())
        item = check_statement(*bare, envelope, data, append.registry)
        if set(item.reasons) - _HARMLESS:
            raise Refused(
                "the office's own statement does not verify ({reasons}); check its keys",
                reasons=", ".join(reason.en for reason in item.reasons),
            )
        return Stated(record, append.add(item).index)

    def _link(self, append: Append, envelope: Envelope, record: bytes) -> Link:
        # Before the first entry there is no journal; that entry opens this one.
        journal = append.office or self.journal
        known = append.journals.get(journal, JournalHead(journal, "", ""))
        read = statements.decode(envelope.body)
        return Link(
            journal=journal,
            sequence=known.head.length,
            previous=known.head.hash if known.head.length else EMPTY.hash,
            record=record,
            case_tag=_tag(append, read, record),
            reference_version=append.registry.references.get(read.agency, 0),
            wall_at=append.now,
            boot=self.clock.boot,
            monotonic=self.clock.monotonic(),
            server_at=append.now,
        )


def _tag(append: Append, read: Statement | Unknown, record: bytes) -> bytes:
    """The tag of the case that a record opens, or else of the one that it names."""
    if opens_case(read):
        return case_tag(bytes.fromhex(read.salt), record)
    return append.tag_of(read.case)


class _Turn:
    """Nothing to append: done when all is that was asked for before."""

    def run(self, append: Append) -> None:
        """Nothing."""


class OfficeJournal:
    """What the office says, on its way into the log. ``journal`` is the id that a new log's
    first entry gives the office; an older log has its own."""

    def __init__(self, sequencer: Sequencer, clock: Clock, journal: bytes) -> None:
        self._sequencer = sequencer
        self._clock = clock
        self._journal = journal

    @property
    def journal(self) -> bytes:
        """The office's journal: the log's own, or the one that its first entry will open."""
        return self._sequencer.office or self._journal

    def state(
        self,
        statement: Statement,
        signers: Sequence[Signer],
        expect: Mapping[bytes, int] | None = None,
    ) -> Stated:
        """Sign and append one statement; returns after the commit. Raises Changed, Refused."""
        return self.state_all([(statement, signers)], expect)[0]

    def state_all(
        self,
        told: Sequence[tuple[Statement, Sequence[Signer]]],
        expect: Mapping[bytes, int] | None = None,
        marks: Mapping[Subject, int] | None = None,
    ) -> list[Stated]:
        """The same for statements that belong together: all of them, or none."""
        envelopes = [
            dsse.sign(STATEMENT_TYPE, statements.encode(statement), signers)
            for statement, signers in told
        ]
        return self.run(self.job(envelopes, expect, marks=marks))

    def submit(
        self, envelopes: Sequence[Envelope], expect: Mapping[bytes, int] | None = None
    ) -> Future[Done[list[Stated]]]:
        """The same for statements signed already, without waiting."""
        return self._sequencer.submit(self.job(envelopes, expect))

    def run(self, job: Job[T]) -> T:
        """Have the writer do a job; what came of it, after the commit. Raises what the job raises;
        Changed not before what changed can be read, which may stand in the same commit."""
        try:
            return self._sequencer.submit(job).result().result
        except Changed:
            self._sequencer.submit(_Turn()).result()
            raise

    def job(
        self,
        envelopes: Sequence[Envelope],
        expect: Mapping[bytes, int] | None = None,
        heads: Mapping[bytes, Head] | None = None,
        marks: Mapping[Subject, int] | None = None,
    ) -> StateJob:
        """What appends them, for whoever does more in the same transaction."""
        return StateJob(
            tuple(envelopes), self._clock, self._journal, expect or {}, heads or {}, marks or {}
        )
