"""A tablet that is killed at any moment has all that it acknowledged; some moments of the 200 that
``make fuzz`` tries (``tests/killing.py``)."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.field_client.county import FieldTablet
from tests.killing import Told, examine


def test_killed_at_random_moments_of_a_day_nothing_acknowledged_is_lost() -> None:
    """In a process of its own, which has no other threads when it forks."""
    command = [sys.executable, "-m", "tests.killing", "--rounds", "5", "--seed", "20260707"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "5 kills: nothing acknowledged was lost" in made.stdout


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(records=["00" * 32]), "acknowledged and lost"),
        (Told(drafts={("00" * 32, "site_inspection_record"): "货架"}), "typed '货架', there is ''"),
    ],
)
def test_the_examination_names_what_is_lost(tablet: FieldTablet, told: Told, words: str) -> None:
    tablet.opened_and_notified()
    tablet.tablet.close()
    with pytest.raises(AssertionError, match=words):
        examine(tablet.folder, tablet.county, tablet.media, told)
