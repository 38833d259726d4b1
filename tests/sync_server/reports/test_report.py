"""The report as of a size of the log, its parts, its answers, and how it is written down."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import threading
from typing import Any

import pytest

from protocol.auditing import county as auditing
from protocol.errors import FujieError
from protocol.findings import document
from protocol.findings.document import Json
from protocol.statements import (
    FindingAnswered,
    FixityChecked,
    ReferencePublished,
    ReportCut,
)
from protocol.vocabulary import FindingState
from sync_server import words
from sync_server.__main__ import main
from sync_server.keys import eseal
from sync_server.keys.accounts import Accounts
from sync_server.log.journal import Changed
from sync_server.reports import answering, moments, written
from sync_server.reports import county as county_report
from sync_server.reports.kept import Kept
from sync_server.reports.rows import context_of
from tests.cast import AGENCY, START
from tests.sync_server.reports import faults
from tests.sync_server.reports.simulated import DAY, County, simulated, staff_key

FIRST_DAY = "2026-11-18"


def report(county: County, as_of: str = "") -> Json:
    """The agency's report."""
    moment = moments.as_of(county.services, as_of) if as_of else moments.now(county.services)
    return county_report.report(county.services, AGENCY, moment)


def codes(made: Json) -> set[tuple[str, str]]:
    return {(device, one["code"]) for device, one in document.findings_of(made)}


@pytest.fixture(scope="module")
def now(county: County) -> Json:
    return report(county)


@pytest.fixture(scope="module")
def first_day(county: County) -> Json:
    return report(county, FIRST_DAY)


def test_it_says_what_is_wrong_with_each_device(now: Json) -> None:
    assert codes(now) == {
        ("YX-T01", "unsent"),
        ("YX-T02", "invalid_holder"),
        ("YX-T02", "stale_catalogue"),
        ("YX-T03", "silent_device"),
        ("YX-T04", "overridden"),
    }
    assert (now["counts"]["devices"], now["counts"]["complete"]) == (5, 3)


def test_a_day_resolves_to_what_had_been_received_by_its_end(
    county: County, now: Json, first_day: Json
) -> None:
    """It names size and root of the log; what came later is not in it."""
    size = first_day["as_of"]["size"]
    assert 0 < size < now["as_of"]["size"]
    entries = county.services.facts.entries(size - 1, size)
    assert [int.from_bytes(one[65:73], "big") < START + 15 * 3_600_000 for _, one in entries] == [
        True,
        False,
    ]
    assert [one["links"] for one in first_day["devices"][:4]] == [6, 6, 0, 7]
    assert [one["links"] for one in now["devices"][:4]] == [6, 12, 0, 7]
    assert len(first_day["cases"]) == 3
    assert len(now["cases"]) == 4
    by_size = report(county, str(size))["as_of"]
    assert by_size == first_day["as_of"] | {"at": by_size["at"]}
    assert START < by_size["at"] < first_day["as_of"]["at"]


def test_the_same_day_gives_the_same_bytes_after_the_log_has_grown(tmp_path: Any) -> None:
    """JSON and unsealed PDF, whatever was stated, sent or answered since."""
    with simulated(tmp_path / "data", 2) as county:
        county.day()
        county.clock.set(START + DAY)
        before = report(county, FIRST_DAY)
        one = county.tablets[0]
        one.scribe.now = START + DAY
        one.inspection()
        county.send(one)
        county.clock.set(START + 9 * DAY)
        county.services.publish_reference(AGENCY)
        after = report(county, FIRST_DAY)
        assert document.encode(before) == document.encode(after)
        assert written.pdf_of(before, "zh_CN") == written.pdf_of(after, "zh_CN")
        assert codes(report(county)) >= {("YX-T02", "silent_device")}


def test_what_is_taken_away_later_shows_in_every_report_that_had_it(tmp_path: Any) -> None:
    with simulated(tmp_path / "data", 1) as county:
        county.day()
        county.clock.set(START + 2 * DAY)
        faults.remove(county, county.tablets[0].records[2].hash)
        assert ("YX-T01", "statement_missing") in codes(report(county, FIRST_DAY))


@pytest.mark.parametrize("text", ["2026-11-21", "2026-13-01", "999999", "ab" * 32, "§" * 64, "x"])
def test_what_is_no_moment_of_the_log_is_refused(county: County, text: str) -> None:
    """A day that has not ended, no day, more entries than there are, no cut."""
    with pytest.raises(FujieError):
        moments.as_of(county.services, text)


