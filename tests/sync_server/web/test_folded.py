"""fsck folds everything again and compares; rebuild makes whole what it found."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync_server.commands import serving
from sync_server.projections import comparing
from sync_server.projections.runner import Projections
from tests.sync_server.conftest import BOTH
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import Office

STORES = BOTH

ALTERED = {
    "a party's name": "UPDATE view_case SET party = 'x'",
    "a case that is not shown": "DELETE FROM view_case",
    "a case that is none": "UPDATE view_case SET case_id = :other",
    "a mask that was lifted": "UPDATE view_disclosure SET masked = :other",
    "a decision that is not shown": "DELETE FROM view_disclosure",
    "a document's mark": "UPDATE view_document SET document_id = 'x'",
    "a decision that nobody finds": "DELETE FROM disclosure_search",
}


def test_what_pages_show_is_what_the_log_gives(
    open_office: Callable[[County], Office], published: County
) -> None:
    """While the server runs, over either database; each change is named, and folded away."""
    office = open_office(published)
    office.signed_in("hejingting").get("/office/cases")
    assert office.client().get("/decisions").status_code == 200
    assert office.services is not None
    projections = Projections(office.services.db, office.services.facts)
    for what, change in ALTERED.items():
        values = {"other": b"[]"} if ":other" in change else {}
        (touched,) = office.sql(change, **values)
        assert touched > 0, what
        assert list(comparing.differences(office.services.db, projections, "2026-11-20")), what
        projections.rebuild()
        assert not list(comparing.differences(office.services.db, projections, "2026-11-20")), what
    office.sql("UPDATE view_case SET party = 'x'")
    assert [line.partition(":")[0] for line in office.fsck()[:-1]] == ["projections"]
    assert serving.rebuild(office.settings, lambda _: None) == 0
    assert len(office.fsck()) == 1


def test_a_server_folds_what_a_rebuild_beside_it_left(
    open_office: Callable[[County], Office], published: County
) -> None:
    """One that was ended before it had folded anything again: the next look finds all of it."""
    office = open_office(published)
    assert office.services is not None
    running, beside = (
        Projections(office.services.db, office.services.facts) for _ in ("serve", "rebuild")
    )
    running.catch_up()

    def ended() -> None:
        raise KeyboardInterrupt

    beside.catch_up = ended  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        beside.rebuild()
    assert office.sql("SELECT count(*) FROM view_case")[0][0] == 0
    running.catch_up()
    assert len(office.fsck()) == 1
    assert office.sql("SELECT count(*) FROM view_case")[0][0] == 1


def test_what_is_not_folded_yet_is_no_difference(
    open_office: Callable[[County], Office], inspected: County
) -> None:
    """Nobody has looked at a page since the records came."""
    office = open_office(inspected)
    office.sql('DELETE FROM "position"')
    office.sql("DELETE FROM view_case")
    assert len(office.fsck()) == 1
