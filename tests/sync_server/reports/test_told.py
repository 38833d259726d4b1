"""What reviews found, in words for the officers whose tablet it is."""

from protocol.findings import examine
from sync_server.reports.told import as_told
from tests.protocol.test_findings import shelf
from tests.protocol.test_findings_acts import overridden


def test_officers_are_not_told_what_is_written_for_supervisors() -> None:
    made = shelf()
    made.add(overridden("AV-2"))
    (found,) = examine(made.facts()).findings
    told = as_told(found)
    assert told.zh.startswith(found.zh)
    assert told.en.startswith(found.en)
    assert found.remedy_zh not in told.zh
    assert found.remedy_en not in told.en
