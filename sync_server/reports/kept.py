"""Reports on devices and cases as they were looked through last, so that the county's page costs
what is new, and not what is there.

    kept = Kept(services)
    kept.document("11990123MB0000001A")     as of now

What was looked through is taken again while nothing came of it: no link, contact, file or refused
link of the device, no change of those who used it or of settings, no day more of silence; of a case
no statement, no change of staff or lists (``stamping.py``). After ``KEEP_MS`` it is read from its
first byte again, as much of it at one look as ``AGAIN`` links and ``CASES_AGAIN`` cases, the oldest
first: many take turns. What is taken away from the store shows at the next look, by how many bytes
are held; what is altered when its turn comes, and at once on the device's own page, which takes
nothing from here. A start goes on with what was looked through before it (``keeping.py``).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from heapq import nsmallest

from sqlalchemy import func, select

from protocol.auditing import county, devices, heard
from protocol.auditing.context import Context
from protocol.auditing.heard import Heard
from protocol.auditing.source import Moment
from protocol.errors import FujieError
from protocol.findings import Before, Report
from protocol.findings.completeness import Completeness
from protocol.findings.document import Json
from protocol.merkle import Frontier
from protocol.registry.registry import OFFICE, Device
from sync_server.reports import keeping, moments, stamping
from sync_server.reports.moments import Survey
from sync_server.reports.rows import context_of
from sync_server.reports.stamping import Arrived, People
from sync_server.services import Services
from sync_server.store.tables import BLOB, EVIDENCE, JOURNAL, STRETCH, STRETCH_CASE

KEEP_MS = 15 * 60_000
SAVE_MS = 10 * 60_000
"""How long what was looked through may be on no disk; after a longer look it is saved at once."""
AGAIN = 5000
"""Links that one look reads again though nothing came: less than half a second."""
CASES_AGAIN = 50
"""Cases that one look folds again though nothing came."""
_DAY = 24 * 3_600_000
_HELD = tuple(STRETCH.c[name] for name in ("entries", "links", "filed", "statements"))


class Kept:
    """What was looked through of one server. Safe for use by several threads. ``answering`` is held
    by whoever answers for a finding, one at a time."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.answering = threading.Lock()
        self._lock = threading.Lock()
        self._devices: dict[tuple[str, str], tuple[bytes, int, Report]] = {}
        self._cases: dict[tuple[str, bytes], tuple[bytes, int, Completeness | None]] = {}
        self._said: Mapping[bytes, int] | None = None
        self._survey: Survey | None = None
        self._held: tuple[int, ...] = ()
        self._offices: dict[str, tuple[bytes, dict[bytes, Before]]] = {}
        self._file = services.settings.data / keeping.NAME
        self._began = False
        self._read_log_at = self._saved_at = self._looked = 0
        self._turn: frozenset[tuple[str, str]] = frozenset()
        self._case_turn: frozenset[tuple[str, bytes]] = frozenset()
        self._arrived = Arrived({}, {}, {})
        self._people: dict[str, tuple[int, People]] = {}
        self._heard: dict[str, tuple[dict[str, bytes], int, dict[str, Heard]]] = {}

    def document(self, agency: str) -> Json:
        """The agency's report as of now."""
        with self._lock:
            if not self._began:
                self._load()
            self._expect_no_less()
            moment = self._moment()
            self._arrived = self._news(agency)
            context = context_of(self._services, agency, moment)
            context = replace(context, contacts=self._hear(context))
            self._turn = self._next(agency, moment.at)
            self._case_turn = self._next_cases(agency, moment.at)
            made = county.report(context, examine=self._examine, fold=self._fold)
            if self._looked > AGAIN or (self._looked and moment.at - self._saved_at >= SAVE_MS):
                self._save(moment.at)
            return made

    def save(self) -> None:
        """Put what was looked through on the disk, for the next start."""
        with self._lock:
            if self._looked:
                self._save(self._services.clock.now())

    # ── inside ───────────────────────────────────────────────────────────────────────────

    def _expect_no_less(self) -> None:
        """Forget everything where something was taken away."""
        sums = [func.coalesce(func.sum(func.length(one)), 0) for one in _HELD]
        with self._services.db.engine.connect() as connection:
            held = tuple(map(int, connection.execute(select(*sums)).one()))
        if any(now < before for now, before in zip(held, self._held, strict=False)):
            self._devices.clear()
            self._offices.clear()
            self._cases.clear()
            self._heard.clear()
            self._survey = None
        if held != self._held or self._said is None:
            self._said = self._sizes()
        self._held = held

    def _sizes(self) -> Mapping[bytes, int]:
        """Of each case, how many bytes are in the stretches that have statements of it: more with
        any new one."""
        c, of = STRETCH.c, STRETCH_CASE.c
        said = defaultdict[bytes, int](int)
        with self._services.db.engine.connect() as connection:
            rows = connection.execute(
                select(c.first, func.length(c.filed) + func.length(c.statements))
            )
            sizes = {row[0]: row[1] for row in rows}
            for case, first in connection.execute(select(of.case_id, of.first)):
                said[case] += sizes.get(first, 0)
        return said

    def _load(self) -> None:
        """Begin with what the last process looked through."""
        self._began, saved = True, keeping.load(self._file)
        if saved is None:
            return
        self._held = saved.held
        self._devices = {(of, name): (sign, at, one) for of, name, sign, at, one in saved.devices}
        self._offices = {of: (sign, one) for of, sign, one in saved.offices}
        self._cases = {(of, case): (sign, at, one) for of, case, sign, at, one in saved.cases}
        self._heard = {of: (marks, above, last) for of, marks, above, last in saved.heard}
        if saved.log is not None:
            size, hashes, self._read_log_at = saved.log
            with suppress(FujieError):
                self._survey = Survey(Frontier(size, hashes))

    def _save(self, now: int) -> None:
        tree = self._survey.frontier if self._survey else None
        made = keeping.Saved(
            format=keeping.FORMAT,
            held=self._held,
            devices=[(*key, *one) for key, one in self._devices.items()],
            offices=[(of, *one) for of, one in self._offices.items()],
            cases=[(*key, *one) for key, one in self._cases.items()],
            heard=[(of, *one) for of, one in self._heard.items()],
            log=(tree.size, list(tree.hashes), self._read_log_at) if tree else None,
        )
        with suppress(OSError):  # a full disk: the next start looks through all again
            keeping.save(self._file, made)
        self._saved_at, self._looked = now, 0

    def _moment(self) -> Moment:
        """As of now, reading of the log what is new; all of it once a day, and where what was read
        before does not go on to the newest head."""
        now, size = self._services.clock.now(), self._services.facts.head.size
        survey, whole = self._survey, False
        if survey is not None and 0 <= now - self._read_log_at < _DAY:
            whole = self._go_on(survey, size)
        if survey is None or not whole:
            survey, self._read_log_at = Survey(Frontier()), now
            whole = self._go_on(survey, size)
        self._survey = survey if whole else None
        return Moment(size, now, survey.root, whole, True)

    def _go_on(self, survey: Survey, size: int) -> bool:
        """Read the log up to ``size``; whether that gives the newest signed root."""
        with self._services.db.engine.connect() as connection:
            for _ in survey.read(connection, size):
                pass
            return moments.holds(connection, survey, self._services.settings.origin)

    def _news(self, agency: str) -> Arrived:
        """By journal, numbers that any news of it changes."""
        with self._services.db.engine.connect() as connection:
            journals = connection.execute(
                select(JOURNAL.c.journal, JOURNAL.c.length, JOURNAL.c.head, JOURNAL.c.state)
            ).all()
            blobs = connection.execute(
                select(BLOB.c.journal, func.count(), func.max(BLOB.c.stored_index))
                .where(BLOB.c.agency == agency)
                .group_by(BLOB.c.journal)
            ).all()
            refused = connection.execute(
                select(EVIDENCE.c.journal, func.count()).group_by(EVIDENCE.c.journal)
            ).all()
        return Arrived(
            {row[0].hex(): tuple(row[1:]) for row in journals},
            {row[0].hex(): tuple(row[1:]) for row in blobs},
            {row[0].hex(): row[1] for row in refused},
        )

    def _who(self, context: Context) -> People:
        """The agency's people, folded again after a change of anybody."""
        version, agency = context.registry.version, context.agency
        known = self._people.get(agency)
        if known is None or known[0] != version:
            known = self._people[agency] = version, stamping.people_of(context)
        return known[1]

    def _hear(self, context: Context) -> dict[str, Heard]:
        """What devices said last: what is new, over what was heard before. Of a device that is
        another than before all is heard again, of all of them where the office is."""
        office = [context.office] if context.office else []
        marks = {
            one.name: stamping.stamp(stamping.mark(one)) for one in (*office, *context.devices)
        }
        known, above, last = self._heard.get(context.agency, ({}, -1, {}))
        if known.get(OFFICE) != marks.get(OFFICE):
            known, above, last = {}, -1, {}
        fresh = {name for name, one in marks.items() if known.get(name) != one}
        heard_of = {name: one for name, one in last.items() if name in marks and name not in fresh}
        for names, index in ((marks.keys() - fresh, above), (fresh, -1)):
            some = [one for one in context.devices if one.name in names]
            since = max(index, min((one.index for one in some), default=-1))
            rows = context.source.contacts(context.agency, since) if some else ()
            heard_of |= heard.last_contacts(context.registry, context.agency, some, rows)
        self._heard[context.agency] = marks, context.moment.size - 1, heard_of
        return heard_of

    def _examine(self, context: Context, device: Device) -> Report:
        """The report on a device, the kept one where nothing came."""
        key, now = (context.agency, device.name), context.moment.at
        held = self._devices.get(key)
        same = held is not None and held[0] == self._stamp(context, device, held[2], held[1])
        if held is not None and same and key not in self._turn:
            # The office answers for itself: its last word is always the newest.
            return replace(held[2], contacted_at=now) if device.name == OFFICE else held[2]
        first = key in self._turn or device.name != OFFICE
        if device.name == OFFICE:
            made = self._office(context, device, key in self._turn)
        else:
            made = devices.report_at(context, device)
        self._looked += made.links if first or held is None else made.links - held[2].links
        # What is only gone on with keeps the time at which its first byte was read.
        at = now if first or held is None else held[1]
        self._devices[key] = (self._stamp(context, device, made, at), at, made)
        return made

    def _office(self, context: Context, device: Device, again: bool) -> Report:
        """The report on the office: its journal grows with whatever anybody does, and is gone on
        with where nothing was found of what is before."""
        since = stamping.stamp((context.parameters, len(context.destroyed)))
        held = self._offices.get(context.agency)
        before = held[1] if held is not None and held[0] == since and not again else {}
        made, whole = devices.going_on(context, device, before)
        self._offices[context.agency] = (since, whole)
        return made

    def _next(self, agency: str, now: int) -> frozenset[tuple[str, str]]:
        """The devices that are read again at this look: the oldest, one at least."""
        due = sorted(
            (at, key, made.links)
            for key, (_, at, made) in self._devices.items()
            if key[0] == agency and _is_due(at, now)
        )
        taken: set[tuple[str, str]] = set()
        links = 0
        for _, key, count in due:
            if taken and links + count > AGAIN:
                break
            taken.add(key)
            links += count
        return frozenset(taken)

    def _next_cases(self, agency: str, now: int) -> frozenset[tuple[str, bytes]]:
        """The same of cases: an altered record would show in the next fold alone."""
        due = (
            (at, key)
            for key, (_, at, _) in self._cases.items()
            if key[0] == agency and _is_due(at, now)
        )
        return frozenset(key for _, key in nsmallest(CASES_AGAIN, due))

    def _stamp(self, context: Context, device: Device, made: Report, at: int) -> bytes:
        people, arrived = self._who(context), self._arrived
        return stamping.device(context, device, people, arrived, made, at)

    def _fold(self, context: Context, case: bytes) -> Completeness | None:
        """What a case has, the kept one where it has no new statement."""
        size = (self._said or {}).get(case, 0)
        stamp = stamping.case(context, self._who(context), size)
        key = context.agency, case
        held = self._cases.get(key)
        if held is not None and held[0] == stamp and key not in self._case_turn:
            return held[2]
        made = county.case_report(context, case)
        self._cases[key] = (stamp, context.moment.at, made)
        return made


def _is_due(at: int, now: int) -> bool:
    """Whether what was read then is read again: also what says that it was read later than now."""
    return not 0 <= now - at < KEEP_MS
