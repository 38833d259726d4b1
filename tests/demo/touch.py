"""What every act on the tablet needs: its window and its open vault, a picture, a hand.

class Officers(Touch): …
officers.tap_main("form")           # the main button, then wait for the screen it leads to
officers.ink("周明禾")               # written on the pad that is shown
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from field_client.app import FujieApp
from field_client.ui.gallery.ink import written
from protocol.statements import DocumentIssued
from tests.hands import Hands

PARTY_SIGNS = "周明禾"


class Touch:
    """Hands on one tablet. ``say`` tells the story what became durable."""

    def __init__(self, app: FujieApp, hands: Hands, shots: Path, say: Callable[..., None]) -> None:
        self.app = app
        self.hands = hands
        self.shots = shots
        self._say = say
        self._heard: set[int] = set()

    @property
    def view(self) -> Any:
        """What the screen shows."""
        return self.app.root.screen.view

    @property
    def tablet(self) -> Any:
        """The open tablet."""
        return self.app.program.desk.open_tablet

    def shot(self, name: str) -> None:
        """A picture of the screen."""
        self.hands.shot(self.shots / f"{name}.png")
        self._say(shot=f"{name}.png")

    def tap_main(self, screen: str, timeout: float = 30) -> None:
        """Press the main button; it leads to this screen."""
        self.hands.tap("main")
        self.hands.wait_for(screen, timeout=timeout)

    def ink(self, name: str) -> None:
        """Write a name by hand on the pad."""
        pad = self.hands.find("pad")
        self.hands.draw("pad", written(name, aspect=float(pad.height / pad.width)))

    def listen(self) -> None:
        """Tell the story of every statement once it is durable."""
        if id(self.tablet) in self._heard:
            return
        self._heard.add(id(self.tablet))

        def tell(saved: Any) -> None:
            said = saved.statement
            issued = isinstance(said, DocumentIssued)
            self._say(
                saved=saved.record.hex(),
                kind=type(said).__struct_config__.tag,
                document=said.document.value if issued else "",
            )

        self.tablet.journal.on_saved(tell)

    def officer_name(self, cert_no: str) -> str:
        """An officer's name."""
        return str(self.app.program.desk.officer_name(cert_no))

    def case(self) -> dict[str, str]:
        """The inspection under way: id, number, and the task it was begun from."""
        case = self.app.program.desk.case
        return {
            "case": case.case.hex(),
            "number": case.opening.number,
            "task": case.opening.task or "",
        }

    def records(self) -> list[str]:
        """Records of the inspection, by hash."""
        return [one.id for one in self.app.program.desk.case.state.records]
