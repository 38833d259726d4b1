"""Sample views of an inspection under way: timeline, end, a record, the party's answer."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import INSPECTION, PARTY, chip, frame, on, zh_en
from field_client.ui.presenters.common import RuleNote, Translate, tabs
from field_client.ui.presenters.inspection import (
    Act,
    ActGroup,
    InspectionView,
    Matter,
    NextStep,
    TimelineRow,
    steps,
)

DONE = (
    ("09:31", "现场检查笔录已制作", "Site inspection record issued",
     "当事人已签名", "Signed by the party", "saved"),
    ("09:26", "已采取先行登记保存", "Measure taken: preservation",
     "财物2项，至11月27日，当事人已签名", "2 items until 27 Nov, signed by the party", "saved"),
    ("09:12", "已取证：照片", "Evidence taken: photo",
     "货架、价签、收银台，均带时间和地点", "Shelves, tags, till; with time and place", "sent"),
    ("09:07", "权利义务已告知", "Rights and duties told",
     "已宣读，当事人已签名", "Read aloud, signed by the party", "receipted"),
    ("09:05", "2名执法人员已出示证件", "2 officers showed their cards",
     "向周明禾（店长）出示", "To 周明禾 (manager)", "stored"),
    ("09:02", "检查开始", "Inspection opened", INSPECTION, INSPECTION, "archived"),
)  # fmt: skip


def inspection(_: Translate) -> InspectionView:
    """In the middle: the decision comes next."""
    rows = tuple(
        TimelineRow(
            time,
            zh_en(_, a, b),
            zh_en(_, c, d),
            stage,  # type: ignore[arg-type]
            key=f"{at:02x}" * 32,
            corrected=at == 2,
            first=at == 0,
            last=at == len(DONE) - 1,
        )
        for at, (time, a, b, c, d, stage) in enumerate(DONE)
    )
    return InspectionView(
        frame=frame(
            _,
            PARTY,
            zh_en(_, "明码标价情况检查 · ", "Price marking check · ") + INSPECTION,
            tab="inspection",
            recording="00:36:18",
        ),
        next_step=NextStep(
            "decision",
            _("Next · required by law"),
            zh_en(_, "作出当场行政处罚决定", "Decide on the spot"),
            zh_en(
                _,
                "填写决定书，两名执法人员和当事人签名。",
                "Fill in the decision; both officers and the party sign.",
            ),
            zh_en(_, "《行政处罚法》第五十一条、第五十二条", "APL 51, 52"),
            _("Begin"),
        ),
        steps=steps(_, done=4),
        rows=rows,
        facts=(
            (_("Met on site"), zh_en(_, "周明禾（店长）", "周明禾 (manager)")),
            (_("Place"), "青石镇河西路28号"),
            (_("Cause"), zh_en(_, "7种散装商品未标明价格", "7 goods unpriced")),
            (_("Officers"), "沈知远、陆清和"),
        ),
        notes=(),
        sync_title=_("{n} to sync").format(n=3),
        sync_detail=_("Oldest {when} · encrypted on this tablet").format(when="09:12"),
        stage="saved",
        groups=groups(_),
        matters=(preserved(_),),
    )


def groups(_: Translate) -> tuple[ActGroup, ...]:
    """All acts, some of them done."""
    done = _("Done {clock}")
    return (
        ActGroup(
            "card",
            _("Cards"),
            (
                Act("identity", "id", _("Show the cards"), done.format(clock="09:05")),
                Act("handover", "users", _("Hand over the shift")),
            ),
        ),
        ActGroup(
            "tell",
            _("Telling and hearing"),
            (
                Act("rights", "volume", _("Rights and duties"), done.format(clock="09:07")),
                Act("statement", "message-dots", _("Hear the party")),
                Act("recusal", "user-off", _("Recusal asked for")),
            ),
        ),
        ActGroup(
            "evidence",
            _("Evidence"),
            (
                Act(
                    "evidence",
                    "camera",
                    _("Photo or video"),
                    _("{n}× · {clock}").format(n=6, clock="09:12"),
                ),
                Act("interview", "writing", _("Interview")),
            ),
        ),
        ActGroup(
            "papers",
            _("Documents"),
            (
                Act("papers", "folder", _("All documents")),
                Act("record", "pencil", _("Inspection record"), done.format(clock="09:31")),
                Act("correction", "list-check", _("Order to correct")),
                Act("decision", "gavel", _("Decide on the spot")),
            ),
        ),
        ActGroup(
            "measures",
            _("Measures"),
            (
                Act(
                    "measure.preservation",
                    "archive",
                    zh_en(_, "先行登记保存", "Preservation"),
                    done.format(clock="09:26"),
                ),
                Act("measure.sampling", "flask", zh_en(_, "抽样取证", "Sampling")),
                Act("measure.seal", "lock", zh_en(_, "查封", "Sealing")),
                Act("measure.seize", "package", zh_en(_, "扣押", "Seizure")),
                Act("extension", "calendar", _("Extend a term")),
            ),
        ),
        ActGroup(
            "end",
            _("End"),
            (
                Act("collect", "receipt", _("Collect the fine")),
                Act("close", "circle-check", _("End the inspection")),
            ),
        ),
    )


def preserved(_: Translate) -> Matter:
    """Property that is kept as evidence."""
    return Matter(
        "end." + "01" * 32,
        "package",
        _("{measure}, {n} items").format(measure=zh_en(_, "先行登记保存", "Preservation"), n=2),
        _("Decide by {day}").format(day=on(_, "2026-11-27")),
        chip("clock", _("In force"), "accent"),
    )


def unapproved(_: Translate) -> Matter:
    """An urgent inspection whose approval is still to come."""
    return Matter(
        "ask.inspection",
        "alert-triangle",
        _("Urgent inspection, approval to be completed"),
        _("The head of the agency has not been asked yet"),
        chip("alert-triangle", _("Not asked"), "danger"),
        late=True,
    )


def refused(_: Translate) -> Matter:
    """The head said no to a measure."""
    return Matter(
        "look." + "02" * 32,
        "alert-triangle",
        _("{measure}: approval").format(measure=zh_en(_, "扣押", "Seizure")),
        _("Not approved: {why}").format(why=zh_en(_, "与案件没有关联", "not linked to the case")),
        chip("circle-x", _("Refused"), "danger"),
        late=True,
    )


def inspection_urgent(_: Translate) -> InspectionView:
    """Urgent, and with more open matters than there is room for."""
    view = inspection(_)
    titled = replace(
        view.frame,
        subtitle=" · ".join((_("Urgent inspection"), INSPECTION)),
        recording="",
    )
    return replace(
        view, frame=titled, matters=(preserved(_), unapproved(_), refused(_)), rows=view.rows[2:]
    )


def inspection_closed(_: Translate) -> InspectionView:
    """Nothing more can be added; a record may be corrected."""
    view = inspection(_)
    end = TimelineRow(
        "10:02",
        zh_en(_, "检查结束", "Inspection closed"),
        zh_en(_, "当场处罚", "Penalised on the spot"),
        "saved",
        key="ff" * 32,
        first=True,
    )
    rows = (end, replace(view.rows[0], first=False), *view.rows[1:])
    closed = RuleNote(
        "pass",
        _("This inspection is closed"),
        _(
            "What was issued can still be served, what was taken still be settled. Touch a record "
            "to correct it."
        ),
    )
    return replace(
        view,
        frame=replace(view.frame, recording="", tabs=tabs(_, inspecting=True)),
        next_step=None,
        rows=rows,
        notes=(closed,),
        groups=(),
        matters=(preserved(_),),
    )


def inspection_long(_: Translate) -> InspectionView:
    """Three hundred records."""
    view = inspection(_)
    rows = tuple(
        replace(
            view.rows[2 + at % 3],
            key=f"{at:04x}" * 16,
            first=at == 0,
            last=at == 299,
            time=f"{17 - at // 50:02d}:{59 - at % 50:02d}",
        )
        for at in range(300)
    )
    return replace(view, rows=rows)