def test_a_part_is_about_one_device_officer_unit_or_period(county: County, now: Json) -> None:
    suspended = next(one for one in document.findings_of(now) if one[1]["code"] == "invalid_holder")
    holders = suspended[1]["holders"]
    tablet = county.tablets[1]
    assert set(holders) <= {one.cert_no for one in tablet.officers}
    assert codes(document.scoped(now, device="YX-T03")) == {("YX-T03", "silent_device")}
    of_officer = document.scoped(now, officer=holders[0])
    assert ("YX-T02", "invalid_holder") in codes(of_officer)
    assert [one["device"] for one in of_officer["devices"]] == ["YX-T02"]
    assert len(of_officer["cases"]) == 2
    unit = tablet.officers[0].claims.unit
    of_unit = document.scoped(now, unit=unit)
    assert {one["unit"] for one in of_unit["cases"]} == {unit}
    assert ("YX-T02", "invalid_holder") in codes(of_unit)
    later = document.scoped(now, since=START + DAY)
    assert ("YX-T02", "invalid_holder") not in codes(later)
    assert len(later["cases"]) == 1


def test_an_officers_records_are_counted(county: County, now: Json) -> None:
    by = {one["cert_no"]: one for one in now["officers"]}
    for officer in county.tablets[1].officers:
        assert by[officer.cert_no]["signed"] == 12
    assert sum(one["signed"] for one in now["units"]) == 2 * (6 + 12 + 7)


def test_a_case_is_whole_when_all_that_is_asked_is_on_record(now: Json) -> None:
    assert {case["complete"] for case in now["cases"] if case["officers"] != []} >= {True}
    keys = {one["key"] for one in now["cases"][0]["asked"]}
    assert {"step.identity", "step.rights", "step.record", "ID-1", "RT-2"} <= keys
    rates = {one["key"]: (one["good"], one["all"]) for one in now["rates"]}
    assert rates["step.rights"] == (4, 4)


def answer(county: County, finding: Json, account: str, password: str, state: str) -> None:
    """Somebody of the office answers for a finding."""
    said = FindingAnswered(
        agency=AGENCY,
        at=county.clock.now(),
        salt="5a" * 16,
        finding=finding["id"],
        device="YX-T03",
        code=finding["code"],
        state=FindingState(state),
        note="平板送修，已联系使用人",
    )
    county.services.office.state(said, [staff_key(county.services, account, password)])


def test_who_answers_changes_the_findings_state_and_nothing_else(tmp_path: Any) -> None:
    """The agency explains, the supervisor settles; as of the day before it is open."""
    with simulated(tmp_path / "data", 1) as county:
        county.clock.set(START + DAY)
        ((_, found),) = document.findings_of(report(county))
        assert (found["code"], found["state"]) == ("silent_device", "open")
        head = ("gumingyuan", "yunxi-juzhang-2026")
        answer(county, found, *head, "explained")
        answer(county, found, *head, "settled")
        ((_, found),) = document.findings_of(report(county))
        assert found["state"] == "explained"
        answer(county, found, "fangqiuyan", "yunxi-jiandu-2026", "settled")
        ((_, found),) = document.findings_of(report(county))
        assert found["state"] == "settled"
        assert [one["by"] for one in found["answers"]] == ["顾明远", "方砚秋"]
        ((_, before),) = document.findings_of(report(county, FIRST_DAY))
        assert before["state"] == "open"
        assert before["id"] == found["id"]


