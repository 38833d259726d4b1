"""What the sign screen shows of the hands that are gathered.

made(desk, gathering, pages, {}, None).turn.whose     "page"
"""

from __future__ import annotations

from collections.abc import Mapping

from field_client.flow.agents import agent_of
from field_client.flow.desk import Desk
from field_client.flow.gathering import Gathering
from field_client.flow.refusing import itself
from field_client.flow.signatories import Attest, asks
from field_client.inspection import Absence, Refusal
from field_client.names import name_of
from field_client.store.evidence import Hand
from field_client.ui.handwriting import Handwriting
from field_client.ui.presenters.common import Choice, Message, clock_words, date_words
from field_client.ui.presenters.sign import (
    Advice,
    AttestorView,
    OfficerSign,
    SignView,
    Turn,
    advice,
    page_refusals,
    refusal_reasons,
)
from protocol.vocabulary import MediaKind, Role

OBJECTION = "objection"
PAPERS = 3  # photos offered as the written authority, the newest


def first_signer(desk: Desk, role: Role) -> str:
    """Whom the case knows in this role."""
    case = desk.case
    party, shown = case.opening.party, case.state.shown
    if role is Role.AGENT:
        agent = agent_of(desk)
        return agent.name if agent else ""
    met = name_of(shown[-1].statement.to_whom) if shown else ""
    if role is Role.SITE_MANAGER and met:
        return met
    return itself(party, met)


def made(
    desk: Desk,
    gathering: Gathering,
    pages: tuple[bytes, ...],
    hands: Mapping[str, Handwriting],
    message: Message | None,
) -> SignView:
    """The view of this moment."""
    prepared, now = gathering.prepared, desk.clock.wall_ms()
    waiting = [one.cert_no for one in desk.officers if one.cert_no not in hands]
    current = waiting[0] if waiting else ""
    turn = gathering.turn or Turn(f"officer.{current}", "officer")
    stage = {"officer": "officers", "attestor": "attestor"}.get(turn.whose, "party")
    paged = turn.whose in ("page", "initials")
    answer = gathering.answers.get("party")
    return SignView(
        frame=desk.frame(prepared.kind.heading(desk.language), prepared.number),
        stage=stage,  # type: ignore[arg-type]  # one of the three
        party=gathering.party,
        day=f"{date_words(desk._, now)} {clock_words(now)}",
        advice=advice(desk._),
        pages=pages,
        refusals=page_refusals(desk._) if paged else refusal_reasons(desk._),
        officers=tuple(
            OfficerSign(
                one.cert_no,
                desk.officer_name(one.cert_no),
                one.cert_no,
                one.cert_no in hands,
                hands.get(one.cert_no),
            )
            for one in desk.officers
        ),
        lock=desk.party_lock(),
        turn=_on_page(gathering, turn),
        progress=_progress(desk, gathering),
        under=gathering.under if turn.whose == "party" else "",
        roles=_roles(desk, gathering) if turn.whose == "party" else (),
        role=gathering.role.value,
        signer=gathering.party,
        authority=gathering.authority,
        papers=_authorities(desk) if gathering.role is Role.AGENT else (),
        attestor=_attestor(gathering) if turn.whose == "attestor" else None,
        correction=gathering.correction(turn),
        plain=_plain(desk, gathering),
        explained=gathering.explained,
        may_object=_may_object(gathering, turn),
        objection=str(prepared.answers.get(OBJECTION, "")),
        party_handwriting=Handwriting(answer.strokes, answer.aspect)
        if isinstance(answer, Hand)
        else None,
        party_refused=answer.reason if isinstance(answer, Refusal | Absence) else "",
        current=current,
        message=message,
    )


def _on_page(gathering: Gathering, turn: Turn) -> Turn:
    """Initials stand on the page of their correction."""
    corrected = gathering.correction(turn)
    return Turn(turn.key, turn.whose, corrected.page) if corrected else turn


def _may_object(gathering: Gathering, turn: Turn) -> bool:
    """Where the form has a place for it: before the first hand, or under the whole."""
    fields = gathering.prepared.template.fields
    asked = turn.whose == "party" or (turn.whose == "page" and not gathering.answers)
    return asked and any(field.name == OBJECTION for field in fields)


def _progress(desk: Desk, gathering: Gathering) -> str:
    done, of_all = gathering.count()
    if of_all < 2 or gathering.turn is None:
        return ""
    return desk._("{n} of {all}").format(n=done + 1, all=of_all)


def _roles(desk: Desk, gathering: Gathering) -> tuple[Choice, ...]:
    signers = asks(gathering.prepared.kind).signers
    if len(signers) == 1:
        return ()
    return tuple(Choice(one.value, one.heading(desk.language)) for one in signers)


def _authorities(desk: Desk) -> tuple[str, ...]:
    """Photos of this case that may show the authority, as they are written down."""
    photos = [one for one in desk.case.state.media if one.statement.media is MediaKind.PHOTO]
    return tuple(
        f"授权委托书，见{clock_words(one.statement.began_at)}拍摄的照片"
        for one in reversed(photos[-PAPERS:])
    )


def _attestor(gathering: Gathering) -> AttestorView:
    answer = gathering.answers.get("party")
    return AttestorView(
        gathering.attestor_name,
        gathering.attestor_unit,
        gathering.wanted is Attest.MUST,
        answer.reason if isinstance(answer, Refusal | Absence) else "",
    )


def _plain(desk: Desk, gathering: Gathering) -> tuple[Advice, ...]:
    """The legal blocks of the document in plain words, for whoever reads it."""
    return tuple(
        Advice(
            "info-circle",
            desk.words(block.heading, block.heading_en or block.heading),
            desk.words(block.plain, block.plain_en or block.plain),
            desk.words(block.clause, block.clause_en or block.clause),
        )
        for block in gathering.prepared.template.blocks
        if block.plain
    )
