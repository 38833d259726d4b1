"""Today: what is under way, what may be opened, who is on duty; and the form for a new one."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty, StringProperty

from field_client.ui.i18n import _
from field_client.ui.presenters.common import Chip, stage_word
from field_client.ui.presenters.today import InspectionTile, ItemTile, NewInspection, TodayView
from field_client.ui.widgets.base import load_kv
from field_client.ui.widgets.box import Box
from field_client.ui.widgets.frame import FujieScreen
from field_client.ui.widgets.press import Pressable


class InspectionRow(Pressable):
    """One inspection to go on with."""

    tile = ObjectProperty(InspectionTile("", "", "", Chip("", ""), "saved"), rebind=True)
    stage_word = StringProperty("")


class ItemRow(Pressable):
    """One enforcement item; chosen in the form, told only in the list."""

    tile = ObjectProperty(ItemTile("", "", ""), rebind=True)
    chosen = StringProperty("")


class ItemLine(Box):
    """One item, to read."""

    tile = ObjectProperty(ItemTile("", "", ""), rebind=True)


class DutyLine(Box):
    """One officer on duty."""

    words = StringProperty("")


class TodayLists(Box):
    """What is under way, beside who is on duty."""

    view = ObjectProperty(None, rebind=True)
    actions = ObjectProperty(None)

    def on_kv_post(self, _base: Any) -> None:
        """Fill in the lists."""
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: TodayView = self.view
        rows = [self._inspection(tile) for tile in view.inspections]
        self.ids.inspections.clear_widgets()
        for row in rows:
            self.ids.inspections.add_widget(row)
        self.ids.item_list.clear_widgets()
        for item in view.items:
            self.ids.item_list.add_widget(ItemLine(tile=item))
        self.ids.duty.clear_widgets()
        for name in view.duty:
            self.ids.duty.add_widget(DutyLine(words=name))

    def _inspection(self, tile: InspectionTile) -> InspectionRow:
        row = InspectionRow(
            name=f"resume.{tile.inspection_id}", tile=tile, stage_word=stage_word(_, tile.stage)
        )
        row.bind(on_release=lambda _r: self.actions.resume(tile.inspection_id))
        return row


class NewInspectionForm(Box):
    """Whom, where, on what ground."""

    form = ObjectProperty(NewInspection(), rebind=True)
    items = ObjectProperty(())
    actions = ObjectProperty(None)

    def on_kv_post(self, _base: Any) -> None:
        """Lay the items out once; afterwards only the choice moves."""
        self.bind(items=self._lay, form=self._mark)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        self.ids.item_list.clear_widgets()
        for item in self.items:
            row = ItemRow(name=f"item.{item.item_id}", tile=item, chosen=self.form.item_id)
            row.bind(on_release=lambda r: self.actions.edit_new("item_id", r.tile.item_id))
            self.ids.item_list.add_widget(row)

    def _mark(self, *_args: Any) -> None:
        for row in self.ids.item_list.children:
            row.chosen = self.form.item_id

    def main_word(self, form: NewInspection) -> str:
        """What the main button will do, or what it is waiting for."""
        if form.missing:
            return _("Still to fill in: {words}").format(words=_(", ").join(form.missing))
        return _("Open the inspection")

    def submit(self) -> None:
        """Open it, unless something is missing (the button says what)."""
        if not self.form.missing:
            self.actions.open_inspection()


class TodayScreen(FujieScreen):
    """Lists or form, as the view says."""

    def on_kv_post(self, _base: Any) -> None:
        """Show the part of the first view."""
        self._part: Any = None
        self.bind(view=self._lay)
        self._lay()

    def _lay(self, *_args: Any) -> None:
        view: TodayView = self.view
        if view.form is None:
            if isinstance(self._part, TodayLists):
                self._part.view = view
                return
            self._part = TodayLists(view=view, actions=self.actions)
        else:
            if isinstance(self._part, NewInspectionForm):
                self._part.form = view.form
                return
            self._part = NewInspectionForm(form=view.form, items=view.items, actions=self.actions)
        self.fill(self.ids.part, [self._part])


load_kv(__file__)
