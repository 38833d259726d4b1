"""Handing a signed document over: how, to whom, and the receiver's hand or the note."""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Rendered
from field_client.flow.desk import Desk
from field_client.inspection import Answer, Refusal
from field_client.issuing import Issuing, Prepared
from field_client.store.evidence import Hand
from field_client.store.journal import Saved
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, clock_words
from field_client.ui.presenters.serve import ServeView
from protocol.statements import Place
from protocol.vocabulary import Role, ServiceMethod

# On the spot a document is handed over or left; the other ways belong to the office.
METHODS = (ServiceMethod.PERSONAL, ServiceMethod.LEAVING)


class Serving:
    """The service of one document."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._issuing: Issuing | None = None
        self._issued = b""
        self._document = ""
        self._number = ""
        self._pages: tuple[bytes, ...] = ()
        self._fields: dict[str, str] = {}

    def begin(self, issuing: Issuing, saved: Saved, prepared: Prepared, made: Rendered) -> None:
        """Right after signing, with the pages at hand."""
        language = self._desk.language
        self._start(issuing, saved.record, prepared.kind.label(language), prepared.number)
        self._pages = made.images
        self._desk.shell.show("serve", self._view())

    def resume(self, issuing: Issuing) -> None:
        """A decision that was signed and not yet handed over, as after a crash."""
        language = self._desk.language
        waiting = [one for one in self._desk.case.state.decisions if not one.served]
        if not waiting:
            return
        issued = waiting[-1].issued
        kind, number = issued.statement.document, issued.statement.number
        self._start(issuing, issued.hash, kind.label(language), number)
        self._pages = ()
        self._desk.shell.show("serve", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("serve", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed."""
        self._fields[key] = value
        self.refresh()

    def serve(self, hand: Handwriting | None) -> None:
        """The document was handed over; without a hand the note says why."""
        desk, issuing = self._desk, self._issuing
        assert issuing is not None
        if self._missing():
            self.refresh()
            return
        _ = desk.chinese  # what is noted stands in the record
        answer: Answer = (
            Hand(self._receiver(), Role.PARTY, hand.strokes, hand.aspect)
            if hand is not None
            else Refusal(Role.PARTY, _("Received, did not sign"))
        )
        issued, fields = self._issued, dict(self._fields)
        desk.work(
            lambda: issuing.serve(
                issued,
                ServiceMethod(fields["method"]),
                fields["addressee"],
                Place(text=fields["place"]),
                answer,
            ),
            lambda _: self._done(),
            waiting=desk._("Putting it on record…"),
        )

    def _start(self, issuing: Issuing, issued: bytes, document: str, number: str) -> None:
        opening = self._desk.case.opening
        self._issuing, self._issued = issuing, issued
        self._document, self._number = document, number
        self._fields = {
            "method": ServiceMethod.PERSONAL.value,
            "addressee": opening.party.name,
            "receiver": opening.party.legal_rep or opening.party.name,
            "relation": "",
            "place": opening.place.text,
        }

    def _receiver(self) -> str:
        """Who signs, and what he is to the addressee."""
        receiver, relation = self._fields["receiver"].strip(), self._fields["relation"].strip()
        return f"{receiver}（{relation}）" if relation else receiver

    def _missing(self) -> tuple[str, ...]:
        desk = self._desk
        wanted = (
            ("addressee", desk._("addressee")),
            ("receiver", desk._("receiver")),
            ("place", desk._("place")),
        )
        return tuple(word for key, word in wanted if not self._fields[key].strip())

    def _view(self) -> ServeView:
        desk, fields = self._desk, self._fields
        language = desk.language
        return ServeView(
            frame=desk.frame(desk._("Hand over"), desk.case.opening.party.name),
            document=self._document,
            number=self._number,
            methods=tuple(Choice(one.value, one.label(language)) for one in METHODS),
            method=fields["method"],
            addressee=fields["addressee"],
            receiver=fields["receiver"],
            relation=fields["relation"],
            received_at=clock_words(desk.clock.wall_ms()),
            place=fields["place"],
            missing=self._missing(),
            pages=self._pages,
        )
