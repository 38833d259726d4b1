"""Opening a successor, after the disk was lost and a backup is all that is left.

    1  the backup is whole: its tree gives the root that its last checkpoint signed
    2  the agency's root is at hand, and never named another successor for this log
    3  a key for the successor; the succession, signed by the root
    4  the office opens a new journal in the same tree: its first record is the succession
    5  number blocks that may have been granted after the backup are passed over
    6  reference data are published anew, past every version that a tablet may hold

Nothing of the predecessor is signed again: its name and its key have come to their end. What
the office did after the backup and nobody else holds (an enrolment, a publication, a grant) is
lost, and has to be done again; what tablets recorded, they send again by themselves.

A crash at any step leaves a folder in which the same command goes on. Run again afterwards with
more ``checkpoints``, of this predecessor or of one before it, it names them too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from protocol import envelope as dsse
from protocol import statements
from protocol.calendar import local_day
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.envelope import STATEMENT_TYPE
from protocol.errors import Refused
from protocol.keys import Signer
from protocol.registry.registry import OFFICE, Registry
from protocol.statements import NumbersGranted, Statement, SuccessionOpened
from protocol.succession import NEWEST, Succession, sign_succession
from sync_server.clock import Clock
from sync_server.devices import grants
from sync_server.keys import keyring, rootmemory
from sync_server.keys.keyring import Keyring
from sync_server.log import lineage
from sync_server.log.append import Append
from sync_server.log.journal import Stated, StateJob
from sync_server.log.lineage import read_unverified
from sync_server.log.origin import named
from sync_server.services import Services, reading, writing
from sync_server.settings import Settings
from sync_server.store.db import Database
from sync_server.upkeep.fsck import Fsck

Told = tuple[Statement, list[Signer]]

MOST_NAMED = 15


@dataclass(frozen=True)
class Plan:
    """What the operator asks for. ``root`` is the folder of the agencies' root keys;
    ``checkpoints`` are heads of the predecessor that others kept; ``skip`` is how many numbers
    of each kind are passed over."""

    origin: str
    why: str
    root: Path
    checkpoints: Sequence[bytes] = ()
    skip: int = 200


@dataclass(frozen=True)
class _Ground:
    """What the backup holds: the log's name and keys, its last head, the agencies."""

    origin: str
    keys: list[VerifierKey]
    note: bytes
    size: int
    registry: Registry


@dataclass(frozen=True)
class OpeningJob:
    """Open the office's next journal with these statements, in one commit."""

    journal: bytes
    agency: str
    told: StateJob

    def run(self, append: Append) -> list[Stated]:
        """Append them. Raises what ``StateJob.run`` raises."""
        append.open_office(self.journal, self.agency)
        return self.told.run(append)


def succeed(settings: Settings, clock: Clock, plan: Plan, say: Callable[[str], None]) -> Succession:
    """Open the successor of the log in this folder. Raises Refused, NoKey, Busy, and what a
    named checkpoint fails by; after an error the log is what it was."""
    if plan.checkpoints and _stored_origin(settings) == plan.origin:
        return _name_more(settings, clock, plan)
    ground = _examine(settings, clock, plan, say)
    roots = _roots(plan, ground)
    for agency in roots:
        rootmemory.expect_its_key(plan.root, agency, ground.origin, _key_here(settings, plan))
    key = keyring.new_log(settings, plan.origin).verifier
    succession = Succession(
        predecessor=ground.origin,
        successor=plan.origin,
        checkpoints=[note.decode() for note in (ground.note, *plan.checkpoints)],
        keys=[VerifierKey(plan.origin, key.public_key).text()],
        at=clock.now(),
        why=plan.why,
        taken_over=ground.size,
        predecessor_keys=[one.text() for one in ground.keys],
        v=NEWEST,
    )
    signed = {agency: sign_succession(succession, root) for agency, root in roots.items()}
    for agency in roots:
        rootmemory.remember(plan.root, agency, signed[agency])
    after = replace(settings, origin=plan.origin)
    with writing(after, clock, succeeds=ground.origin) as services:
        _open(services, signed, plan.skip)
        for agency in roots:
            services.publish_reference(agency)
    return succession


