"""Service of a document: how, to whom, when; the receiver signs."""

from __future__ import annotations

from typing import Any

from field_client.ui.i18n import _
from field_client.ui.presenters.serve import ServeView, served_label
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.page import PageReader


class ServeScreen(FujieScreen):
    """Facts at the left, the receiver's hand at the right."""

    @property
    def pad(self) -> Any:
        """Where the receiver writes."""
        return self.ids.box.ids.pad

    def main_word(self, view: ServeView, written: bool) -> str:
        """What is missing, or what the button does."""
        if view.busy:
            return view.busy
        if view.missing:
            return served_label(_, missing=view.missing)
        if view.sign_here and not written:
            return _("The receiver signs on the line")
        return served_label(_, missing=())

    def submit(self) -> None:
        """Record the service once nothing is missing."""
        view: ServeView = self.view
        unsigned = view.sign_here and not self.pad.written
        if view.missing or unsigned or view.busy:
            return
        self.actions.serve(self.pad.handwriting() if view.sign_here else None)

    def read(self) -> None:
        """The document, large."""
        if self.view.pages:
            self.add_widget(
                PageReader(name="reader", title=self.view.document, pages=self.view.pages)
            )


load_kv(__file__)
