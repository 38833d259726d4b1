"""Every pain of the list that the work on sync began with is a test that bears its name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
PAINS = {
    "uploads that restart from zero": "uploads_that_restart_from_zero",
    'a push lost between "accepted" and "applied"': "push_lost_between_accepted_and_applied",
    "a failed pull that empties local files": "a_failed_pull_that_empties_local_files",
    "success shown for a deleted target": "success_shown_for_a_deleted_target",
    "a restored server": "a_restored_server",
    "refused records still counted as sent": "refused_records_still_counted_as_sent",
    "one bad queued item that only a wipe removes": "one_bad_queued_item_that_only_a_wipe_removes",
    "a failed upload retried only at the next write": (
        "a_failed_upload_retried_only_at_the_next_write"
    ),
    "a crash that wedges the queue": "a_crash_that_wedges_the_queue",
    "duplicate race": "a_duplicate_race",
    "a missing attachment shown as present": "missing_attachment_shown_as_present",
    "a saved item too large to send": "a_saved_item_too_large_to_send",
    "nobody knows which device is behind": "nobody_knows_which_device_is_behind",
    "wrong clocks": "wrong_clocks",
    "metadata stripped from photos": "metadata_stripped_from_photos",
    "a draft recovered into another case": "a_draft_recovered_into_another_case",
    "a crash that loses all": "a_crash_that_loses_all",
    "version drift": "a_tablet_of_any_version_uploads",
    "an acknowledgement that hides a rejection": "an_acknowledgement_that_hides_a_rejection",
    "items with failed signatures discarded": "items_with_failed_signatures_discarded",
}
PLACES = (
    *sorted((TESTS / "faults").glob("test_pains*.py")),
    TESTS / "field_client/test_pains_media.py",
    TESTS / "sync_server/test_versions.py",
)


def named() -> set[str]:
    """The tests of those files that say something: with more than a docstring in them."""
    found = set()
    for path in PLACES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(one, ast.Assert | ast.With) for one in ast.walk(node)
            ):
                found.add(node.name)
    return found


@pytest.mark.parametrize("pain", PAINS)
def test_each_pain_has_its_test(pain: str) -> None:
    assert [name for name in named() if PAINS[pain] in name]
