"""Sample views of an inspection: card, notice, timeline, camera."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import (
    ADDRESS,
    AGENCY,
    INSPECTION,
    LOCK,
    MANAGER,
    OFFICERS,
    PARTY,
    frame,
    on,
    qr,
    zh_en,
)
from field_client.ui.gallery.hands import roles
from field_client.ui.presenters.capture import (
    CaptureLabels,
    CaptureView,
    Shot,
    break_words,
    missing_labels,
    room_words,
)
from field_client.ui.presenters.card import (
    CardFace,
    CardView,
    OfficerSwitch,
    Standing,
    photo_note,
    shown_words,
    standing,
)
from field_client.ui.presenters.check import CheckView, card_result, mark_result
from field_client.ui.presenters.common import HOUR, Choice, Fix, RuleNote, Translate, age_words
from field_client.ui.presenters.notice import LegalBlock, NoticeView
from field_client.ui.presenters.sign import Signing, refusal_reasons


def card(_: Translate, state: Standing = "valid", age: int = 2 * HOUR) -> CardView:
    """The first officer's card."""
    face = CardFace(
        officer_id=OFFICERS[0].officer_id,
        name=OFFICERS[0].name,
        unit=zh_en(_, "综合行政执法大队", "Enforcement Brigade"),
        position=zh_en(_, "一级行政执法员", "Enforcement Officer, First Grade"),
        number=OFFICERS[0].number,
        category=zh_en(_, "行政执法", "Enforcement"),
        field=zh_en(_, "市场监督管理", "Market regulation"),
        region="云溪县",
        validity=_("{start} to {end}").format(start=on(_, "2024-05-01"), end=on(_, "2029-04-30")),
        photo=OFFICERS[0].photo,
        standing=standing(
            _,
            state,
            age,
            zh_en(
                _,
                "11月18日 07:04 与县司法局证件名册核对",
                "Checked against the county roster, 18 Nov 07:04",
            ),
            stale_after=24 * HOUR,
            line="0799-5550100",
        ),
    )
    return CardView(
        frame=frame(
            _,
            AGENCY,
            zh_en(
                _,
                f"出示证件 · 向{MANAGER} · {ADDRESS}",
                f"Showing the card · to {MANAGER} · {ADDRESS}",
            ),
        ),
        face=face,
        qr=qr("https://log.yunxi.example/v#" + "eyJ0Ijoi" * 24),
        seconds_left=12,
        period=15,
        officers=tuple(
            OfficerSwitch(tile.officer_id, tile.name, tile.photo, at == 0)
            for at, tile in enumerate(OFFICERS)
        ),
        recorded=False,
        lock=LOCK,
        step="identity",
        steps=(
            Choice("identity", zh_en(_, "出示证件", "Showing the card")),
            Choice("evidence", zh_en(_, "现场取证", "Evidence")),
            Choice("measure", zh_en(_, "采取措施", "Taking a measure")),
            Choice("service", zh_en(_, "送达", "Service")),
        ),
        to_whom=MANAGER,
        place=ADDRESS,
    )


def card_faceless(_: Translate) -> CardView:
    """The photos have not come to this tablet yet."""
    view = card(_)
    note = photo_note(_, here=False, to_come=True)
    officers = tuple(replace(one, photo=None) for one in view.officers)
    return replace(view, face=replace(view.face, photo=None, photo_note=note), officers=officers)


def card_suspended(_: Translate) -> CardView:
    """A suspended certificate."""
    return card(_, "suspended")


def card_unknown(_: Translate) -> CardView:
    """A roster too old to say anything."""
    return card(_, "valid", 26 * HOUR)


def card_worn(_: Translate) -> CardView:
    """As a badge, during an inspection."""
    return replace(card(_), worn=True, uniform=True)


def card_patrol(_: Translate) -> CardView:
    """As a badge where no inspection is open."""
    view = replace(card(_), worn=True, inspecting=False)
    return replace(view, frame=frame(_, AGENCY, shown_words(_, view)))


def card_leave(_: Translate) -> CardView:
    """The officer takes the tablet back."""
    return replace(card(_), lock=replace(LOCK, asking=True))


