"""One document to read: the pages of its PDF, or of a draft; printing, the code, its number.

What was issued is shown from the very file that was signed; a draft is printed anew from what is
typed. The pages are drawn off the UI thread, a page that is looked at closely once more, sharper.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import segno

from field_client import printing
from field_client.documents import Typesetter
from field_client.documents.pages import page_image, page_images
from field_client.flow.desk import Desk
from field_client.flow.paperfacts import PaperFacts, read_pdf
from field_client.flow.signatories import signs
from field_client.issuing import Issuing
from field_client.ui.presenters.common import Ask, Message, error_words, plural
from field_client.ui.presenters.paper import MOST_COPIES, CodeView, Panel, PaperView, PrintView
from protocol.case import IssuedDocument
from protocol.errors import FujieError
from protocol.mark import DocumentMark, document_mark, document_url
from protocol.vocabulary import DocumentKind

PANELS: tuple[Panel, ...] = ("facts", "print", "code")


class Paging:
    """The screen of one document. ``door`` leads on, ``back`` to the list."""

    def __init__(
        self,
        desk: Desk,
        typesetter: Typesetter,
        issuing: Callable[[], Issuing],
        back: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._typesetter = typesetter
        self._issuing = issuing
        self._back = back
        self._kind = DocumentKind.SITE_INSPECTION_RECORD
        self._record = ""
        self._pdf = b""
        self._pages: tuple[bytes, ...] = ()
        self._closer: tuple[int, bytes] | None = None
        self._panel: Panel = "facts"
        self._printing = PrintView()
        self._message: Message | None = None
        self._asked = 0

    def show_issued(self, record: str) -> None:
        """The document with this record id (hex), from its PDF."""
        found = self._issued(record)
        if found is None:
            return
        self._start(found.issued.statement.document, record)
        said, office = found.issued.statement, self._desk.open_tablet.office

        def job() -> tuple[bytes, tuple[bytes, ...]]:
            pdf = read_pdf(office.locker, said.pdf)
            return pdf, page_images(self._typesetter, pdf, said.pages)

        self._draw(job)

    def show_draft(self, kind: DocumentKind) -> None:
        """What is typed so far, as it would be printed."""
        issuing = self._issuing()
        self._start(kind, "")

        def job() -> tuple[bytes, tuple[bytes, ...]]:
            made = issuing.preview(kind, issuing.answers(kind), partial(signs, kind))
            return made.pdf, made.images

        self._draw(job)

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("paper", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        if self._desk.shell.current == "paper":
            self._desk.shell.update(self._view())

    def leave(self) -> None:
        """Out of the panel, else to the list."""
        if self._panel != "facts":
            self.turn_to("facts")
            return
        self._asked += 1
        self._pdf, self._pages, self._closer = b"", (), None
        self._back()

    # ── pages ────────────────────────────────────────────────────────────────────────────

    def _start(self, kind: DocumentKind, record: str) -> None:
        self._kind, self._record = kind, record
        self._pdf, self._pages, self._closer, self._message = b"", (), None, None
        self._panel, self._printing = "facts", PrintView(copies=self._copies(kind))
        self._desk.shell.show("paper", self._view())

    def _copies(self, kind: DocumentKind) -> int:
        """One for the party and one for the file; a record only for the file."""
        return 1 if kind is DocumentKind.SERVICE_PROOF else 2

    def _draw(self, job: Callable[[], tuple[bytes, tuple[bytes, ...]]]) -> None:
        self._asked += 1
        asked = self._asked

        def then(made: tuple[bytes, tuple[bytes, ...]]) -> None:
            if asked == self._asked:
                self._pdf, self._pages = made
                self.refresh()

        def failed(error: FujieError) -> None:
            if asked == self._asked:
                words = error_words(self._desk._, error)
                self._message = Message("danger", self._desk._("The page cannot be shown"), words)
                self.refresh()

        self._desk.work(job, then, failed)

    def closer(self, page: int) -> None:
        """One page once more, sharper."""
        asked, pdf = self._asked, self._pdf
        if not pdf or not 0 <= page < len(self._pages) or (self._closer or (-1,))[0] == page:
            return

        def then(image: bytes) -> None:
            if asked == self._asked:
                self._closer = page, image
                self.refresh()

        def failed(_error: FujieError) -> None:
            """The page is there already, only less sharp."""

        self._desk.work(lambda: page_image(self._typesetter, pdf, page + 1), then, failed)

    # ── what can be done with it ─────────────────────────────────────────────────────────

    def turn_to(self, panel: str) -> None:
        """The facts, printing, or the code beside the pages."""
        self._panel = next((one for one in PANELS if one == panel), PANELS[0])
        if self._panel == "print":
            self._look_for_printers()
        self.refresh()

    def _look_for_printers(self) -> None:
        view, desk = self._printing, self._desk
        self._printing = PrintView(copies=view.copies, busy=desk._("Looking for printers…"))

        def then(found: list[str]) -> None:
            chosen = view.chosen if view.chosen in found else next(iter(found), "")
            message = None
            if not found:
                message = Message(
                    "warning",
                    desk._("No printer is set up"),
                    desk._("Connect one and set it up in the system, then look again."),
                )
            self._printing = PrintView(tuple(found), chosen, view.copies, "", message)
            self.refresh()

        desk.work(printing.printers, then, self._unprinted)

    def choose_printer(self, name: str) -> None:
        """One of those found."""
        view = self._printing
        if name in view.printers:
            self._printing = PrintView(view.printers, name, view.copies)
            self.refresh()

    def set_copies(self, copies: int) -> None:
        """At least one."""
        view = self._printing
        most = max(1, min(MOST_COPIES, copies))
        self._printing = PrintView(view.printers, view.chosen, most)
        self.refresh()

    def print(self) -> None:
        """Print the file that is shown; how it went is told in the panel."""
        view, desk, pdf = self._printing, self._desk, self._pdf
        if not view.chosen or not pdf or view.busy:
            return
        self._printing = PrintView(
            view.printers, view.chosen, view.copies, desk._("Sending to the printer…")
        )
        self.refresh()

        def then(_: object) -> None:
            words = plural(
                view.copies,
                desk._("{n} copy is with {printer}. Check it before handing over."),
                desk._("{n} copies are with {printer}. Check them before handing over."),
                printer=view.chosen,
            )
            self._printing = PrintView(
                view.printers,
                view.chosen,
                view.copies,
                "",
                Message(
                    "success",
                    desk._("Sent to the printer"),
                    words,
                ),
            )
            self.refresh()

        desk.work(lambda: printing.print_pdf(pdf, view.chosen, view.copies), then, self._unprinted)

    def _unprinted(self, error: FujieError) -> None:
        view, _ = self._printing, self._desk._
        message = Message("danger", _("It was not printed"), error_words(_, error))
        self._printing = PrintView(view.printers, view.chosen, view.copies, "", message)
        self.refresh()

    def void(self, kind: str) -> None:
        """The next number of a kind will bear no document; the reason goes on record."""
        desk, issuing, document = self._desk, self._issuing(), DocumentKind(kind)
        number = issuing.next_label(document)
        if not number:
            return

        def then(reason: str) -> None:
            desk.work(
                lambda: issuing.void(document, reason.strip()),
                lambda _: self._voided(number),
                waiting=desk._("Putting it on record…"),
            )

        desk.ask(
            Ask(
                key=f"void.{kind}",
                title=desk._("Void the number {number}").format(number=number),
                text=desk._("No document will ever bear it; the next one gets the next number."),
                button=desk._("Void it, on record"),
                phrases=_reasons(desk.chinese),
            ),
            then,
        )

    def _voided(self, number: str) -> None:
        _ = self._desk._
        words = _("{number} is void, on record.").format(number=number)
        self._message = Message("success", _("Number voided"), words)
        self.refresh()

    # ── view ─────────────────────────────────────────────────────────────────────────────

    def _issued(self, record: str) -> IssuedDocument | None:
        documents = self._desk.case.state.documents
        return next((one for one in documents if one.issued.id == record), None)

    def _view(self) -> PaperView:
        facts = PaperFacts(self._desk, self._issuing(), self._kind, self._issued(self._record))
        return PaperView(
            frame=facts.frame(),
            state=facts.state(),
            facts=facts.pairs(),
            pages=self._pages,
            busy="" if self._pages or self._message else self._desk._("Drawing the pages…"),
            closer=self._closer,
            stage=facts.stage(),
            message=self._message or facts.message(),
            doors=facts.doors(),
            panel=self._panel,
            printing=self._printing,
            code=self._code(facts) if self._panel == "code" else None,
        )

    def _code(self, facts: PaperFacts) -> CodeView | None:
        """The code of an issued document, made by this tablet, and what it shows by now."""
        found = self._issued(self._record)
        if found is None:
            return None
        said, office = found.issued.statement, self._desk.open_tablet.office
        mark = DocumentMark(
            said.agency,
            said.document,
            said.number,
            bytes.fromhex(said.document_id),
            bytes.fromhex(said.root),
            said.at,
        )
        url = document_url(office.address, document_mark(office.device, mark))
        code = segno.make(url, error="m", boost_error=False, micro=False)
        matrix = tuple(tuple(bool(module) for module in row) for row in code.matrix)
        return CodeView(matrix, facts.reach(), facts.uses())


def _reasons(_: Callable[[str], str]) -> tuple[str, ...]:
    """Why a number is voided, as it stands in the record."""
    return (_("Form spoilt on paper"), _("Wrong form taken"))
