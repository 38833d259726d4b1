"""The rights notice: read out on screen, then acknowledged by handwriting or refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from field_client.documents import notice_text
from field_client.flow.desk import Desk
from field_client.flow.refusing import refusal
from field_client.flow.signatory import Signatory
from field_client.inspection import Answer
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.notice import LegalBlock, NoticeView
from field_client.ui.presenters.sign import refusal_reasons
from protocol.reference import NoticeText
from protocol.vocabulary import DocumentKind


class Notifying:
    """The notice screen. While it is shown, everything else is locked."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._read = False
        self._text = b""
        self._blocks: Sequence[NoticeText] = ()
        self._who: Signatory | None = None

    def show(self) -> None:
        """The notice, from its first block."""
        template = self._desk.open_tablet.shelf.current.template(DocumentKind.RIGHTS_NOTICE)
        if template is None:
            self._desk.tell_no_form(DocumentKind.RIGHTS_NOTICE)
            return
        self._read, self._who = False, Signatory(self._desk)
        self._blocks, text = notice_text(template)
        self._text = bytes.fromhex(text)
        self._desk.shell.show("notice", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("notice", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def tick(self, on: bool) -> None:
        """The officer read it aloud and explained it."""
        self._read = on
        self.refresh()

    def sign_as(self, role: str) -> None:
        """Somebody else of the party's side signs for it."""
        self._signatory.sign_as(role)
        self.refresh()

    def edit(self, key: str, value: str) -> None:
        """An agent's name or authority."""
        self._signatory.edit(key, value)
        self.refresh()

    @property
    def _signatory(self) -> Signatory:
        assert self._who is not None
        return self._who

    def acknowledge(self, hand: Handwriting) -> None:
        """The party signs that the notice was received."""
        if self._signatory.whole:
            self._answer(self._signatory.hand(hand))

    def refuse(self, reason: str, note: str) -> None:
        """The party does not sign; the reason is written down as given."""
        self._answer(refusal(self._desk, reason, note, self._signatory.role))

    def _answer(self, answer: Answer) -> None:
        desk, case, text, read = self._desk, self._desk.case, self._text, self._read
        desk.work(
            lambda: case.notify_rights(text, read, answer),
            lambda _: self._done(),
            waiting=desk._("Putting it on record…"),
        )

    def _view(self) -> NoticeView:
        desk = self._desk
        party = desk.case.opening.party
        return NoticeView(
            frame=desk.frame(desk._("Your rights and duties"), party.name),
            blocks=tuple(self._block(number, one) for number, one in enumerate(self._blocks)),
            explained=self._read,
            signer=self._signatory.name,
            signing=self._signatory.view(),
            refusals=refusal_reasons(desk._),
            lock=desk.party_lock(),
        )

    def _block(self, number: int, block: NoticeText) -> LegalBlock:
        words = self._desk.words
        return LegalBlock(
            key=f"block-{number}",
            title=words(block.heading, block.heading_en or block.heading),
            text=words(block.text, block.text_en or block.text),
            clause=words(block.clause, block.clause_en or block.clause),
            kind=block.kind,
            plain=words(block.plain, block.plain_en or block.plain),
        )
