"""Handing a signed document over: how, to whom, and the hand, the note or the recording.

What each way asks for is data (``ways``). One officer may serve, whose name the proof of service
then bears alone. Who refuses to take a document is served by leaving it: a witness signs beside who
serves, or photo or video shows it, taken right there (CPL 89). On a decision made on the spot a
noted refusal suffices (APL 52).
"""

from __future__ import annotations

from collections.abc import Callable

from field_client.documents import Rendered
from field_client.flow.desk import Desk
from field_client.flow.gathering import named
from field_client.flow.overriding import card_note
from field_client.flow.refusing import refusal
from field_client.flow.sealing import seal_message
from field_client.flow.signatories import asks
from field_client.flow.ways import WAYS, Written, lacking, note
from field_client.inspection import Absence, Answer, Refusal
from field_client.issuing import Issuing, Prepared
from field_client.store.evidence import Hand
from field_client.store.journal import Saved
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, clock_words, date_words
from field_client.ui.presenters.serve import Asked, ServeView, ShownMedia
from field_client.ui.presenters.sign import refusal_reasons
from protocol.document import IssuedDocument
from protocol.rules.cards import FACE_TO_FACE
from protocol.statements import Place
from protocol.vocabulary import DocumentKind, MediaKind, Role, ServiceMethod, Step

WITNESS, MEDIA = "witness", "media"


