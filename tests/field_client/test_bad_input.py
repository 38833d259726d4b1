"""Whatever a tablet is dealt by its disk, clock, camera and office: each has its tests, by name."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest

from protocol.statements import Place
from tests.field_client.county import SHOP, FieldTablet

HERE = Path(__file__).parent
DEALT: dict[str, dict[str, tuple[str, ...]]] = {
    "killed at random moments of a scripted day": {
        "test_killed.py": ("killed_at_random_moments_of_a_day",),
        "test_journal.py": ("recording_that_was_cut_by_sigkill", "survive_a_kill_between_two_keys"),
        "test_flow_interview.py": ("a_kill_loses_no_word", "a_kill_while_pages_are_signed"),
        "test_flow_papers.py": ("a_table_survives_the_programs_death",),
    },
    "a full disk at every write": {
        "test_interrupted.py": ("a_full_disk_at_any_write", "full_disk_leaves_the_older_draft"),
        "test_vault.py": ("a_full_disk_keeps_what_was_acknowledged", "no_room_no_vault"),
        "test_media.py": ("a_full_disk_during_a_clip", "a_nearly_full_disk_ends_a_clip"),
        "test_continuous.py": ("a_disk_that_is_full_in_the_middle",),
        "test_flow_acts.py": ("a_full_disk_while_typing", "a_full_disk_at_issuing"),
        "test_flow_capturing.py": ("a_clip_that_a_full_disk_cut_is_offered",),
        "test_imports.py": ("what_does_not_fit_is_not_begun",),
    },
    "the clock moved back and forth": {
        "test_interrupted.py": ("a_clock_that_is_moved_back_and_forth",),
        "test_continuous.py": ("a_clock_that_is_set_meanwhile_moves_no_time",),
        "test_flow_acts.py": ("a_clock_that_was_set_meanwhile_is_told",),
    },
    "no place from a sensor": {
        "test_bad_input.py": ("a_place_is_typed_and_never_invented",),
        "test_flow_capturing.py": ("the_five_facts_come_first",),
    },
    "the camera unplugged while it records": {
        "test_continuous.py": ("a_camera_that_comes_loose", "while_the_camera_is_away"),
        "test_flow_capturing.py": ("a_clip_whose_camera_is_unplugged",),
        "test_media.py": ("a_clip_cut_by_a_crash_still_plays",),
    },
    "a template with a missing glyph": {
        "test_documents.py": ("a_character_without_a_glyph_is_named",),
        "test_papers.py": ("a_script_without_a_glyph_is_named",),
    },
    "a template with an endless loop": {
        "test_typesetter.py": ("an_endless_loop_is_stopped", "a_template_that_eats_memory"),
        "test_papers.py": ("a_bad_template_costs_its_page",),
        "test_flow_acts.py": ("a_template_that_takes_too_long",),
    },
    "a template with an import": {
        "test_typesetter.py": (
            "what_could_load_something_is_refused",
            "files_of_the_tablet_are_out_of_reach",
        ),
    },
}


@pytest.mark.parametrize("dealt", DEALT)
def test_each_has_its_tests(dealt: str) -> None:
    """One is there of each name, and says something."""
    for file, names in DEALT[dealt].items():
        said = [
            node.name
            for node in ast.walk(ast.parse((HERE / file).read_text("utf-8")))
            if isinstance(node, ast.FunctionDef)
            and any(isinstance(one, ast.Assert | ast.With) for one in ast.walk(node))
        ]
        for name in names:
            assert [one for one in said if name in one], f"{file}: {name}"


def test_a_place_is_typed_and_never_invented(tablet: FieldTablet) -> None:
    """In a whole inspection every place is what an officer wrote, and has no coordinates."""
    inspection = tablet.whole_inspection()
    places = [
        place
        for one in inspection.state.records
        for name in ("place", "kept_at")
        if isinstance(place := getattr(one.statement, name, None), Place)
    ]
    assert len(places) >= 4
    assert {msgspec.structs.astuple(one) for one in places} == {(SHOP, "typed", None, None)}
