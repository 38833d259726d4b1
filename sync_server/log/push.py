"""One push of a device, as a job of the writer.

The device was known when its request was verified; it is looked up again here, because only
the writer knows whether a revocation was admitted in the meantime. What is refused is said by
name (``intake.Stopped``); the request's handler signs the refusal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protocol.chain import EMPTY, Head
from protocol.errors import Refused
from sync_server.log.append import Append, Place
from sync_server.log.intake import BadLink, Checked, Stopped, admit, verify_again
from sync_server.log.standing import OPEN, JournalHead
from sync_server.log.stretch import Stretch


@dataclass(frozen=True)
class Pushed:
    """``indexes`` answer the items in order up to where ``stopped``; ``head`` is the server's
    view of the journal afterwards; ``new`` are the entries that this commit added."""

    indexes: tuple[int, ...]
    head: Head
    new: dict[int, bytes]
    stopped: Stopped | None = None


@dataclass(frozen=True)
class PushJob:
    """Items of one journal, pushed by the device with the key ``device``: one by one, or as the
    ``stretch`` that they are."""

    device: bytes
    journal: bytes
    items: Sequence[Checked | BadLink]
    stretch: Stretch | None = None

    def run(self, append: Append) -> Pushed:
        """Admit the items in order."""
        stopped = self._refusal(append)
        known = append.journals.get(self.journal)
        if stopped is not None or known is None:
            return Pushed((), known.head if known else EMPTY, {}, stopped)
        ours = self.stretch
        if ours is None:
            return self._one_by_one(append, known, self.items)
        if known.state != OPEN or known.head != (ours.first, ours.previous):
            return self._one_by_one(append, known, ours.items())
        new = append.follow(ours)
        return Pushed(tuple(new), append.journals[self.journal].head, new)

    def _one_by_one(
        self, append: Append, known: JournalHead, given: Sequence[Checked | BadLink]
    ) -> Pushed:
        items = [
            verify_again(item, append.registry) if isinstance(item, Checked) else item
            for item in given
        ]
        linked = [item for item in items if isinstance(item, Checked)]
        append.preload(self.journal, known.head.length, linked)
        admission = admit(
            known.head,
            known.state,
            items,
            lambda sequence: _held(append, self.journal, sequence),
            lambda sequence: append.link_at(self.journal, sequence),
        )
        places = [
            append.add(item) if index is None else _again(append, item, index)
            for item, index in admission.items
        ]
        if admission.stopped is not None:
            self._keep(append, admission.stopped)
        new = {place.index: place.entry for place in places if place.entry}
        indexes = tuple(place.index for place in places)
        return Pushed(indexes, admission.head, new, admission.stopped)

    def _refusal(self, append: Append) -> Stopped | None:
        device = append.registry.device(self.device)
        if device is None or self.journal not in append.journals:
            return Stopped("unknown_device", "this device or journal is not enrolled here")
        if append.registry.device_of_journal(self.journal) != device or self._is_foreign():
            return Stopped("foreign_journal", "this journal is another device's")
        if device.revoked_at is not None and device.revoked_at <= append.now:
            return Stopped("revoked_device", "this device is revoked; export its journal")
        return None

    def _is_foreign(self) -> bool:
        """Whether a link is of another journal."""
        if self.stretch is not None:
            return self.stretch.journal != self.journal
        return any(
            isinstance(item, Checked) and item.link.journal != self.journal for item in self.items
        )

    def _keep(self, append: Append, stopped: Stopped) -> None:
        for item in stopped.evidence:
            append.keep_evidence(item, stopped.reason)
        if stopped.ends_journal:
            append.end(self.journal)


def _held(append: Append, journal: bytes, sequence: int) -> tuple[bytes, int]:
    """What stands below the journal's head. What was taken away here is nobody's fork."""
    found = append.held(journal, sequence)
    if found is None:
        raise Refused(
            "link {number} of this journal is missing here; run fujie-server fsck, and restore "
            "from a backup",
            number=sequence,
        )
    return found


def _again(append: Append, item: Checked, index: int) -> Place:
    append.add_late(item, index)
    return Place(index, append.entry(index) or b"")
