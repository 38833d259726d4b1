"""The card on screen: whose it is, its standing, and a code that is renewed every few seconds.

What is recorded of it (the step, to whom, where) is what the officers last chose; a new showing
begins with the step that asked for it. That they are in uniform is recorded where they ticked it
at this showing: nothing is stated for them. As a badge the card is worn on patrol, where no
inspection is open yet and nothing can be recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import segno

from field_client.flow.desk import Desk
from field_client.inspection import Face
from field_client.names import bracketed
from field_client.ui.presenters.card import (
    CardFace,
    CardView,
    Matrix,
    OfficerSwitch,
    Standing,
    photo_note,
    shown_words,
    standing,
)
from field_client.ui.presenters.common import Ask, Choice, iso_words, moment_words, number_words
from protocol.statements import Place
from protocol.vocabulary import PartyClass, Step

STEPS = (Step.IDENTITY, Step.EVIDENCE, Step.INTERVIEW, Step.MEASURE, Step.SERVICE)
"""At which the law asks for the card."""

STEP_OF = {
    "capture": Step.EVIDENCE,
    "importing": Step.EVIDENCE,
    "interview": Step.INTERVIEW,
    "measure": Step.MEASURE,
    "serve": Step.SERVICE,
}
"""The step that an act on this screen belongs to."""


@dataclass(frozen=True)
class Occasion:
    """What is put on record of one showing."""

    step: Step = Step.IDENTITY
    to_whom: str = ""
    place: str = ""
    uniform: bool = False
    worn: bool = False


class Showing:
    """The card screen. While it is shown, everything else is locked."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self._done = done
        self._officer = ""
        self._recorded = False
        self._shown_at = 0
        self._qr: Matrix | None = None
        self._occasion = Occasion()
        self._back = done

    def show(self, step: Step = Step.IDENTITY) -> None:
        """The first officer's card, at this step."""
        self._recorded, self._back = False, self._done
        self._officer = self._desk.officers[0].cert_no
        self._occasion = self._usual(step)
        make = self._renewed()
        self._desk.shell.show("card", self._view())
        self._desk.post(make)  # once the card is made: Python makes the code, too, and as long

    def show_from(self, screen: str, back: Callable[[], None]) -> None:
        """The card, where an act on another screen asks for it, at the step of that act; then
        ``back`` there, with what was filled in."""
        self.show(STEP_OF.get(screen, Step.IDENTITY))
        self._back = back

    def leave(self) -> None:
        """To where the card was asked for."""
        self._back()

    def wear(self) -> None:
        """As a badge."""
        self.show()
        self.edit("worn", "yes")

    def edit(self, key: str, value: str) -> None:
        """``step``, ``to_whom``, ``place``; ``uniform`` and ``worn`` are ``yes`` or empty."""
        if key == "step":
            self._occasion = replace(self._occasion, step=Step(value))
        elif key in ("uniform", "worn"):
            self._occasion = replace(self._occasion, **{key: value == "yes"})  # type: ignore[arg-type]
        elif key in ("to_whom", "place"):
            self._occasion = replace(self._occasion, **{key: value})  # type: ignore[arg-type]
        self._recorded = False
        self.refresh()

    def choose(self, officer_id: str) -> None:
        """The other officer's card."""
        self._officer = officer_id
        self._renew()
        self.refresh()

    def renew(self, officer_id: str) -> None:
        """The ring ran out: a fresh code."""
        if officer_id == self._officer:
            self._renew()
            self.refresh()

    def reshow(self) -> None:
        """The same, in another language."""
        self._desk.shell.show("card", self._view())

    def refresh(self) -> None:
        """Newer facts for the same screen."""
        self._desk.shell.update(self._view())

    def record(self) -> None:
        """The party has seen both cards: put it on record."""
        if self._unnamed:
            self._ask_whom()
            return
        desk, case, occasion = self._desk, self._desk.case, self._occasion
        at = case.opening.place
        place = at if occasion.place.strip() == at.text else Place(text=occasion.place.strip())

        def job() -> object:
            return case.show_cards(
                bracketed(occasion.to_whom), occasion.step, place, occasion.uniform, occasion.worn
            )

        def then(_: object) -> None:
            self._recorded = True
            self.refresh()
            self._back()

        desk.work(job, then, waiting=desk._("Putting it on record…"))

    # ── help ─────────────────────────────────────────────────────────────────────────────

    def _usual(self, step: Step) -> Occasion:
        """What is asked for most often: whoever was shown it before, first of all the party's
        head, at the place of the inspection. Nobody shows a card to a company: where no head is
        known, who is on the spot is asked for."""
        if self._desk.inspection is None:
            return Occasion(step)
        opening = self._desk.case.opening
        shown = [one.statement.to_whom for one in self._desk.case.state.shown]
        party = opening.party
        itself = party.name if party.party_class is PartyClass.CITIZEN else ""
        met = shown[-1] if shown else party.legal_rep or itself
        return Occasion(step, met, opening.place.text)

    @property
    def _unnamed(self) -> bool:
        """Whether nobody of flesh and blood is named."""
        party, whom = self._desk.case.opening.party, self._occasion.to_whom.strip()
        return not whom or (party.party_class is PartyClass.ORGANISATION and whom == party.name)

    def _ask_whom(self) -> None:
        """Before it is on record."""
        _ = self._desk._

        def named(whom: str) -> None:
            self.edit("to_whom", whom)
            self.record()

        self._desk.ask(
            Ask(
                "to_whom",
                _("To whom was the card shown?"),
                _("A person: who represents the party, or who is on the spot for it."),
                _("Record it"),
                hint=_("Name, and in brackets the position"),
            ),
            named,
        )

    def _code(self, face: Face) -> str:
        desk = self._desk
        if desk.inspection is None:
            return desk.open_tablet.office.card_code(face)
        return desk.case.card_code(face)

    def _renew(self) -> None:
        """A fresh code."""
        self._renewed()()

    def _renewed(self) -> Callable[[], None]:
        """What has a fresh code made, off the window's thread; until it is there, no older one is
        shown. Nothing, after a lock."""
        self._shown_at, self._qr = self._desk.clock.monotonic_ms(), None
        officer, face, shift = self._officer, self._face(), self._desk.shift

        def then(qr: Matrix) -> None:
            if officer == self._officer:
                self._qr = qr
                self.refresh()

        def make() -> None:
            if face.credential and shift == self._desk.shift:
                self._desk.work(lambda: _matrix(self._code(face)), then)

        return make

    def _face(self) -> Face:
        return self._desk.open_tablet.office.face(self._desk.duty[self._officer])

    def _view(self) -> CardView:
        desk, face = self._desk, self._face()
        parameters = desk.open_tablet.shelf.current.parameters
        passed = (desk.clock.monotonic_ms() - self._shown_at) / 1000
        agency, occasion = desk.open_tablet.shelf.current.agency.name, self._occasion
        view = CardView(
            frame=desk.frame(agency),
            face=self._printed(face),
            qr=self._qr,
            seconds_left=max(0.0, parameters.qr_renew_s - passed),
            period=float(parameters.qr_renew_s),
            officers=tuple(self._switch(one.cert_no) for one in desk.officers),
            recorded=self._recorded,
            lock=desk.party_lock(),
            step=occasion.step.value,
            steps=tuple(Choice(one.value, one.heading(desk.language)) for one in STEPS),
            to_whom=occasion.to_whom,
            place=occasion.place,
            uniform=occasion.uniform,
            worn=occasion.worn,
            inspecting=desk.inspection is not None,
        )
        return replace(view, frame=desk.frame(agency, shown_words(desk._, view)))

    def _printed(self, face: Face) -> CardFace:
        desk, officer = self._desk, face.officer
        portrait = desk.open_tablet.shelf.portraits.of(officer)
        issued_at = desk.open_tablet.shelf.current.issued_at
        stale = desk.open_tablet.shelf.current.parameters.stale_ms
        return CardFace(
            officer_id=officer.cert_no,
            name=officer.name,
            unit=officer.unit,
            position=officer.position,
            number=number_words(officer.cert_no),
            category=officer.category,
            field=officer.field,
            region=officer.region_name,
            validity=desk._("{start} to {end}").format(
                start=iso_words(desk._, officer.valid_from),
                end=iso_words(desk._, officer.valid_until),
            ),
            photo=portrait.data,
            photo_note=photo_note(desk._, here=bool(portrait.data), to_come=portrait.to_come),
            standing=standing(
                desk._,
                cast(Standing, face.standing.value),  # the same five words
                face.age_ms if face.age_ms >= 0 else None,
                desk._("Checked against the roster of {when}").format(
                    when=moment_words(desk._, issued_at, desk.clock.wall_ms())
                ),
                stale_after=stale,
                line=desk.open_tablet.shelf.current.agency.hotline,
            ),
        )

    def _switch(self, cert_no: str) -> OfficerSwitch:
        desk = self._desk
        photo = desk.photo(cert_no).data
        return OfficerSwitch(cert_no, desk.officer_name(cert_no), photo, cert_no == self._officer)


def _matrix(text: str) -> Matrix:
    code = segno.make(text, error="m", boost_error=False)
    return tuple(tuple(bool(cell) for cell in row) for row in code.matrix)
