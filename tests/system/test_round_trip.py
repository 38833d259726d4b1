"""One whole round trip through the real programs, as ``make demo ONCE=1`` tells it.

The server, the tablet under touch, the office's pages, the public's, the verifier: each step of
the story checks itself, so this test fails with the words of the step that did not happen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.keys import Ed25519Signer
from protocol.note import VerifierKey
from tests.demo import proof
from tests.demo.story import Story
from tests.ports import free_port

# The whole story, where one test takes seconds: minutes on a machine with other work.
pytestmark = [pytest.mark.xdist_group("kivy"), pytest.mark.timeout(540)]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The story, told once; its programs run until the module's tests are over."""
    story = Story(tmp_path_factory.mktemp("story") / "demo", free_port(), argon2="cheapest")
    try:
        story.tell()
        yield story
    finally:
        story.leave()


def test_an_inspection_goes_from_the_card_to_page_and_archive(told: Story) -> None:
    """Every step of the story happened, and each screen left its picture."""
    assert len(told.saved) == 16
    assert len(set(told.saved)) == 16
    pictures = {"07-card-first.png", "21-decision-blocked.png", "31-sync-archived.png"}
    assert pictures <= set(told.shots)


def test_the_demo_leaves_what_a_stranger_needs_to_check_it(told: Story) -> None:
    """Pictures, every PDF, the case file, and the two keys that it takes to verify it."""
    left = {path.name for path in told.folder.iterdir()}
    papers = {"site_inspection_record", "interview_record", "correction_order", "spot_decision"}
    assert {"case.zip", "trust.json", *(f"{one}.pdf" for one in papers)} <= left
    trust = json.loads((told.folder / "trust.json").read_text())
    assert sorted(trust) == ["log", "quorum", "roots", "witnesses"]


def test_a_case_file_of_another_log_is_not_believed(told: Story, tmp_path: Path) -> None:
    """With another log's key the same file fails, and the check is named."""
    trust = json.loads((told.folder / "trust.json").read_text())
    name = trust["log"].partition("+")[0]
    other = VerifierKey(name, Ed25519Signer(bytes(32)).verifier.public_key)
    stranger = tmp_path / "trust.json"
    stranger.write_text(json.dumps({**trust, "log": other.text()}))
    code, checks = proof.verify(told.folder / "case.zip", stranger)
    assert code != 0
    assert not all(proof.held(check) for check in checks)
