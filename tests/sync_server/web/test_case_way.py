"""The way of a case on its page, as people read it."""

from __future__ import annotations

from protocol.statements import HandedOver
from sync_server.web import casepage
from tests.protocol import yunxi
from tests.protocol.measured import recusal
from tests.protocol.yunxi import LU, REFERENCE, SHEN

STRANGER = "00992304999"


def test_who_takes_over_and_whose_recusal_is_asked_stand_by_their_names() -> None:
    story = yunxi.Story()
    story.tell(yunxi.open_inspection())
    story.tell(HandedOver(**yunxi.common(), officers=[LU, STRANGER], reason="交接班"))
    story.tell(recusal(SHEN))
    way = casepage.way(story.state(), REFERENCE)
    assert [one.kind for one in way] == ["recusal_asked", "handed_over", "inspection_opened"]
    assert "沈知远" in way[0].detail_zh
    assert SHEN not in way[0].detail_zh + way[0].detail_en
    assert way[1].detail_zh == f"陆清和、{STRANGER}：交接班"
    assert way[1].detail_en == f"陆清和, {STRANGER}: 交接班"
