"""Sample views of the officer's own screens: unlock, enrol, signin, sync."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import (
    AGENCY,
    DEVICE,
    OFFICERS,
    at,
    frame,
    zh_en,
)
from field_client.ui.presenters.common import (
    HOUR,
    Fix,
    Message,
    RuleNote,
    Translate,
    level_chip,
    sync_corner,
)
from field_client.ui.presenters.enrol import EnrolView
from field_client.ui.presenters.sync import SpaceView, SyncView, VerdictRow, pipeline
from field_client.ui.presenters.unlock import (
    PinState,
    SigninView,
    UnlockView,
    pin_message,
    unlock_view,
)


def unlock(_: Translate, pin: PinState | None = None, recording: str = "00:12:07") -> UnlockView:
    """After one wrong PIN, unless another state is asked for."""
    return unlock_view(
        _,
        now=at(21, 46),
        device=DEVICE,
        agency=AGENCY,
        roster_age=3 * HOUR,
        officers=OFFICERS,
        chosen=OFFICERS[0].officer_id,
        pin=PinState(tries_left=4) if pin is None else pin,
        pending=2,
        oldest_at=at(20, 58),
        recording=recording,
    )


def unlock_passphrase(_: Translate) -> UnlockView:
    """First start of the day on a tablet without a keystore."""
    return unlock_view(
        _,
        now=at(8, 10),
        device=DEVICE,
        agency=AGENCY,
        roster_age=13 * HOUR,
        officers=OFFICERS,
        chosen=OFFICERS[0].officer_id,
        pin=PinState(),
        pending=None,
        oldest_at=None,
        ask_passphrase=True,
    )


def unlock_locked(_: Translate) -> UnlockView:
    """Locked for a while."""
    return unlock(_, PinState(locked_minutes=15), "")


def unlock_lost(_: Translate) -> UnlockView:
    """The office reported it lost."""
    title = zh_en(_, "本机已报失", "This tablet was reported lost")
    text = zh_en(
        _,
        "任何人都不能解锁。记录已加密保存，本局可以打开。拾到请交回本局。",
        "Nobody can unlock it. Its records are sealed, and the bureau can open them. Please hand "
        "it in at the bureau.",
    )
    message = Message("danger", title, text)
    return replace(unlock(_, PinState(), ""), message=message, officers=(), lost=True)


def unlock_wiped(_: Translate) -> UnlockView:
    """Too many wrong PINs."""
    return unlock(_, PinState(wiped=True), "")


def enrol(_: Translate) -> EnrolView:
    """The four facts."""
    return EnrolView(server="https://log.yunxi.example", code="48209317", device_name=DEVICE)


def enrol_refused(_: Translate) -> EnrolView:
    """The office did not take the code."""
    text = zh_en(
        _,
        "中心没有接受：一次性代码已用过或者已过期。请向管理员要一个新的。",
        "The office refused: the one-time code was used or is too old. Ask for a new one.",
    )
    return replace(enrol(_), message=Message("danger", text))


def enrol_officers(_: Translate) -> EnrolView:
    """One officer is ready, the other not yet."""
    return EnrolView(
        stage="officers",
        officers=OFFICERS,
        ready=frozenset({OFFICERS[0].officer_id}),
        chosen=OFFICERS[1].officer_id,
    )


def enrol_many(_: Translate) -> EnrolView:
    """A roster of thousands: one officer is ready, the next one is looked for."""
    return replace(enrol_officers(_), many=True, sought=OFFICERS[1].name, officers=OFFICERS[1:2])


def enrol_done(_: Translate) -> EnrolView:
    """What the tablet received."""
    return EnrolView(
        stage="done",
        summary=(
            (_("Agency"), AGENCY),
            (_("Tablet"), DEVICE),
            (_("Numbers granted"), "云市监当罚〔2026〕126号 – 175号"),
            (_("Officers"), "沈知远、陆清和"),
        ),
    )


def signin(_: Translate) -> SigninView:
    """The colleague types a PIN."""
    return SigninView(
        officers=OFFICERS[1:],
        chosen=OFFICERS[1].officer_id,
        first_name=OFFICERS[0].name,
        corner=sync_corner(_, pending=3, oldest_at=at(9, 12), now=at(9, 46)),
        message=pin_message(_, PinState(tries_left=2)),
    )


def signin_further(_: Translate) -> SigninView:
    """A third officer joins."""
    names = _(", ").join(one.name for one in OFFICERS[:2])
    third = replace(OFFICERS[1], officer_id="00992304150", name="何雨桐", number="0099 2304 150")
    return replace(
        signin(_),
        officers=(third,),
        chosen=third.officer_id,
        first_name=names,
        further=True,
        message=None,
    )


def sync(_: Translate) -> SyncView:
    """The network is back; one record wants an explanation."""
    title = zh_en(
        _, "照片时间与设备时钟相差 4 分钟", "Photo time and tablet clock differ by 4 minutes"
    )
    text = zh_en(
        _,
        "取证照片 IMG-0412，石桥粮油店检查。记录已收下，未改动，需要你说明原因。",
        "Photo IMG-0412, 石桥粮油店. The record was accepted unchanged; please explain.",
    )
    passed = level_chip(_, "pass")
    rows = (
        ("09:07", zh_en(_, "权利义务告知书", "Rights and duties notice")),
        ("09:05", zh_en(_, "出示证件", "Card shown")),
        ("09:02", zh_en(_, "到达现场", "Arrival")),
        ("08:10", zh_en(_, "今日开机自检", "Self-check at start")),
    )
    return SyncView(
        frame=frame(
            _,
            _("Sync"),
            zh_en(_, "网络已恢复，3 条中已发送 1 条", "Network is back, 1 of 3 sent"),
            tab="sync",
            pending=2,
        ),
        tiles=pipeline(
            _,
            {"saved": 2, "sent": 1, "receipted": 14, "stored": 6, "archived": 1286},
            oldest="09:20",
        ),
        verdicts=(level_chip(_, "pass", 13), level_chip(_, "warn", 1)),
        notes=(RuleNote("warn", title, text, "", (Fix("explain", _("Explain")),)),),
        rows=tuple(VerdictRow(time, word, "禾穗食品", passed, "00") for time, word in rows),
        space=SpaceView(
            zh_en(_, "剩 38.4 GB", "38.4 GB free"),
            0.46,
            0.1,
            zh_en(
                _,
                "约可再录像 11 小时。已归档录像 30 天后自动清理。",
                "About 11 more hours of video. Archived clips go after 30 days.",
            ),
        ),
        checkpoint=zh_en(_, "今天 09:48", "Today 09:48"),
        checkpoint_detail=zh_en(_, "本机和中心 1,286 条逐条一致", "1,286 records agree one by one"),
        checkpoint_code="7F3A 91C2 0D84",
        contact=zh_en(_, "上次联系中心：09:48", "Last contact with the centre: 09:48"),
        clock=zh_en(_, "设备时钟：与中心相差 0.8 秒，正常", "Tablet clock: 0.8 s off, fine"),
        listed=_("What the centre answered"),
    )


def sync_stick(_: Translate) -> SyncView:
    """No network, and a stick from the office."""
    view, fix = sync(_), Fix("from_stick", _("Update from a stick"))
    note = RuleNote("pass", _("A stick with the agency's reference data is here"), fixes=(fix,))
    return replace(view, notes=(note, *view.notes))


def sync_alarm(_: Translate) -> SyncView:
    """The log showed two histories: the alarm lasts."""
    view = sync(_)
    alarm = RuleNote(
        "block",
        zh_en(_, "中心的日志前后不一致", "The centre's log contradicts itself"),
        zh_en(
            _,
            "两个签名检查点不能同时为真。记录继续存在本机，请立即报告县司法局。",
            "Two signed checkpoints cannot both be true. Records stay here; tell the justice "
            "bureau now.",
        ),
    )
    return replace(view, notes=(), alarm=alarm)
