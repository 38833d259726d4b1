"""A short, fixed walk through what ``make fuzz`` does for as long as one likes."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.errors import BadSignature, Malformed, TooLarge
from tests.fuzzing import hunt
from tests.fuzzing.breaking import broken
from tests.fuzzing.catalogue import targets
from tests.fuzzing.target import Judge, Target, text

ROOT = Path(__file__).resolve().parent.parent
TARGETS = targets()


def hunted(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m tests.fuzzing``, as ``make fuzz`` runs it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.fuzzing", "--folder", str(folder), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_decoder_breaks_on_what_the_hunt_makes_of_good_bytes(tmp_path: Path) -> None:
    """Bounded by executions and seeded: the same hunt on every machine that has atheris."""
    done = hunted(tmp_path, "--runs", "300", "--seed", "20261118", "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    told = done.stdout.splitlines()
    assert re.fullmatch(r"\d+ executions, 0 findings", told[-1])
    assert len(told) == len(TARGETS) + 2


@pytest.mark.parametrize("target", TARGETS, ids=[target.slug for target in TARGETS])
def test_no_decoder_breaks_on_bytes_broken_by_chance(target: Target) -> None:
    """Our own mutator, which runs where atheris has no wheel."""
    judge, chance = Judge(target), random.Random(20261118)
    found = [judge.attempt(seed) for seed in target.seeds]
    found += [judge.attempt(broken(target.seeds, chance)) for _ in range(max(4, 80 // target.slow))]
    assert [one for one in found if one] == []


def test_no_two_targets_share_a_name() -> None:
    assert len({target.slug for target in TARGETS}) == len(TARGETS)


def _crash(data: bytes) -> object:
    return data[5]


def _refused(data: bytes) -> object:
    raise BadSignature("expected a signature over these bytes; sign them")


def _too_large(data: bytes) -> object:
    raise TooLarge("expected at most {bound} bytes", bound=1)


def _without_facts(data: bytes) -> object:
    raise Malformed("expected {nobody_says_what}")


@pytest.mark.parametrize(
    ("target", "data", "kind"),
    [
        (Target("crash", (b"123456",), _crash), b"", "IndexError"),
        (Target("forged", (b"x",), bytes, proves=True), b"y", "proved something else"),
        (Target("undocumented", (b"x",), _refused), b"y", "undocumented BadSignature"),
        (Target("no words", (b"x",), _without_facts), b"y", "an error without a text"),
        (Target("loose", (b"x",), bytes.lower, rewrite=bytes), b"Y", "written otherwise"),
        (
            Target("loose text", (b"x",), text(str.lower), rewrite=str.encode),
            b"Y",
            "written otherwise",
        ),
        (
            Target("lost", (b"x",), bytes, rewrite=bytes.upper, one_form=False),
            b"y",
            "written otherwise",
        ),
        (Target("unwritten", (b"x",), bytes, rewrite=_crash), b"y", "read and not written again"),
    ],
    ids=lambda one: one.name if isinstance(one, Target) else "",
)
def test_the_hunt_sees_what_must_not_happen(target: Target, data: bytes, kind: str) -> None:
    found = Judge(target).attempt(data)
    assert found is not None
    assert found.kind.startswith(kind)


@pytest.mark.parametrize(
    "target",
    [
        Target("proof", (b"x",), bytes, proves=True, rewrite=bytes),
        Target("bound", (b"x",), _too_large),
    ],
    ids=lambda one: one.name,
)
def test_the_hunt_lets_good_bytes_and_documented_errors_pass(target: Target) -> None:
    assert Judge(target).attempt(b"x") is None


def test_a_text_is_compared_with_the_text_that_was_read() -> None:
    """Bytes that are no UTF-8 reach a parser of text as U+FFFD, so that is what it writes."""
    target = Target("text", (b"x",), text(str), rewrite=str.encode)
    assert Judge(target).attempt(b"\x94x") is None


def test_a_finding_is_kept_to_be_replayed(tmp_path: Path) -> None:
    target = next(one for one in TARGETS if one.name == "receipt, proved")
    kept = hunt.keep_finding(tmp_path, target, b"c2sp.org/tlog-proof@v1")
    assert hunt.target_of(kept, TARGETS) is target
    done = hunted(tmp_path, "--replay", str(kept))
    assert (done.returncode, done.stdout) == (0, "receipt, proved: holds\n")


def test_a_decoder_that_takes_the_process_with_it_is_a_finding(tmp_path: Path) -> None:
    """As libFuzzer ends one that takes minutes or all memory, leaving the bytes."""
    target = Target("deadly", (b"x",), bytes)
    (tmp_path / "findings").mkdir()
    left = tmp_path / "findings" / "deadly-timeout-0123abcd"
    left.write_bytes(b"y")
    (tmp_path / "deadly.log").write_text("ALARM: working on the last Unit for 25 seconds")
    ended = hunt.outcome(target, 70 << 8, tmp_path)
    assert [file for _, file in ended.findings] == [str(left)]
