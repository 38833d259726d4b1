"""Sample views of hands: signing and service."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import (
    ADDRESS,
    DECISION,
    LOCK,
    MANAGER,
    OFFICERS,
    PARTY,
    frame,
    on,
    pages,
    zh_en,
)
from field_client.ui.gallery.ink import written
from field_client.ui.presenters.common import Choice, Fix, Message, RuleNote, Translate
from field_client.ui.presenters.serve import Asked, ServeView, ShownMedia
from field_client.ui.presenters.sign import (
    Advice,
    AttestorView,
    Correction,
    OfficerSign,
    SignView,
    Turn,
    advice,
    page_refusals,
    refusal_reasons,
)


def roles(_: Translate) -> tuple[Choice, ...]:
    """Who of the party's side may sign."""
    return (
        Choice("party", zh_en(_, "当事人", "Party")),
        Choice("site_manager", zh_en(_, "现场负责人", "Person in charge")),
        Choice("agent", zh_en(_, "委托代理人", "Agent")),
    )


def sign(_: Translate) -> SignView:
    """The party's turn."""
    return SignView(
        frame=frame(
            _,
            _("Please read and sign"),
            zh_en(_, "当场行政处罚决定书 · 共 1 页", "Penalty decision · 1 page"),
        ),
        stage="party",
        party=MANAGER,
        day=on(_, "2026-11-18", "09:31"),
        advice=advice(_),
        pages=pages(),
        refusals=refusal_reasons(_),
        officers=tuple(
            OfficerSign(tile.officer_id, tile.name, tile.officer_id, False) for tile in OFFICERS
        ),
        lock=LOCK,
        under="本决定书我看过。",
        roles=roles(_),
        role="party",
        signer=MANAGER,
        plain=(
            Advice(
                "info-circle",
                zh_en(_, "先复议，再起诉", "Reconsideration first"),
                zh_en(
                    _,
                    "不服的，60日内先向县政府申请行政复议；对复议结果不服，再到法院起诉。",
                    "Within 60 days ask the county government; only then go to court.",
                ),
                zh_en(_, "《行政复议法》第二十三条", "ARL 23"),
            ),
        ),
    )


def sign_agent(_: Translate) -> SignView:
    """An agent signs; the written authority is still to be named."""
    return replace(
        sign(_),
        role="agent",
        signer="李明",
        papers=(zh_en(_, "授权委托书，见09:20拍摄的照片", "Written authority, photo of 09:20"),),
    )


def sign_page(_: Translate) -> SignView:
    """A page of an interview."""
    return replace(
        sign(_),
        frame=frame(_, zh_en(_, "询问笔录", "Interview record"), ""),
        turn=Turn("page.1", "page", 1),
        progress=_("{n} of {all}").format(n=1, all=4),
        under="",
        roles=(),
        refusals=page_refusals(_),
    )


def sign_initials(_: Translate) -> SignView:
    """The hand beside a correction."""
    return replace(
        sign_page(_),
        turn=Turn("initials.0", "initials", 1),
        progress=_("{n} of {all}").format(n=2, all=4),
        correction=Correction(1, "上个月中旬", "上个月初"),
    )


def sign_attestor(_: Translate) -> SignView:
    """The party has left: somebody attests (ACL 18)."""
    return replace(
        sign(_),
        stage="attestor",
        turn=Turn("attestor", "attestor"),
        roles=(),
        under="",
        attestor=AttestorView(
            "王芳", "青石镇河西社区居委会", True, zh_en(_, "已离开现场", "has left the place")
        ),
    )


def sign_officers(_: Translate) -> SignView:
    """The party and the first officer have signed; the second is next."""
    first, second = OFFICERS
    return replace(
        sign(_),
        frame=frame(_, _("The officers sign"), DECISION),
        stage="officers",
        turn=Turn(f"officer.{second.officer_id}", "officer"),
        roles=(),
        under="",
        party_handwriting=written(MANAGER, aspect=0.45),
        officers=(
            OfficerSign(
                first.officer_id, first.name, first.officer_id, True, written("沈知远", aspect=0.3)
            ),
            OfficerSign(second.officer_id, second.name, second.officer_id, False),
        ),
        current=second.officer_id,
    )


