"""Taking in what body-worn recorders recorded: which stick, which files, and the labels after.

A stick is looked through off the UI thread, file by file. What is taken in is kept as it is, and
waits here for its labels, also over a restart: who recorded it, where, at which step, what it
proves. Only then is it on record, with who brought it in and when.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from field_client.camera.probing import Unusable, listed
from field_client.contact import sticks
from field_client.errors import FieldError
from field_client.flow.desk import Desk
from field_client.flow.labelling import STEPS
from field_client.flow.storing import Storing
from field_client.inspection import About
from field_client.store import imports
from field_client.store.imports import Found, Taken
from field_client.ui.presenters.common import Choice, Message, clock_words, date_words, error_words
from field_client.ui.presenters.importing import (
    PAGE,
    FileRow,
    ImportingView,
    LabelForm,
    Phase,
    chosen_words,
    progress_words,
)
from field_client.ui.presenters.recordings import length_words, place_words, size_words
from protocol.errors import FujieError
from protocol.statements import Place
from protocol.vocabulary import Step


class Importing:
    """The importing screen."""

    def __init__(self, desk: Desk, done: Callable[[], None], storing: Storing) -> None:
        self._desk, self._done, self._storing = desk, done, storing
        self._stop = threading.Event()
        self._phase: Phase = "stick"
        self._files: list[Found | Unusable] = []
        self._chosen: set[str] = set()  # paths
        self._waiting: list[Taken] = []
        self._message: Message | None = None
        self._forget()

    def show(self) -> None:
        """The labels of what waits for them, or the sticks."""
        self._forget()
        self._waiting = imports.waiting(self._desk.open_tablet.vault, self._desk.case.case)
        self._phase = "labels" if self._waiting else "stick"
        self._fill_in()
        self._desk.shell.show("importing", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("importing", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "importing":
            self._desk.shell.update(self._view())

    def back(self) -> None:
        """A step back; an import under way is called off first."""
        if self._phase == "copying":
            self.cancel()
        elif self._phase == "files":
            self.leave()
            self._phase = "stick"
            self.refresh()
        else:
            self.leave()
            self._done()

    def leave(self) -> None:
        """A stick is not looked through any longer; files that are being taken in go on."""
        if self._phase != "copying":
            self._stop.set()

    def cancel(self) -> None:
        """Call off the import under way; files that are whole stay."""
        self._stop.set()

    # ── the stick and its files ──────────────────────────────────────────────────────────

    def choose_stick(self, key: str) -> None:
        """Look through one; what is on it shows file by file."""
        self._stop.set()
        self._stop = stop = threading.Event()
        self._files, self._chosen, self._page, self._message = [], set(), 0, None
        self._phase, self._looking = "files", True
        self.refresh()

        def job() -> None:
            for one in listed(Path(key)):
                if stop.is_set():
                    return
                self._on_ui(lambda one=one: self._found(stop, one))  # type: ignore[misc]

        self._desk.work(job, lambda _: self._looked(stop))

    def tick_file(self, key: str) -> None:
        """Choose a file, or not; ``all`` for every one."""
        usable = {str(one.path) for one in self._files if isinstance(one, Found)}
        if key == "all":
            self._chosen = set() if self._chosen == usable else usable
        elif key in usable:
            self._chosen ^= {key}
        self.refresh()

    def turn_page(self, pages: int) -> None:
        """More files."""
        last = max(0, (len(self._files) - 1) // PAGE)
        self._page = max(0, min(last, self._page + pages))
        self.refresh()

    def take_in(self) -> None:
        """Copy the chosen files in, one after the other."""
        wanted = [one for one in self._picked() if str(one.path) in self._chosen]
        if not wanted or self._phase == "copying":
            return
        self._stop = stop = threading.Event()
        self._phase, self._share, self._progress = "copying", 0.0, ""
        self.refresh()
        desk, case, by = self._desk, self._desk.case.case, self._desk.officers[0].cert_no
        vault, folder = desk.open_tablet.vault, desk.open_tablet.settings.blobs_dir
        whole, told = sum(one.size for one in wanted) or 1, [-1]

        def progress(number: int, name: str, done: int) -> None:
            if 100 * done // whole != told[0]:
                told[0] = 100 * done // whole
                self._on_ui(lambda: self._copying(number, len(wanted), name, done / whole))

        def job() -> tuple[list[Taken], FieldError | None]:
            return imports.take_all(
                vault,
                folder,
                wanted,
                case,
                by=by,
                clock=desk.clock,
                on_progress=progress,
                cancelled=stop.is_set,
            )

        desk.work(job, lambda result: self._taken(*result), self._failed, outlives=True)

    # ── the labels ───────────────────────────────────────────────────────────────────────

    def edit(self, key: str, value: str) -> None:
        """One of the labels of the file shown."""
        if key in self._labels:
            self._labels[key] = value
            self.refresh()

    def keep(self) -> None:
        """The file goes on record with its labels."""
        if not self._waiting or self._missing():
            self.refresh()
            return
        desk, taken, labels = self._desk, self._waiting[0], dict(self._labels)
        case, by = desk.case, desk.officers[0]
        about = About(
            Place(text=labels["place"].strip()), labels["purpose"].strip(), Step(labels["step"])
        )

        def then(_saved: object) -> None:
            self._waiting = imports.waiting(desk.open_tablet.vault, case.case)
            self._message = Message(
                "success", desk._("{name} is on record.").format(name=taken.name)
            )
            if not self._waiting:
                self._phase = "stick"
            self._storing.forget()
            self._fill_in(keep=True)
            self.refresh()

        desk.work(
            lambda: case.keep_imported(taken, about, labels["recorder"], taken.recorded_at, by),
            then,
            waiting=desk._("Putting it on record…"),
        )

    def put_back(self) -> None:
        """The file shown is not to be kept; it is on its stick still."""
        if self._waiting:
            tablet = self._desk.open_tablet
            imports.put_back(tablet.vault, tablet.settings.blobs_dir, self._waiting[0])
            self.show()

    # ── what comes back ──────────────────────────────────────────────────────────────────

    def _found(self, stop: threading.Event, one: Found | Unusable) -> None:
        if stop is self._stop and self._phase == "files":
            self._files.append(one)
            if len(self._files) <= PAGE or len(self._files) % 20 == 0:
                self.refresh()

    def _looked(self, stop: threading.Event) -> None:
        if stop is self._stop:
            self._looking = False
            self.refresh()

    def _copying(self, number: int, whole: int, name: str, share: float) -> None:
        if self._phase == "copying":
            self._progress = progress_words(self._desk._, number, whole, name)
            self._share = share
            self.refresh()

    def _taken(self, taken: list[Taken], error: FujieError | None) -> None:
        """What is in wants its labels; what was there already is told by name."""
        desk = self._desk
        self._storing.forget()
        if desk.tablet is None or desk.inspection is None:
            return  # locked meanwhile: what is in waits for its labels
        self._waiting = imports.waiting(desk.tablet.vault, desk.case.case)
        self._phase = "labels" if self._waiting else "files"
        self._chosen = set()
        known = [one.name for one in taken if one.known]
        if error is not None:
            self._message = Message("danger", error_words(desk._, error))
        elif known:
            names = desk._(", ").join(known)
            self._message = Message(
                "warning",
                desk._("Already on this tablet, not taken in again: {names}").format(names=names),
            )
        else:
            self._message = None
        self._fill_in()
        self.refresh()

    def _failed(self, error: FujieError) -> None:
        self._phase = "files"
        self._desk.tell(error)
        self.refresh()

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _forget(self) -> None:
        self._stop.set()
        self._files, self._chosen, self._waiting = [], set(), []
        self._labels = {"recorder": "", "place": "", "purpose": "", "step": Step.EVIDENCE.value}
        self._message = None
        self._looking, self._share, self._progress, self._page = False, 0.0, "", 0

    def _fill_in(self, *, keep: bool = False) -> None:
        """The labels of the next file: those of the one before, or the inspection's."""
        if not keep:
            self._labels["place"] = self._desk.case.opening.place.text
            self._labels["recorder"] = self._desk.officers[0].cert_no if self._desk.duty else ""
        self._labels["purpose"] = self._labels["purpose"] if keep else ""

    def _picked(self) -> list[Found]:
        return [one for one in self._files if isinstance(one, Found)]

    def _missing(self) -> tuple[str, ...]:
        _ = self._desk._
        words = {"recorder": _("recorder"), "place": _("place"), "purpose": _("purpose")}
        return tuple(word for key, word in words.items() if not self._labels[key].strip())

    def _on_ui(self, act: Callable[[], None]) -> None:
        self._desk.post(lambda: self._desk.guarded(act))

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _view(self) -> ImportingView:
        desk, first = self._desk, self._page * PAGE
        shown = self._files[first : first + PAGE]
        chosen = [one for one in self._picked() if str(one.path) in self._chosen]
        opening, _ = desk.case.opening, desk.chinese
        proves = (_("Proves: {what}").format(what=opening.cause),) if opening.cause else ()
        return ImportingView(
            frame=desk.frame(desk._("From a recorder"), desk.case.opening.party.name),
            phase=self._phase,
            sticks=self._sticks() if self._phase == "stick" else (),
            files=tuple(self._row(one) for one in shown),
            place=place_words(desk._, first, len(shown), len(self._files)),
            earlier=first > 0,
            later=first + PAGE < len(self._files),
            chosen=chosen_words(desk._, len(chosen), size_words(sum(one.size for one in chosen))),
            ready=bool(chosen),
            looking=self._looking,
            share=self._share,
            progress=self._progress,
            form=self._form() if self._phase == "labels" else None,
            steps=tuple(Choice(step.value, step.heading(desk.language)) for step in STEPS),
            recorders=tuple(
                Choice(one.cert_no, desk.officer_name(one.cert_no)) for one in desk.officers
            ),
            purposes=proves,
            missing=self._missing() if self._phase == "labels" else (),
            message=self._message,
        )

    def _sticks(self) -> tuple[Choice, ...]:
        found = sticks.plugged(self._desk.settings.sticks)
        return tuple(Choice(str(path), imports.named(path)) for path in found)

    def _row(self, one: Found | Unusable) -> FileRow:
        _ = self._desk._
        if isinstance(one, Unusable):
            return FileRow(one.name, one.name, "", "", refused=_("No picture, video or sound"))
        return FileRow(
            key=str(one.path),
            name=one.name,
            detail=self._detail(one.recorded_at, one.size, one.duration_ms),
            kind=one.media.value,
            chosen=str(one.path) in self._chosen,
        )

    def _form(self) -> LabelForm | None:
        if not self._waiting:
            return None
        one, desk = self._waiting[0], self._desk
        left = len(self._waiting) - 1
        return LabelForm(
            key=one.ref.sha256,
            name=one.name,
            detail=self._detail(one.recorded_at, one.ref.size, one.duration_ms),
            left=desk._("{n} more after it").format(n=left) if left else "",
            **self._labels,
        )

    def _detail(self, at: int, size: int, lasts: int) -> str:
        """Date, size and length as the file says."""
        when = f"{date_words(self._desk._, at)} {clock_words(at)}"
        length = length_words(lasts) if lasts else ""
        return " · ".join(one for one in (when, size_words(size), length) if one)
