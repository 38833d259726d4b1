"""The documents of a case: the list, one of them to read, and the doors between the two.

reading.show()                      the list
reading.door("view.<record>")       one document; "form.<kind>", "void.<kind>" … likewise
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Typesetter
from field_client.flow.desk import Desk
from field_client.flow.paging import Paging
from field_client.flow.papering import Papering
from field_client.issuing import Issuing
from protocol.vocabulary import DocumentKind

# Documents that are made on a screen of their own, and the act that opens it.
OWN_SCREENS = {
    DocumentKind.RIGHTS_NOTICE.value: "rights",
    DocumentKind.INTERVIEW_RECORD.value: "interview",
}


class Reading:
    """List and reader. ``act`` begins an act of the inspection, ``serve`` hands a document over
    (its record, hex), ``inspection`` leads back there."""

    def __init__(
        self,
        desk: Desk,
        typesetter: Typesetter,
        issuing: Callable[[], Issuing],
        act: Callable[[str], None],
        serve: Callable[[str], None],
    ) -> None:
        self._desk = desk
        self._act = act
        self.listed = False  # the form shown was opened from here, and leads back here
        self.paging = Paging(desk, typesetter, issuing, self.show)
        self._papering = Papering(
            desk,
            issuing,
            {
                "form": self._write,
                "another": self._write,
                "sheet": lambda kind: self._write(kind, form=True),
                "view": self.paging.show_issued,
                "draft": lambda kind: self.paging.show_draft(DocumentKind(kind)),
                "serve": serve,
                "panel": self.paging.turn_to,
                "void": self.paging.void,
            },
        )

    def show(self) -> None:
        """The list."""
        self.listed = False
        self._papering.show()

    def door(self, key: str) -> None:
        """Wherever a button of list or reader leads."""
        self._papering.door(key)

    def back(self, current: str) -> bool:
        """From the reader to the list; the list itself belongs to the inspection."""
        if current == "paper":
            self.paging.leave()
        return current == "paper"

    def reshow(self, current: str) -> bool:
        """The screen that was shown, in another language."""
        shown = {"papers": self._papering.reshow, "paper": self.paging.reshow}.get(current)
        if shown is not None:
            shown()
        return shown is not None

    def _write(self, kind: str, *, form: bool = False) -> None:
        """The kind's own screen, where it has one; ``form``: the form all the same."""
        own = f"paper.{kind}" if form else OWN_SCREENS.get(kind, f"paper.{kind}")
        self._act(own)
        self.listed = self._desk.shell.current == "form"