def serve(_: Translate) -> ServeView:
    """Handed over on the spot."""
    return ServeView(
        frame=frame(_, zh_en(_, "送达", "Service"), PARTY),
        document=zh_en(_, "当场行政处罚决定书", "On-the-spot penalty decision"),
        number=DECISION,
        methods=(
            Choice("personal", zh_en(_, "直接送达", "Personal service")),
            Choice("leaving", zh_en(_, "留置送达", "Service by leaving")),
            Choice("postal", zh_en(_, "邮寄送达", "Postal service")),
            Choice("entrusted", zh_en(_, "委托送达", "Entrusted service")),
            Choice("announcement", zh_en(_, "公告送达", "Service by announcement")),
            Choice("electronic", zh_en(_, "电子送达", "Electronic service")),
        ),
        method="personal",
        asked=(
            Asked("addressee", _("Addressee"), PARTY),
            Asked("receiver", _("Received by"), MANAGER),
            Asked("place", zh_en(_, "地点", "Place"), ADDRESS),
            Asked("relation", _("Relation to the addressee"), zh_en(_, "店长", "Manager")),
        ),
        received_at=on(_, "2026-11-18", "09:52"),
        writer=MANAGER,
        hint=zh_en(
            _,
            "由当事人、与其同住的成年家属、代理人或者负责收件的人签收。",
            "The party, an adult of the household, an agent or whoever takes in the post signs.",
        ),
        clause=zh_en(_, "《民事诉讼法》第八十八条", "CPL 88"),
        refusals=refusal_reasons(_),
        pages=pages(),
    )


def serve_leaving(_: Translate) -> ServeView:
    """Refused: a witness signs."""
    return replace(
        serve(_),
        method="leaving",
        asked=(
            Asked("addressee", _("Addressee"), PARTY),
            Asked("place", zh_en(_, "地点", "Place"), ADDRESS),
            Asked(
                "reason",
                _("Why it is served like this"),
                zh_en(_, "不认可内容", "Disagrees with the content"),
            ),
            Asked("witness", _("Witness"), "王芳"),
            Asked("unit", _("Unit or address"), "青石镇河西社区居委会"),
        ),
        writer="王芳",
        hint=zh_en(
            _,
            "拒收的：请见证人签名，送达人也签名；或者留在住所并拍照、录像。",
            "Refused: a witness signs beside who serves it, or it is left with photo or video.",
        ),
        clause=zh_en(_, "《民事诉讼法》第八十九条", "CPL 89"),
        hows=(Choice("witness", _("A witness signs")), Choice("media", _("Photo or video"))),
        how="witness",
        refusals=(),
    )


def serve_media(_: Translate) -> ServeView:
    """Refused: photos show how it was left."""
    return replace(
        serve_leaving(_),
        asked=serve_leaving(_).asked[:3],
        writer="",
        how="media",
        media=(
            ShownMedia("9f" * 32, zh_en(_, "录像 09:58", "Video 09:58"), True),
            ShownMedia("8e" * 32, zh_en(_, "照片 09:57", "Photo 09:57"), False),
        ),
    )


def serve_unsealed(_: Translate) -> ServeView:
    """A paper that the office has still to seal, served on another day: the card first."""
    return replace(
        serve(_),
        received_at=on(_, "2026-11-20", "10:05"),
        notes=(
            RuleNote(
                "warn",
                zh_en(
                    _,
                    "2026年11月20日没有沈知远、陆清和出示证件的记录",
                    "No record says that 沈知远, 陆清和 showed the card on 20 November 2026",
                ),
                zh_en(_, "请先出示，再送达。", "Show it, then serve."),
                zh_en(_, "国办发〔2018〕118号", "State Council Office 2018 No. 118"),
                (Fix("show_cards", _("Show the cards")),),
            ),
        ),
        message=Message(
            "accent",
            _("The office must seal this document"),
            _("No seal is lent to this tablet for it. Print it, have it sealed, then serve it."),
        ),
    )


def serve_postal(_: Translate) -> ServeView:
    """By post: the number is still missing."""
    return replace(
        serve(_),
        method="postal",
        asked=(
            Asked("addressee", _("Addressee"), PARTY),
            Asked("place", zh_en(_, "邮寄地址", "Postal address"), ADDRESS),
            Asked("tracking", _("Tracking number"), ""),
        ),
        writer="",
        hint=zh_en(
            _,
            "直接送达有困难的，可以邮寄；回执上的收件日期为送达日期。",
            "The day on the receipt is the day of service.",
        ),
        clause=zh_en(_, "《民事诉讼法》第九十一条", "CPL 91"),
        refusals=(),
        missing=(_("Tracking number"),),
    )
