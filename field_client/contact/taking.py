"""What the office answered to an export, taken in from a stick: push and pull without a network.

    taking.take_in(path, progress, cancelled)        Taken(receipts=9, …)

    1  unpacked, and the office's signature verified; reference data that come with it may name
       the key, for they prove themselves
    2  it must answer a question that this tablet signed, and not be older than what it knows
    3  heard as an online answer is, by the same code (``exchange.py``): receipts or a refusal,
       then the office's records, then reference data

The answer was signed whole by the office, so a proof in it that fails was not altered on its way:
it has no second chance, as one online has. The same file again changes nothing. A stage *sent* is
none of this: a record that goes by stick is *saved* until its receipt is here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import func
from sqlmodel import col, select

from field_client.contact import answers, carried, proofs
from field_client.contact.answers import AnswerRefused, Told
from field_client.contact.exchange import Exchange
from field_client.contact.far import Progress, nobody
from field_client.contact.history import PATIENCE
from field_client.contact.inventory import open_journal
from field_client.contact.proofs import Sent
from field_client.contact.standing import halt
from field_client.contact.wire import Wire
from field_client.errors import ServerUnclear
from field_client.store.stages import CONTACT, CURSOR, UNSENT
from field_client.store.tables import LinkRow, Stage
from protocol import messages
from protocol.answer import (
    QUESTION,
    Answered,
    Asked,
    check_files,
    open_answered,
    open_asked,
)
from protocol.credential import issuer_of, open_device
from protocol.engine import Event, GapNamed, Halted, Pulled, Restarted
from protocol.envelope import decode, record_hash
from protocol.errors import FujieError, UnknownSigner
from protocol.keys import Verifier
from protocol.messages import PushAnswer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What an answer brought: ``receipts`` of records that had none, ``stored`` records that now
    are whole at the office or archived, whether the roster is another; ``lacking``: the office
    lacks records before those of the export. ``trouble`` is what did not go with reference data."""

    at: int
    receipts: int
    stored: int
    updated: bool
    lacking: bool = False
    halted: str | None = None
    trouble: FujieError | None = None


