"""Sample views of recordings: the gallery, one of them large, files of a recorder."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from field_client.ui.gallery.cast import ADDRESS, INSPECTION, PARTY, as_png, frame, on, zh_en
from field_client.ui.presenters.common import Choice, Message, Translate
from field_client.ui.presenters.importing import FileRow, ImportingView, LabelForm
from field_client.ui.presenters.item import grouped
from field_client.ui.presenters.recordings import (
    ALL,
    GalleryTile,
    RecordingsView,
    ViewerView,
)

CODE = "8f3a11c97be04d52a6019c4410fe6d2be81b00517c0f5f6f4d0c4f1f0f2f9a31"


@cache
def shelf(seed: int) -> bytes:
    """A shelf under a lamp, as a camera would see it."""
    rows = []
    for y in range(90):
        row = bytearray(b"\0")
        for x in range(160):
            far = ((x / 160 - 0.2 * seed) ** 2 + (y / 90 - 0.3) ** 2) * 1.6
            board = 0.7 if (y + 7 * seed) % 34 < 5 else 1.0
            crate = 0.75 if (x // (14 + 3 * seed) + y // 34) % 2 else 1.0
            row += bytes(round(c * max(0.15, 1 - far) * board * crate) for c in (214, 196, 160))
        rows.append(bytes(row))
    return as_png(160, 90, b"".join(rows))


def recordings(_: Translate) -> RecordingsView:
    """Eight of eleven."""
    tiles = (
        ("货架无价签", "Shelf without tags", "09:12", "photo", "stored", "", 1),
        ("货架全景", "The whole shelf", "09:13", "video", "stored", "00:24", 2),
        ("店长陈述", "The manager's words", "09:20", "sound", "receipted", "03:41", 0),
        ("收银台", "The till", "09:22", "photo", "sent", "", 3),
        ("采取措施全程", "Taking the measure", "09:30", "video", "saved", "18:07", 4),
        ("货架无价签（标注副本）", "No tags (marked copy)", "09:31", "photo", "saved", "", 1),
        ("执法记录仪录像", "From the recorder", "09:01", "video", "archived", "12:40", 0),
        ("散装红枣", "Dates, loose", "09:33", "photo", "saved", "", 5),
    )  # fmt: skip
    return RecordingsView(
        frame=frame(_, zh_en(_, "录音录像", "Recordings"), PARTY, recording="00:18:07"),
        tiles=tuple(
            GalleryTile(
                key=f"{at:x}".ljust(64, "0"),
                title=zh_en(_, zh, en),
                detail=f"{time} · {zh_en(_, '现场取证', 'evidence')}",
                kind=kind,
                stage=stage,  # type: ignore[arg-type]
                length=length,
                thumb=shelf(seed) if seed else None,
                gone=_("Let go here, kept at the office") if stage == "archived" else "",
                copy=_("Copy") if "副本" in zh else "",
            )
            for at, (zh, en, time, kind, stage, length, seed) in enumerate(tiles)
        ),
        kinds=(
            Choice(ALL, zh_en(_, "全部", "All")),
            Choice("photo", zh_en(_, "照片", "Photo")),
            Choice("video", zh_en(_, "录像", "Video")),
            Choice("sound", zh_en(_, "录音", "Sound recording")),
        ),
        steps=(
            Choice(ALL, zh_en(_, "全部环节", "All steps")),
            Choice("evidence", zh_en(_, "现场取证", "Evidence")),
        ),
        kind=ALL,
        step=ALL,
        place=zh_en(_, "第 1 至 8 个，共 11 个", "1 to 8 of 11"),
        earlier=True,
        later=False,
    )


def recordings_none(_: Translate) -> RecordingsView:
    """Nothing yet."""
    return replace(
        recordings(_), tiles=(), earlier=False, place=zh_en(_, "没有录音录像", "No recordings")
    )


def viewer(_: Translate) -> ViewerView:
    """A clip that plays."""
    return ViewerView(
        frame=frame(_, zh_en(_, "证明散装红枣未标明价格", "Dates without a price"), PARTY),
        key="0" * 64,
        kind="video",
        facts=(
            (zh_en(_, "案号", "Case no."), INSPECTION),
            (zh_en(_, "时间", "Time"), on(_, "2026-11-18", "09:13")),
            (zh_en(_, "地点", "Place"), ADDRESS),
            (zh_en(_, "记录人", "Recorder"), "沈知远"),
            (zh_en(_, "环节", "Step"), zh_en(_, "现场取证", "Evidence")),
            (zh_en(_, "设备", "Device"), "YX-T07"),
        ),
        stage="stored",
        stage_word=zh_en(_, "已存中心", "Stored"),
        code=grouped(CODE),
        at=9_000,
        length=24_000,
        playing=True,
    )


def viewer_mark(_: Translate) -> ViewerView:
    """A frame was drawn on a photo."""
    return replace(
        viewer(_), kind="photo", mode="mark", boxes=((0.3, 0.35, 0.3, 0.3),), playing=False
    )


def viewer_sound(_: Translate) -> ViewerView:
    """Sound, and nothing to hear it by."""
    silent = _("No sound device opens on this tablet: nothing can be heard.")
    return replace(
        viewer(_),
        kind="sound",
        playing=False,
        changeable=False,
        message=Message("warning", silent),
    )


def importing(_: Translate) -> ImportingView:
    """Files of a recorder, two chosen, one refused."""
    when = on(_, "2026-11-18", "09:01")
    return ImportingView(
        frame=frame(_, zh_en(_, "从记录仪导入", "From a recorder"), PARTY),
        phase="files",
        files=(
            FileRow("a", "CLIP_0001.MP4", f"{when} · 1.2 GB · 12:40", "video", True),
            FileRow("b", "CLIP_0002.MP4", f"{when} · 86.3 MB · 00:55", "video", True),
            FileRow("c", "IMG_0003.JPG", f"{when} · 3.1 MB", "photo"),
            FileRow("d", "CLIP_0004.BAK", "", "", refused=_("No picture, video or sound")),
        ),
        place=zh_en(_, "第 1 至 4 个，共 4 个", "1 to 4 of 4"),
        chosen=zh_en(_, "导入 2 个文件（1.3 GB）", "Take in 2 files (1.3 GB)"),
        ready=True,
    )


def importing_stick(_: Translate) -> ImportingView:
    """Two are plugged in."""
    return replace(
        importing(_), phase="stick", sticks=(Choice("/a", "执法记录仪 07"), Choice("/b", "U 盘"))
    )


def importing_copying(_: Translate) -> ImportingView:
    """Half is done."""
    words = zh_en(_, "第 2 个，共 5 个：CLIP_0002.MP4", "2 of 5: CLIP_0002.MP4")
    return replace(importing(_), phase="copying", share=0.46, progress=words)


def importing_labels(_: Translate) -> ImportingView:
    """The labels of one that is in."""
    return replace(
        importing(_),
        phase="labels",
        form=LabelForm(
            key="a",
            name="CLIP_0001.MP4",
            detail=f"{on(_, '2026-11-18', '09:01')} · 1.2 GB · 12:40",
            recorder="00992304117",
            place=ADDRESS,
            purpose="",
            step="arrival",
            left=zh_en(_, "后面还有 1 个", "1 more after it"),
        ),
        steps=(Choice("arrival", zh_en(_, "到达现场", "Arrival")),),
        recorders=(Choice("00992304117", "沈知远"), Choice("00992304132", "陆清和")),
        purposes=(zh_en(_, "证明：未按规定明码标价", "Proves: no prices"),),
        missing=(zh_en(_, "证明目的", "What it proves"),),
    )
