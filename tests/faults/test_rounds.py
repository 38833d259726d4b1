"""Killed at system calls, or denied the disk at others: some rounds of those in ``make fuzz``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults.strace import Fault, can_trace, counted


def test_killed_or_denied_the_disk_at_any_call_nothing_acknowledged_is_lost() -> None:
    """Two kills at system calls, one at a random moment, a disk that fails; in a process of its
    own, which has no other threads when it forks. Where strace may not trace, all three kills come
    at random moments, and no disk fails."""
    command = [sys.executable, "-m", "tests.faults", "--kills", "2", "--moments", "1"]
    command += ["--errors", "1", "--cuts", "0", "--seed", "5"]
    made = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stdout + made.stderr
    errors = 1 if can_trace() else 0
    assert f"3 kills, {errors} errors of a disk: 0 lost" in made.stdout
    assert made.stdout.count("died 1") >= 1


def test_a_fault_is_put_in_straces_words() -> None:
    once, lasting = Fault("fsync", 3, "EIO"), Fault("pwrite64", 9, "ENOSPC", lasting=True)
    assert once.options == ["--trace=fsync", "--inject=fsync:error=EIO:when=3"]
    assert lasting.options[1] == "--inject=pwrite64:error=ENOSPC:when=9+"
    assert Fault("read", 1, "KILL").options[1] == "--inject=read:signal=KILL:when=1"


def test_of_each_call_the_most_of_one_thread_counts(tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    log.write_text("7 fsync(3) = 0\n7 fsync(4) = 0\n8 fsync(3) = 0\n8 write(1, ...) = 2\n")
    assert counted(log) == {"fsync": 2, "write": 1}