def finish(settings: Settings, clock: Clock) -> None:
    """Do what is left of a succession that was cut short behind the successor's first commit."""
    with writing(settings, clock) as services:
        for agency in services.sequencer.registry.agencies:
            services.editions.renew(agency)


def _name_more(settings: Settings, clock: Clock, plan: Plan) -> Succession:
    """Sign again, with further heads, the succession of each log that they are of, also where its
    successor has been succeeded since: a tablet that saw one of them and not the named ones waits
    for that. The last one that was signed."""
    after = replace(settings, origin=plan.origin)
    with writing(after, clock) as services:
        said = {one.predecessor: one for one in map(read_unverified, services.facts.successions())}
        lost: dict[str, list[bytes]] = {}
        for note in plan.checkpoints:
            lost.setdefault(named(note), []).append(note)
        if not lost.keys() <= said.keys():
            raise Refused(
                "{origin} succeeds no log of the name {name}; give heads of one that it succeeds",
                origin=services.settings.origin,
                name=next(iter(lost.keys() - said.keys())),
            )
        more = [_sign_again(services, plan, said[one], lost[one]) for one in said if one in lost]
    return more[-1]


def _sign_again(
    services: Services, plan: Plan, said: Succession, lost: Sequence[bytes]
) -> Succession:
    """The same succession with these heads of its predecessor too. Where there is no room for all,
    those that were named last time stay named in what was signed then."""
    keys = [VerifierKey.parse(text) for text in said.predecessor_keys]
    size = said.taken_over or 0
    plan = replace(plan, origin=said.successor, checkpoints=lost)
    _expect_named(plan, keys, said.predecessor, size, lambda _: None)
    further = (note.decode() for note in lost)
    notes = dict.fromkeys((*said.checkpoints[:1], *further, *said.checkpoints[1:]))
    more = msgspec.structs.replace(said, checkpoints=list(notes)[: MOST_NAMED + 1])
    ground = _Ground(said.predecessor, keys, b"", size, services.sequencer.registry)
    roots = _roots(plan, ground)
    signed = {agency: sign_succession(more, root) for agency, root in roots.items()}
    for agency in roots:
        rootmemory.remember(plan.root, agency, signed[agency])
    services.office.state_all(_opened(services, signed))
    return more


def _examine(settings: Settings, clock: Clock, plan: Plan, say: Callable[[str], None]) -> _Ground:
    """The ground to go on from, once everything about it holds."""
    origin = _stored_origin(settings)
    if plan.origin == origin:
        raise Refused(
            "this folder's log is {origin} already; give its successor another name, or start "
            "it: fujie-server serve",
            origin=origin,
        )
    before = replace(settings, origin=origin)
    with reading(before, clock) as services:
        note, size = services.facts.head.note, services.facts.head.size
        keys = _keys(services.keyring, origin)
        registry = services.sequencer.registry
        open_checkpoint(note, keys, origin)
        _expect_new_name(services, plan)
        _expect_whole(services, keys, say)
        _expect_keys(services)
        _expect_named(plan, keys, origin, size, say)
    return _Ground(origin, keys, note, size, registry)


def _keys(ring: Keyring, origin: str) -> list[VerifierKey]:
    """The log's keys, and those that it had before."""
    former = [VerifierKey.parse(one.text) for one in ring.former_logs]
    now = [VerifierKey(origin, one.verifier.public_key) for one in ring.logs]
    return [*now, *(key for key in former if key.name == origin)]


def _stored_origin(settings: Settings) -> str:
    with closing(Database(settings.database)) as db, db.engine.connect() as connection:
        note = lineage.newest_note(connection)
    if note is None:
        raise Refused(
            "there is no log in {folder} to succeed; put the backup there first",
            folder=str(settings.data),
        )
    return named(note)


def _expect_new_name(services: Services, plan: Plan) -> None:
    if plan.origin in {one.origin for one in services.facts.formers()}:
        raise Refused(
            "{origin} was the name of a log before; a name is used once, take another",
            origin=plan.origin,
        )
    VerifierKey(plan.origin, services.office_key.verifier.public_key)