class Serving:
    """The service of one document."""

    def __init__(
        self,
        desk: Desk,
        done: Callable[[], None],
        record: Callable[[str], None] = lambda what: None,
    ) -> None:
        self._desk = desk
        self._done = done
        self._record = record
        self._issuing: Issuing | None = None
        self._issued = b""
        self._kind = DocumentKind.SPOT_DECISION
        self._number = ""
        self._pages: tuple[bytes, ...] = ()
        self._fields: dict[str, str] = {}
        self._media: list[str] = []
        self._shot: frozenset[str] = frozenset()  # before the camera
        self.served: tuple[bytes, Saved] | None = None

    def begin(self, issuing: Issuing, saved: Saved, prepared: Prepared, made: Rendered) -> None:
        """Right after signing, with the pages at hand."""
        self._start(issuing, saved.record, prepared.kind, prepared.number)
        self._pages = made.images
        self._desk.shell.show("serve", self._view())

    def resume(self, issuing: Issuing, record: bytes = b"", kind: str = "") -> None:
        """A document that was signed and not yet handed over, as after a crash: the one with
        this record hash, the latest of this kind, or the latest."""
        waiting = waiting_for_service(self._desk)
        found = [
            one
            for one in waiting
            if (not record or one.issued.hash == record)
            and (not kind or one.issued.statement.document.value == kind)
        ]
        if not found:
            return
        issued = found[-1].issued
        if issued.hash != self._issued:  # else what was typed before the camera is still here
            kind, number = issued.statement.document, issued.statement.number
            self._start(issuing, issued.hash, kind, number)
        self._issuing = issuing  # of those who are on duty now
        self._desk.shell.show("serve", self._view())

    def forget(self) -> None:
        """The tablet was locked: who was on duty then signs nothing any more."""
        self._issuing, self._issued = None, b""

    def again(self) -> None:
        """Back from the camera: what was filled in is still here, and what was recorded there
        is chosen."""
        new = [one.key for one in self._shown_media() if one.key not in self._shot]
        self._media += [one for one in reversed(new) if one not in self._media]
        self._desk.shell.show("serve", self._view())

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("serve", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def edit(self, key: str, value: str) -> None:
        """A field changed, or a recording was chosen (``media.<record>``)."""
        group, _, record = key.partition(".")
        if group == "media" and record:
            chosen = record in self._media
            self._media = [one for one in self._media if one != record]
            self._media += [] if chosen else [record]
        else:
            self._fields[key] = value
        self.refresh()

    def refuse(self, reason: str, words: str) -> None:
        """The receiver does not take it. On a decision on the spot the note suffices (APL 52);
        all else is left, with a witness or a recording."""
        answer = refusal(self._desk, reason, words)
        if asks(self._kind).noted:
            self._save(answer)
            return
        self._fields |= {"method": ServiceMethod.LEAVING.value, "reason": answer.reason}
        self.refresh()

    def record(self) -> None:
        """Take a photo or video of how it is left; then back here."""
        self._shot = frozenset(one.key for one in self._shown_media())
        self._record(f"{self._kind.zh}{ServiceMethod.LEAVING.zh}")

    def serve(self, hand: Handwriting | None) -> None:
        """The document was handed over, left or sent, as the fields say."""
        if self._missing() or (self._writer() and hand is None):
            self.refresh()
            return
        self._save(self._answer(hand))

    def _answer(self, hand: Handwriting | None) -> Answer:
        fields, method = self._fields, self._method
        at = self._desk.clock.wall_ms()
        if WAYS[method].hand is Written.RECEIVER and hand is not None:
            relation = fields["relation"].strip()
            role = Role.RECEIVER if relation else Role.PARTY
            name = named((fields["receiver"], relation))
            return Hand(name, role, hand.strokes, hand.aspect, at)
        if method is not ServiceMethod.LEAVING:
            return Absence(Role.PARTY, note(method, fields))
        witness = None
        if hand is not None and fields["how"] == WITNESS:
            name = named((fields["witness"], fields["unit"]))
            witness = Hand(name, Role.ATTESTOR, hand.strokes, hand.aspect, at)
        return Refusal(Role.PARTY, note(method, fields), attestor=witness)

    def _save(self, answer: Answer) -> None:
        desk, issuing = self._desk, self._issuing
        assert issuing is not None
        issued, fields, method = self._issued, dict(self._fields), self._method
        place = fields["electronic"] if method is ServiceMethod.ELECTRONIC else fields["place"]
        media = self._media if method is ServiceMethod.LEAVING else []

        def then(saved: Saved) -> None:
            self.served, self._issued = (issued, saved), b""
            self._done()

        desk.work(
            lambda: issuing.serve(
                issued, method, fields["addressee"], Place(text=place), answer, media
            ),
            then,
            waiting=desk._("Putting it on record…"),
        )

    def _start(self, issuing: Issuing, issued: bytes, kind: DocumentKind, number: str) -> None:
        opening = self._desk.case.opening
        self._issuing, self._issued = issuing, issued
        self._kind, self._number, self._pages, self._media = kind, number, (), []
        empty = dict.fromkeys(
            ("relation", "reason", "tracking", "entrusted", "letter", "witness", "unit"), ""
        )
        self._fields = {
            **empty,
            "method": ServiceMethod.PERSONAL.value,
            "addressee": opening.party.name,
            "receiver": opening.party.legal_rep or opening.party.name,
            "electronic": opening.party.phone,
            "place": opening.place.text,
            "how": WITNESS,
        }

    # ── view ─────────────────────────────────────────────────────────────────────────────

    @property
    def _method(self) -> ServiceMethod:
        return ServiceMethod(self._fields["method"])

    def _writer(self) -> str:
        """Whose hand is asked for now, in words."""
        hand = WAYS[self._method].hand
        if hand is Written.NOBODY or (hand is Written.ATTESTOR and self._fields["how"] == MEDIA):
            return ""
        if hand is Written.ATTESTOR:
            return self._fields["witness"].strip() or self._desk._("the witness")
        return self._fields["receiver"].strip() or self._desk._("the receiver")

    def _asked(self) -> list[str]:
        way = WAYS[self._method]
        names = [*way.fields, *way.free]
        if way.hand is Written.ATTESTOR and self._fields["how"] == WITNESS:
            names += ["witness", "unit"]
        return names

    def _missing(self) -> tuple[str, ...]:
        desk, labels = self._desk, self._labels()
        names = list(lacking(self._method, self._fields))
        if WAYS[self._method].hand is Written.ATTESTOR:
            if self._fields["how"] == MEDIA:
                return tuple(labels[one] for one in names) + (
                    () if self._media else (desk._("photo or video"),)
                )
            names += [one for one in ("witness", "unit") if not self._fields[one].strip()]
        return tuple(labels[one] for one in names)

    def _labels(self) -> dict[str, str]:
        _, way = self._desk._, WAYS[self._method]
        return {
            "addressee": _("Addressee"),
            "receiver": _("Received by"),
            "relation": _("Relation to the addressee"),
            "place": self._desk.words(*way.place),
            "reason": _("Why it is served like this"),
            "tracking": _("Tracking number"),
            "entrusted": _("Agency that serves it"),
            "letter": _("Letter of request"),
            "electronic": _("Mail address or phone that it is sent to"),
            "witness": _("Witness"),
            "unit": _("Unit or address"),
        }

    def _view(self) -> ServeView:
        desk, fields, labels = self._desk, self._fields, self._labels()
        way, language = WAYS[self._method], desk.language
        leaving = way.hand is Written.ATTESTOR
        now = desk.clock.wall_ms()
        return ServeView(
            frame=desk.frame(desk._("Hand over"), desk.case.opening.party.name),
            document=self._kind.heading(language),
            number=self._number,
            methods=tuple(Choice(one.value, one.heading(language)) for one in WAYS),
            method=fields["method"],
            asked=tuple(Asked(one, labels[one], fields[one]) for one in self._asked()),
            received_at=f"{date_words(desk._, now)} {clock_words(now)}",
            writer=self._writer(),
            hint=desk.words(way.hint, way.hint_en),
            clause=desk.words(way.clause, way.clause_en),
            hows=(
                (
                    Choice(WITNESS, desk._("A witness signs")),
                    Choice(MEDIA, desk._("Photo or video")),
                )
                if leaving
                else ()
            ),
            how=fields["how"] if leaving else "",
            media=self._shown_media() if leaving and fields["how"] == MEDIA else (),
            refusals=refusal_reasons(desk._) if self._method is ServiceMethod.PERSONAL else (),
            missing=self._missing(),
            pages=self._pages,
            notes=card_note(desk, Step.SERVICE) if self._method in FACE_TO_FACE else (),
            message=None if self._sealed() else seal_message(desk, self._kind, issued=True),
        )

    def _sealed(self) -> bool:
        """Whether the tablet put the agency's lent seal on it."""
        issued = (one.issued for one in self._desk.case.state.documents)
        return any(one.hash == self._issued and bool(one.statement.seal) for one in issued)

    def _shown_media(self) -> tuple[ShownMedia, ...]:
        """Photos and videos taken since the document was signed, the newest first."""
        state, language = self._desk.case.state, self._desk.language
        since = next(
            (one.issued.statement.at for one in state.documents if one.issued.hash == self._issued),
            0,
        )
        return tuple(
            ShownMedia(
                one.id,
                f"{one.statement.media.heading(language)} {clock_words(one.statement.began_at)}",
                one.id in self._media,
            )
            for one in reversed(state.media)
            if one.statement.began_at >= since and one.statement.media is not MediaKind.SOUND
        )


def waiting_for_service(desk: Desk) -> list[IssuedDocument]:
    """The documents of the case that are to be handed over and are not."""
    return [
        one
        for one in desk.case.state.documents
        if asks(one.issued.statement.document).served and not one.served
    ]