def notice(_: Translate) -> NoticeView:
    """Read aloud, ready to sign."""
    blocks = (
        (
            "refuse", "right", "可以拒绝检查", "You may refuse",
            "执法人员不出示执法证件的，您有权拒绝接受调查或者检查。",
            "If officers do not show their cards you may refuse the inspection.",
            "《行政处罚法》第五十五条", "Administrative Penalty Law, Art. 55",
        ),
        (
            "recusal", "right", "可以申请回避", "You may ask for recusal",
            "您认为执法人员与案件有直接利害关系的，有权申请其回避。",
            "If an officer has a direct interest in the case you may ask for another.",
            "《行政处罚法》第四十三条", "Administrative Penalty Law, Art. 43",
        ),
        (
            "defence", "right", "可以陈述和申辩", "You may state and defend",
            "我们必须充分听取您的意见，不会因为您申辩而加重处罚。",
            "We must hear you fully; a penalty is never made heavier for it.",
            "《行政处罚法》第四十五条", "Administrative Penalty Law, Art. 45",
        ),
        (
            "truth", "duty", "请如实回答", "Please answer truthfully",
            "您应当如实回答询问，并协助调查或者检查，不得拒绝或者阻挠。",
            "Please answer truthfully and help with the inspection; do not obstruct it.",
            "《行政处罚法》第五十五条", "Administrative Penalty Law, Art. 55",
        ),
    )  # fmt: skip
    plain = {
        "refuse": zh_en(
            _,
            "检查的人至少两名，都要出示执法证。不出示的，您可以不接受检查。",
            "At least two officers come, and each shows a certificate. If not, you may decline.",
        ),
        "truth": zh_en(
            _, "请照实说明情况，不要阻拦检查。", "Tell us how it is; do not stand in the way."
        ),
    }
    return NoticeView(
        frame=frame(
            _,
            zh_en(_, "权利义务告知书", "Your rights and duties"),
            zh_en(_, "请执法人员读给您听", "The officers read it to you"),
        ),
        blocks=tuple(
            LegalBlock(
                key,
                zh_en(_, a, b),
                zh_en(_, c, d),
                zh_en(_, e, f),
                kind,  # type: ignore[arg-type]
                plain.get(key, ""),
            )
            for key, kind, a, b, c, d, e, f in blocks
        ),
        explained=True,
        signer=MANAGER,
        signing=Signing(roles(_), "site_manager"),
        refusals=refusal_reasons(_),
        lock=LOCK,
    )


def capture(_: Translate, recording: str = "") -> CaptureView:
    """Two shots are taken, the purpose is written."""
    labels = CaptureLabels(
        INSPECTION,
        "09:12",
        ADDRESS,
        "沈知远",
        zh_en(_, "证明散装红枣未标明价格", "Proves that dates were unpriced"),
        "evidence",
    )
    return CaptureView(
        frame=frame(_, zh_en(_, "现场取证", "Evidence on the spot"), PARTY),
        labels=labels,
        steps=(
            Choice("arrival", zh_en(_, "到达现场", "Arrival")),
            Choice("evidence", zh_en(_, "检查取证", "Collecting evidence")),
            Choice("signing", zh_en(_, "签名", "Signing")),
            Choice("service", zh_en(_, "送达", "Service")),
        ),
        purposes=(zh_en(_, "货架未标价", "Shelf unpriced"),),
        recording=recording,
        shots=(
            Shot("09:12 IMG-0001", "photo", "saved"),
            Shot("09:13 CLIP-0001 00:24", "video", "saved"),
        ),
        source=zh_en(_, "平板后置摄像头", "Rear camera"),
        space=room_words(_, 660),
        used=0.62,
        releasable=0.14,
        missing=missing_labels(_, labels),
    )


def capture_video(_: Translate) -> CaptureView:
    """A clip is running."""
    return replace(capture(_, "00:00:24"), running="video")


def capture_sound(_: Translate) -> CaptureView:
    """Sound alone, and little room left."""
    return replace(
        capture(_, "00:03:41"), running="sound", space=room_words(_, 20), used=0.97, tight=True
    )


def capture_continuous(_: Translate) -> CaptureView:
    """The camera came loose for a while, and the reason is asked for."""
    words = break_words(_, 12, over=True)
    clause = zh_en(_, "《三项制度指导意见》二（三）", "Three Systems Opinion, 2 (3)")
    note = RuleNote("warn", words, "", clause, (Fix("explain_break", _("Say why")),))
    return replace(capture(_, "00:18:07"), running="continuous", notes=(note,))


def check(_: Translate) -> CheckView:
    """A colleague's card was scanned."""
    shown = OFFICERS[0]
    result = card_result(
        _,
        "fresh",
        "valid",
        facts=(
            (_("Name"), shown.name),
            (_("Certificate no."), shown.number),
            (_("Unit"), zh_en(_, "综合行政执法大队", "Enforcement Brigade")),
            (_("Category"), zh_en(_, "行政执法", "Enforcement")),
            (_("Region"), "云溪县"),
        ),
        issued_words=_("This tablet's roster was updated {age}.").format(
            age=age_words(_, 2 * HOUR)
        ),
        photo=shown.photo,
    )
    return CheckView(frame(_, _("Check a code"), zh_en(_, "后置摄像头", "Rear camera")), result)


def check_false(_: Translate) -> CheckView:
    """A forged document's code."""
    result = mark_result(_, "false", facts=(), doubtful=False)
    return replace(check(_), result=result)


def check_looking(_: Translate) -> CheckView:
    """Nothing has been read yet."""
    return replace(check(_), result=None)