def _expect_whole(
    services: Services, keys: Sequence[VerifierKey], say: Callable[[str], None]
) -> None:
    """What the backup holds is what its last checkpoint signed. A blob whose bytes are missing
    does not stop a log; it is named."""
    with services.db.engine.begin() as connection:
        for difference in Fsck(connection, services.blobs, keys).run():
            if difference.check != "blobs":
                raise Refused(
                    "this backup is not whole ({check}: {detail}); take another copy of it",
                    check=difference.check,
                    detail=difference.detail,
                )
            say(f"{difference.check}: {difference.detail}")


def _expect_keys(services: Services) -> None:
    """The keys at hand are those that the log names: others would sign what nobody believes."""
    registry = services.sequencer.registry
    for agency, known in registry.own_agencies.items():
        office = registry.devices.get((agency, OFFICE))
        named = [(f"{agency}.issuer.key", known.issuer.verifier)]
        named += [("office.key", office.key)] if office else []
        for name, verifier in named:
            if not keyring.is_held(services.settings, name, verifier):
                raise Refused(
                    "{file} in the folder of keys is not the key that the log names; take another "
                    "copy of this backup",
                    file=name,
                )


def _expect_named(
    plan: Plan,
    keys: Sequence[VerifierKey],
    origin: str,
    size: int,
    say: Callable[[str], None],
) -> None:
    if len(plan.checkpoints) > MOST_NAMED:
        raise Refused("expected at most {most} checkpoints; give the largest", most=MOST_NAMED)
    for note in plan.checkpoints:
        one = open_checkpoint(note, keys, origin)
        if one.size > size:
            say(f"{one.size - size} entries after the backup are known to be lost")


def _roots(plan: Plan, ground: _Ground) -> dict[str, Signer]:
    """The root key of every agency on this server. Raises NoKey, Refused."""
    found: dict[str, Signer] = {}
    for agency, known in ground.registry.own_agencies.items():
        path = keyring.root_file(plan.root, agency)
        found[agency] = keyring.read_signer(path)
        if found[agency].verifier != known.root:
            raise Refused(
                "the key in {file} is not the root of agency {agency}; bring the right one",
                file=str(path),
                agency=agency,
            )
        rootmemory.expect_first(plan.root, agency, ground.origin, plan.origin)
    return found


def _key_here(settings: Settings, plan: Plan) -> VerifierKey | None:
    """The successor's key, if this folder has one already."""
    if not keyring.has_log(settings, plan.origin):
        return None
    path = keyring.log_file(settings.keys, plan.origin)
    return VerifierKey(plan.origin, keyring.read_signer(path).verifier.public_key)


def _open(services: Services, signed: dict[str, bytes], skip: int) -> None:
    """The first records of the office's new journal, in one commit."""
    told = _opened(services, signed)
    for agency in signed:
        issuer = services.keyring.issuer(agency)
        now = services.clock.now()
        blocks = _passed_over(services.sequencer.registry, agency, now, skip)
        told += [(block, [issuer]) for block in blocks]
    envelopes = [
        dsse.sign(STATEMENT_TYPE, statements.encode(one), signers) for one, signers in told
    ]
    job = OpeningJob(secrets.token_bytes(16), next(iter(signed)), services.office.job(envelopes))
    services.sequencer.submit(job).result()


def _opened(services: Services, signed: dict[str, bytes]) -> list[Told]:
    now, office = services.clock.now(), services.office_key
    return [
        (SuccessionOpened(agency=agency, at=now, salt=_salt(), succession=one), [office])
        for agency, one in signed.items()
    ]


def _passed_over(registry: Registry, agency: str, now: int, skip: int) -> Iterator[NumbersGranted]:
    """The next ``skip`` numbers of each kind that is granted this year, given to the office: a
    block that was lost may hold them."""
    year = local_day(now).year
    for document in grants.WORDS if skip else ():
        first = grants.first_free(registry, agency, document, year)
        if first > 1:
            yield NumbersGranted(
                agency=agency,
                at=now,
                salt=_salt(),
                device=OFFICE,
                document=document,
                year=year,
                first=first,
                last=first + skip - 1,
                pattern=grants.pattern(registry.agencies[agency].record.short_name, document, year),
            )


def _salt() -> str:
    return secrets.token_hex(16)
