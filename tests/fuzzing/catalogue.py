"""All targets, by subject."""

from __future__ import annotations

from tests.fuzzing import codes, files, log, public_log, server, statements, sticks, tablet, wire
from tests.fuzzing.target import Target

SUBJECTS = (statements, log, public_log, codes, wire, files, sticks, tablet, server)


def targets(only: str = "") -> list[Target]:
    """Every target whose name holds ``only``, the same in every run."""
    return [one for subject in SUBJECTS for one in subject.targets() if only in one.name]