@dataclass(frozen=True)
class Taking:
    """Takes answers in, for one tablet. ``anew`` has sync begin from what stands now."""

    exchange: Exchange
    device_name: str
    work: Path
    anew: Callable[[], None]

    def take_in(
        self,
        path: Path,
        progress: Progress = nobody,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Taken:
        """Take in the answer in ``path``. Raises AnswerBroken, AnswerRefused, Cancelled, DiskFull,
        what ``protocol/answer.py`` and proofs raise, and alarms."""
        key = answers.own_key(self.exchange.vault)
        with carried.unpacked(path, key, self.work, progress, cancelled) as told:
            try:
                return self._heard(told)
            except ServerUnclear as fault:
                raise AnswerRefused(
                    "The office's answer on this stick does not fit this tablet ({fault}). Nothing "
                    "was changed by it; export once more, and take in the answer to that.",
                    fault=fault.facts["fault"],
                ) from None
            finally:
                self.anew()

    def _heard(self, told: Told) -> Taken:
        exchange = self.exchange
        # Who asks is nobody here, so nothing has to be signed; what is answered proves itself.
        wire = Wire("http://stick.invalid", None, exchange.clock, told.transport(0, 0))
        with exchange.over(wire):
            answered = self._signed(told)
        asked = self._asked(told, answered)
        stick = told.transport(asked.cursor, answered.size)
        wire = Wire("http://stick.invalid", None, exchange.clock, stick)
        with exchange.over(wire):
            self._expect_news(asked, answered)
            exchange.history.doubts = PATIENCE
            before = self._count(), exchange.shelf.version
            contact = exchange.vault.state(CONTACT)
            try:
                lacking = self._talk(told)
                trouble = self._reference()
            finally:
                self._keep_contact(contact, answered.at)
            after = self._count()
            with exchange.vault.session() as session:
                halted = halt(session)
            return Taken(
                at=answered.at,
                receipts=before[0][0] - after[0],
                stored=after[1] - before[0][1],
                updated=exchange.shelf.version != before[1],
                lacking=lacking,
                halted=halted,
                trouble=trouble,
            )

    def _keep_contact(self, before: bytes | None, at: int) -> None:
        """The last contact was when the office answered, not when its answer was carried here."""
        if self.exchange.vault.state(CONTACT) != before:
            last = max(at, int.from_bytes(before or b"", "big"))
            self.exchange.vault.set_state(CONTACT, last.to_bytes(8, "big"))

    # ── whose it is ──────────────────────────────────────────────────────────────────────

    def _signed(self, told: Told) -> Answered:
        """The manifest, by a key by which the office answers."""
        shelf = self.exchange.shelf

        def keys() -> Mapping[bytes, Verifier]:
            return proofs.answering_keys(shelf.current, shelf.issuers)

        try:
            answered = open_answered(told.told, keys())
        except UnknownSigner:
            self.exchange.fetch_reference()
            answered = open_answered(told.told, keys())
        check_files(answered, told.digests)
        return answered

    def _asked(self, told: Told, answered: Answered) -> Asked:
        """The question that it answers, which this tablet signed."""
        question = told.file(QUESTION) or b""
        try:
            asked = open_asked(question, self._own_keys())
        except UnknownSigner:
            raise _not_ours() from None
        same = record_hash(decode(question)).hex() == answered.asked
        if not same or answered.device != self.device_name or asked.device != self.device_name:
            raise _not_ours()
        return asked

    def _own_keys(self) -> dict[bytes, Verifier]:
        """This tablet's key, and those that it had."""
        shelf, own = self.exchange.shelf, self.exchange.device.signer.verifier
        mine = [one for one in shelf.current.devices if one.name == self.device_name]
        former = [data for one in mine for data in (one.certificate, *one.former)]
        claims = [open_device(data, issuer_of(data, shelf.issuers)) for data in former]
        return {own.key_id: own} | {one.key_id: one.verifier for one in claims}

    def _expect_news(self, asked: Asked, answered: Answered) -> None:
        """A head that is smaller than the question's own is the office's fault, and heard as the
        alarm that it is; one that is smaller than what was seen since is only an old answer."""
        seen = self.exchange.history.log
        of_before = asked.origin != seen.origin
        if of_before or (answered.size < seen.size and asked.seen <= answered.size):
            raise AnswerRefused(
                "This answer is older than what this tablet knows already: {got} entries, and "
                "{size} are known. Nothing was changed; if records still wait, export once more.",
                got=answered.size,
                size=seen.size,
            )

    # ── what it says ─────────────────────────────────────────────────────────────────────

    def _talk(self, told: Told) -> bool:
        """Receipts and the office's records, and once more from the beginning where these changed
        the ground. Whether the office lacks earlier records."""
        for _ in range(2):
            said = self._pushed(told)
            if not isinstance(said, Restarted) and self._pulled():
                break
        return isinstance(said, GapNamed)

    def _pushed(self, told: Told) -> Event | None:
        exchange = self.exchange
        with exchange.vault.session() as session:
            journal, halted = open_journal(session).id, halt(session)
        if halted:
            return None  # as over a network: only what the office says is asked for
        exchange.history.heed(exchange.shelf.current)
        said: Event | None = None
        for first in told.firsts(journal):
            page = messages.decode(told.file(f"push/{journal.hex()}/{first}") or b"", PushAnswer)
            said = exchange.hear(first, self._links(journal, first, page), self._going_on(page))
            if isinstance(said, (Halted, GapNamed, Restarted)):
                break
        return said

    def _going_on(self, page: PushAnswer) -> PushAnswer:
        """The page with the proof from what this tablet has seen by now."""
        exchange, size = self.exchange, _size(page.checkpoint)
        seen = exchange.history.log.size
        if exchange.history.is_foreign(page.checkpoint) or not 0 < seen < size:
            return page
        proof, _ = exchange.history.proof(seen, size)
        return msgspec.structs.replace(page, consistency=proof)

    def _links(self, journal: bytes, first: int, page: PushAnswer) -> list[Sent]:
        """The links that a page answers."""
        query = (
            select(LinkRow.link)
            .where(LinkRow.journal == journal, LinkRow.sequence >= first)
            .order_by(col(LinkRow.sequence))
            .limit(len(page.admitted) + sum(run.count for run in page.runs))
        )
        with self.exchange.vault.session() as session:
            return [(link, None) for link in session.exec(query)]

    def _pulled(self) -> bool:
        """The office's records. False if they changed the ground."""
        vault, more = self.exchange.vault, True
        while more:
            said = self.exchange.pull(int.from_bytes(vault.state(CURSOR) or b"", "big"))
            if isinstance(said, Restarted):
                return False
            assert isinstance(said, Pulled)
            more = said.more
        return True

    def _reference(self) -> FujieError | None:
        """Newer reference data, if they are on the stick; receipts stand without them."""
        try:
            self.exchange.fetch_reference()
        except FujieError as error:
            log.warning("the answer's reference data were not taken: %s", error)
            return error
        try:
            self.exchange.shelf.fetch_photos(self.exchange.wire, self.device_name, None)
        except FujieError as error:
            log.warning("the answer's photos were not taken: %s", error)
        return None

    def _count(self) -> tuple[int, int]:
        """(records without a receipt, records stored or archived)."""
        with self.exchange.vault.session() as session:
            query = select(LinkRow.stage, func.count()).group_by(LinkRow.stage)
            counted: dict[str, int] = dict(session.exec(query).all())
        whole = (Stage.STORED.value, Stage.ARCHIVED.value)
        return sum(counted.get(one, 0) for one in UNSENT), sum(counted.get(one, 0) for one in whole)


def _size(note: bytes) -> int:
    """The size that a head's note names; nothing is verified yet."""
    lines = note.split(b"\n", 2)
    return int(lines[1]) if len(lines) > 2 and lines[1].isdigit() and len(lines[1]) < 20 else 0


def _not_ours() -> AnswerRefused:
    return AnswerRefused(
        "This answer is to another tablet's export. Nothing was changed; take the one that was "
        "made for this tablet."
    )
