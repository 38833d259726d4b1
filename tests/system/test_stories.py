"""Stories of a tablet or two and their office as they are: a few here, hundreds in ``make fuzz``.

What they promise is worth what they would catch: each fault below was the product's once, is
planted again, and must be found.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from field_client.contact import reopening
from field_client.contact.sync import Sync
from field_client.documents import Typesetter
from field_client.store.stages import HALTED
from field_client.store.tables import Stage
from sync_server.devices import exchange, stored
from sync_server.upkeep import besides
from tests.simulation.seats import Scene
from tests.simulation.story import Story
from tests.simulation.world import Broken
from tests.test_simulation import RUN

DRAWN = random.Random(f"stories {RUN}").randrange(2**31)


@pytest.fixture
def scene(morning: Path, shop: Path, typesetter: Typesetter) -> Scene:
    return Scene(morning, shop, typesetter)


@pytest.fixture
def pair(scene: Scene, tmp_path: Path) -> Scene:
    """With a second tablet."""
    return scene.with_another(tmp_path / "pair")


@pytest.mark.parametrize("seed", [28, DRAWN])
def test_sticks_copied_disks_and_backups_in_any_order_lose_nothing(
    scene: Scene, tmp_path: Path, seed: int
) -> None:
    """The last seed is drawn anew each time and stands in the test's name."""
    told = Story(seed, scene, tmp_path).play()
    assert told.entries > told.records


@pytest.mark.parametrize("seed", [7, DRAWN])
def test_two_tablets_of_one_office_lose_nothing(pair: Scene, tmp_path: Path, seed: int) -> None:
    """One is in the middle of an exchange while the other talks, brings a stick or gets a
    successor of the log to follow; and both take in the same recorder's film."""
    told = Story(seed, pair, tmp_path).play()
    assert told.entries > told.records


FIRST = ["record", "share", "contact", "contact", "other", "record", "contact", "share"]
ANEW = ["record", "contact", "copy", "share", "contact", "contact", "put_back", "contact"]


@pytest.mark.parametrize(
    "script",
    [
        [*FIRST, "contact"],
        [*FIRST, "by_stick", "by_stick", "whole"],
        [*ANEW, "close_journal", "contact", "contact", "share", "contact"],
    ],
    ids=["another tablet's", "by stick alone", "taken in anew on a disk that was put back"],
)
def test_a_word_that_was_said_before_its_film_was_named_is_heard(
    pair: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: list[str]
) -> None:
    """Else whoever names it behind the word waits for it for ever."""
    Good(0, pair, tmp_path / "as it is").play(script)
    monkeypatch.setattr(stored, "_told_elsewhere", lambda *_: None)
    monkeypatch.setattr(exchange, "_passed_over", lambda *_: [])
    with pytest.raises(Broken, match="not whole"):
        Good(0, pair, tmp_path / "silent").play(script)


def never_looks(patch: pytest.MonkeyPatch) -> None:
    """An alarm that a stick lifted before sync heard of it holds until a restart."""
    patch.setattr(Sync, "_is_lifted", lambda self: False)


def hears_no_other_reason(patch: pytest.MonkeyPatch) -> None:
    """The tablet goes on to speak of an alarm that a stick turned into a refusal."""
    patch.setattr(
        Sync,
        "_is_lifted",
        lambda self: self.halted is not None and not self._vault.state(HALTED),
    )


def waits_for_ever(patch: pytest.MonkeyPatch) -> None:
    """A restored server that does not know the tablet's journal is waited for without end."""
    patch.setattr(reopening, "LIFTED", ("fork", "rewrite", "closed"))


def knows_no_lost_journal(patch: pytest.MonkeyPatch) -> None:
    """fsck takes for altered what a tablet brought of a journal that the log lost."""
    whole = besides._is_doubt
    patch.setattr(
        besides, "_is_doubt", lambda row, who: row["journal"] in who.journals and whole(row, who)
    )


CLOSED_AFTER = ["record", "contact", "back_up", "close_journal", "contact", "record", "contact"]


@pytest.mark.parametrize(
    ("plant", "script", "words"),
    [
        (never_looks, ["record", "back_up", "contact", "roll_back", "record", "alarmed"], "halted"),
        (hears_no_other_reason, [*CLOSED_AFTER, "roll_back", "record", "alarmed"], "halted.*alarm"),
        (waits_for_ever, [*CLOSED_AFTER, "restore"], "halted.*unknown_device"),
        (knows_no_lost_journal, [*CLOSED_AFTER, "roll_back", "contact"], "not whole"),
    ],
)
def test_a_fault_of_former_days_is_found(
    scene: Scene,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    script: list[str],
    words: str,
) -> None:
    """What a search has drawn, told by name."""
    plant(monkeypatch)
    with pytest.raises(Broken, match=words):
        Good(0, scene, tmp_path).play(script)


class Good(Story):
    """On a line that loses nothing, with nobody who comes in between, and one film."""

    films = 1

    def __init__(self, seed: int, scene: Scene, folder: Path) -> None:
        super().__init__(seed, scene, folder)
        self.loss = self.meddling = self.resolving = 0.0

    def other(self) -> None:
        """The next tablet's turn, until it is another's."""
        self.seat = self.seats[self.seats.index(self.seat) - 1]

    def whole(self) -> None:
        """Nothing is left to do, though no network was there."""
        stages = self.tablet.stages()
        here = self.calm() and all(one.rank >= Stage.STORED.rank for one in stages)
        self.expect(here, "not whole", stages)

    def alarmed(self) -> None:
        """Contacts until the tablet is sure; then the office resolves it before sync hears."""
        self.resolving = 1.0
        for _ in range(4):
            self.clock.pass_seconds(400)
            self.contact()
        self.resolving = 0.0
