"""An interview from the first question to the last PIN: fingers on glass, the real flows, the
real vault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from field_client.documents import Typesetter
from protocol.statements import DocumentIssued, SignatureTaken
from tests.cast import HEARD
from tests.field_client.conftest import TurnedClock
from tests.field_client.county import LU, PINS, SHEN, County, FieldTablet, copied
from tests.field_client.flowing import Stage

PATIENCE = 400  # rounds of frames and jobs


@pytest.fixture
def stage(
    morning: Path,
    tmp_path: Path,
    clock: TurnedClock,
    county: County,
    shop: Path,
    typesetter: Typesetter,
) -> Iterator[Stage]:
    """The flows over a real vault, before a window is put to them."""
    folder = copied(morning / "tablet", tmp_path / "tablet")
    made = Stage.of(FieldTablet.start(folder, clock, county, shop, typesetter))
    yield made
    made.close()


@pytest.fixture
def glass(stage: Stage, window: Any) -> Iterator[Any]:
    """A window over those flows, at an inspection whose party was told its rights."""
    from field_client.flow.routes import careful
    from field_client.ui.shell import Shell
    from tests.hands import Hands

    stage.notified()
    shell = Shell(careful(stage.routes))
    shell.use_language("zh_CN")
    shell.use_theme("day")
    for child in list(window.children):
        window.remove_widget(child)
    window.add_widget(shell)
    stage.desk.shell = shell
    yield Hands(drawing=False)
    window.remove_widget(shell)


def until(stage: Stage, hands: Any, there: Any) -> None:
    """Frames and jobs in turn, as on a tablet."""
    for _ in range(PATIENCE):
        stage.work()
        hands.pump(2)
        if there():
            return
    shell = stage.desk.shell
    raise AssertionError(f"never came: {shell.current}, {getattr(shell.screen, 'view', None)}")


def write(hands: Any, stage: Stage, name: str) -> None:
    """A name by hand, on the pad that is shown."""
    from field_client.ui.gallery.ink import written

    pad = stage.desk.shell.screen.pad
    hands.draw("pad", written(name, aspect=pad.height / pad.width))


def test_an_interview_is_held_read_over_and_signed_by_fingers(stage: Stage, glass: Any) -> None:
    hands, shell = glass, stage.desk.shell
    stage.do.act("interview")
    until(stage, hands, lambda: shell.current == "interview")
    for key, words in (("interviewee", "王芳"), ("interviewee_id", "11010519491231002X")):
        until(stage, hands, lambda key=key: hands.seek(key) is not None)
        hands.type(key, words)
    until(stage, hands, lambda: hands.seek("relation") is not None)
    hands.type("relation", "店长")
    until(stage, hands, lambda: hands.seek("recusal") is not None)
    hands.type("recusal", HEARD)
    hands.tap("tab.talk")
    until(stage, hands, lambda: hands.seek("line") is not None)
    hands.type("line", "你负责什么工作？\n")
    until(stage, hands, lambda: shell.screen.view.part == "a")
    hands.type("line", "负责门店经营。\n")
    until(stage, hands, lambda: shell.screen.view.part == "q")
    hands.tap("tab.check")
    until(stage, hands, lambda: bool(shell.screen.view.preview.pages))
    hands.tap("read_by")
    hands.tap("read_by.被询问人自己阅读")
    hands.tap("main")
    until(stage, hands, lambda: shell.current == "sign")
    pages = len(shell.screen.view.pages)
    while shell.screen.view.stage == "party":
        turn = shell.screen.view.turn.key
        write(hands, stage, "周明禾")
        hands.tap("main")
        until(stage, hands, lambda turn=turn: shell.screen.view.turn.key != turn)
    for cert_no, name in ((SHEN, "沈知远"), (LU, "陆清和")):
        write(hands, stage, name)
        hands.tap("main")
        hands.pin(PINS[cert_no])
        until(
            stage,
            hands,
            lambda who=cert_no: shell.current != "sign" or shell.screen.view.current != who,
        )
    until(stage, hands, lambda: shell.current == "inspection")
    (issued,) = [one for one in stage.records if isinstance(one, DocumentIssued)]
    taken = [one for one in stage.records if isinstance(one, SignatureTaken)]
    assert issued.pages == pages == len(taken)
    assert {one.act.over for one in taken} == {issued.root}