def test_of_two_who_answer_at_once_the_second_is_told(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each saw a finding without an answer; the second was begun while the first was signed."""
    with simulated(tmp_path / "data", 1) as county:
        county.clock.set(START + DAY)
        services, kept = county.services, Kept(county.services)
        ((_, found),) = document.findings_of(kept.document(AGENCY))
        accounts, told = Accounts(services.db, county.clock), []
        head = accounts.signer("gumingyuan", "yunxi-juzhang-2026")
        supervisor = accounts.signer("fangqiuyan", "yunxi-jiandu-2026")

        def say(person: Any) -> None:
            with contextlib.suppress(Changed):
                answering.answer(
                    services, kept, person, found["id"], FindingState.EXPLAINED, "送修", 0
                )
                told.append(person[0].account)

        second = threading.Thread(target=say, args=(supervisor,))
        state = services.office.state

        def slowly(*said: Any) -> Any:
            if threading.current_thread() is not second:
                second.start()
                second.join(1)
            return state(*said)

        monkeypatch.setattr(services.office, "state", slowly)
        say(head)
        second.join()
        assert told == ["gumingyuan"]
        ((_, found),) = document.findings_of(report(county))
        assert [one["by"] for one in found["answers"]] == ["顾明远"]


def test_a_cut_is_a_moment_by_its_record(county: County, first_day: Json) -> None:
    as_of = first_day["as_of"]
    cut = ReportCut(
        agency=AGENCY,
        at=county.clock.now(),
        salt="5b" * 16,
        size=as_of["size"],
        until=as_of["at"],
        root=as_of["root"],
        rules=first_day["rules"],
        format=first_day["format"],
        report="00" * 32,
    )
    key = staff_key(county.services, "fangqiuyan")
    stated = county.services.office.state(cut, [key])
    assert report(county, stated.record_hash.hex()) == first_day


def test_what_a_tablet_says_in_the_offices_place_counts_for_nothing(tmp_path: Any) -> None:
    """That lists came out which did not, that files were read again, where a report was cut."""
    with simulated(tmp_path / "data", 1) as county:
        county.day()
        made = report(county)
        assert len(made["cases"]) == 1
        tablet = county.tablets[0]
        sha256 = "5c" * 32
        said = tablet.scribe.said
        tablet.act(ReferencePublished(**said(), version=999, sha256=sha256))
        tablet.act(
            FixityChecked(
                **said(), began_at=START, size=1, checked=[sha256], damaged=[], missing=[]
            )
        )
        cut = tablet.act(
            ReportCut(
                **said(),
                size=1,
                until=START,
                root="00" * 32,
                rules=made["rules"],
                format=made["format"],
                report="00" * 32,
            )
        )
        county.send(tablet)
        after = report(county)
        assert codes(after) == codes(made)
        assert after["cases"] == made["cases"]
        context = context_of(county.services, AGENCY, moments.now(county.services))
        assert auditing._checked(context) == {}
        with pytest.raises(FujieError, match="no report was cut"):
            report(county, cut.hex)


# ── written down ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_spreadsheet_has_a_line_for_each_finding_and_no_formula(now: Json, language: str) -> None:
    now = json.loads(json.dumps(now))
    now["devices"][0]["device"] = "=1+1"
    data = written.csv_of(now, language)
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert len(head) == len(written.COLUMNS)
    assert [row[2] for row in rows[:5]] == [one["code"] for _, one in document.findings_of(now)]
    assert {row[2] for row in rows[5:]} == {"ID-2"}
    assert ("程度" in head) == (language == "zh_CN")
    assert [row[1] for row in rows if row[1].endswith("=1+1")] == ["'=1+1"]


def test_every_word_on_the_paper_has_its_chinese(now: Json) -> None:
    known = words.catalogue("zh_CN")
    assert [one for one in written.COLUMNS if one not in known] == []
    paper = written.printed(now, "zh_CN")
    told = [*paper["words"].values(), *paper["devices"]["head"], *paper["units"]["head"]]
    told += [pair[0] for pair in (*paper["facts"], *paper["tiles"])]
    assert [one for one in told if one.isascii()] == []


def test_the_paper_is_a_pdf_that_names_size_and_root(now: Json) -> None:
    data = written.pdf_of(now, "zh_CN")
    assert data.startswith(b"%PDF-1.7")
    paper = written.printed(now, "zh_CN")
    assert [str(now["as_of"]["size"]), now["as_of"]["root"]] == [
        value for _, value in paper["facts"][1:3]
    ]


def test_the_command_gives_the_bytes_as_of_a_size(
    county: County, first_day: Json, monkeypatch: Any, capfdbinary: Any
) -> None:
    """The same that the pages give; the exit code says whether anything is missing."""
    monkeypatch.setenv("FUJIE_DATA", str(county.services.settings.data))
    size = str(first_day["as_of"]["size"])
    expected = document.encode(report(county, size))
    for _ in range(2):
        assert main(("report", "--as-of", size, "--format", "json")) == 1
        assert capfdbinary.readouterr().out == expected
    assert main(("report", "YX-T04", "--as-of", size, "--format", "text")) == 0
    said = capfdbinary.readouterr().out.decode()
    assert "overridden [open]" in said
    assert f"{size} entries" in said


def test_the_sealed_paper_is_the_unsealed_one_with_the_agencys_seal_behind_it(
    county: County, first_day: Json, monkeypatch: Any, capfdbinary: Any
) -> None:
    """By the command, which refuses to seal what is no paper."""
    monkeypatch.setenv("FUJIE_DATA", str(county.services.settings.data))
    asked = ("report", "--as-of", str(first_day["as_of"]["size"]), "--seal")
    assert main((*asked, "--format", "pdf")) == 1
    sealed = capfdbinary.readouterr().out
    unsealed = written.pdf_of(report(county, asked[2]), "zh_CN")
    assert sealed.startswith(unsealed)
    (seal,) = eseal.read(sealed)
    assert seal.whole
    assert seal.by.startswith(first_day["name"])
    assert main((*asked, "--format", "csv")) == 2
    assert "--format pdf" in capfdbinary.readouterr().err.decode()
