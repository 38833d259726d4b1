"""Sample views of acts that are no documents: a measure, the answer, a record, the end."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import ADDRESS, LOCK, MANAGER, PARTY, frame, on, zh_en
from field_client.ui.gallery.hands import roles
from field_client.ui.gallery.visits import preserved
from field_client.ui.presenters.answer import AnswerView
from field_client.ui.presenters.closing import ClosingView, MissingStep, closing_label
from field_client.ui.presenters.common import Choice, Fix, Message, RuleNote, Translate
from field_client.ui.presenters.form import ColumnView, FieldView, FormView, main_label
from field_client.ui.presenters.record import CorrectionView, RecordView
from field_client.ui.presenters.sign import NOBODY_ELSE, Signing, refusal_reasons


def closing(_: Translate) -> ClosingView:
    """Two things are missing."""
    note = RuleNote(
        "block",
        zh_en(_, "决定书还没有交付当事人，不能结束", "The decision was not handed over yet"),
        zh_en(_, "请先送达。", "Serve it first."),
        zh_en(_, "《行政处罚法》第五十二条", "APL 52"),
        (Fix("serve_decision", _("Hand it over")),),
    )
    warn = RuleNote(
        "warn",
        zh_en(_, "送达环节没有音像记录", "No recording of the service"),
        zh_en(_, "请补录，或者说明理由后继续。", "Record it, or say why and go on."),
        zh_en(_, "县行政执法公示方案", "County plan X-3.2c"),
        (Fix("override.AV-2", _("Go on, and say why")),),
    )
    step = MissingStep(
        "service",
        zh_en(_, "当场交付决定书", "Hand the decision over"),
        zh_en(_, "《行政处罚法》第五十二条、第六十一条", "APL 52, 61"),
        _("Do it now"),
    )
    decided = _("a decision was made on the spot")
    outcomes = (
        Choice("no_problem", zh_en(_, "未发现问题", "No problem found"), decided),
        Choice("corrected", zh_en(_, "责令改正", "Correction ordered"), decided),
        Choice("penalised_on_spot", zh_en(_, "当场处罚", "Penalised on the spot")),
        Choice("case_to_open", zh_en(_, "转为立案", "To be opened as a case"), decided),
    )
    return ClosingView(
        frame=frame(_, _("End the inspection"), PARTY),
        steps=(step,),
        notes=(note, warn),
        matters=(preserved(_),),
        outcomes=outcomes,
        outcome="penalised_on_spot",
        note="",
        main_label=closing_label(_, blocks=1, reasons=1, outcome="x"),
        ready=False,
    )


def closing_ready(_: Translate) -> ClosingView:
    """Everything is done."""
    view = closing(_)
    outcome = view.outcomes[2].word
    return replace(
        view,
        steps=(),
        notes=(),
        matters=(),
        main_label=closing_label(_, blocks=0, reasons=0, outcome=outcome),
        ready=True,
        message=Message("success", _("Everything that the law asks for is done")),
    )


def record(_: Translate) -> RecordView:
    """A measure, corrected once."""
    return RecordView(
        frame=frame(_, _("A record"), PARTY),
        title=zh_en(_, "已采取先行登记保存", "Measure taken: preservation"),
        detail=zh_en(
            _,
            "财物2项，2026年11月18日至2026年11月27日，当事人已签名",
            "2 items, from 18 November 2026 until 27 November 2026, signed by the party",
        ),
        facts=(
            (_("Time"), on(_, "2026-11-18", "09:26")),
            (_("Signed by"), "沈知远、陆清和"),
            (_("Step"), zh_en(_, "采取措施", "Taking a measure")),
            (_("Record no."), "7f3a91c20d84e6b1"),
        ),
        stage="saved",
        stage_detail=_("On this tablet, encrypted"),
        corrections=(
            CorrectionView(
                "09:40",
                zh_en(_, "数量写错", "wrong quantity"),
                zh_en(_, "枸杞应为2.5公斤。", "2.5 kg of wolfberry."),
            ),
        ),
        correct=_("Correct this record"),
        lines=LIST,
    )


LIST = (
    "1. 散装红枣 · 特级 · 20261101 · 12.5公斤 · 完好",
    "2. 散装枸杞 · 二级 · 3公斤 · 包装破损",
)


def answer(_: Translate) -> AnswerView:
    """The party reads the list of what is kept."""
    return AnswerView(
        frame=frame(_, zh_en(_, "先行登记保存", "Preservation"), PARTY),
        stage="party",
        title=zh_en(_, "先行登记保存", "Preservation"),
        facts=(
            (_("Basis"), zh_en(_, "《行政处罚法》第五十六条", "APL 56")),
            (
                _("Term"),
                f"{on(_, '2026-11-18')} – {on(_, '2026-11-27')}",
            ),
            (_("Kept at"), ADDRESS),
            (_("Keeper"), MANAGER),
        ),
        lines=LIST,
        signer="李律",
        day=on(_, "2026-11-18", "09:26"),
        refusals=refusal_reasons(_),
        lock=LOCK,
        signing=Signing(roles(_), "agent", "李律", "授权委托书（2026年11月17日）"),
    )


def answer_attestor(_: Translate) -> AnswerView:
    """The party left; somebody from the village attests."""
    why = zh_en(_, "已离开现场", "Has left")
    return replace(
        answer(_),
        stage="attestor",
        signing=NOBODY_ELSE,
        attestor=zh_en(_, "何青（青石村村委会）", "何青 (village committee)"),
        skip=_("Nobody is there to attest"),
        message=Message(
            "accent",
            _("The party is away: {why}").format(why=why),
            _("If somebody is there to attest, let him sign."),
        ),
    )


def measure(_: Translate) -> FormView:
    """Sealing, with two things listed and, before it, three things still to do."""
    columns = tuple(
        ColumnView(key, "text", zh_en(_, zh, en))
        for key, zh, en in (
            ("name", "名称", "Name"),
            ("spec", "规格型号", "Specification"),
            ("quantity", "数量", "Quantity"),
            ("unit", "单位", "Unit"),
            ("condition", "完好状态", "Condition"),
        )
    )
    approval = RuleNote(
        "block",
        _("The head of the agency approves this measure first"),
        _("Ask now; where it is urgent, say so below."),
        zh_en(_, "《行政强制法》第十八条、第十九条", "ACL 18, 19"),
        (Fix("ask.measure", _("Ask for approval")),),
    )
    unrecorded = RuleNote(
        "warn",
        _("Nothing is being recorded"),
        _("This measure is recorded from start to end without a break."),
        zh_en(_, "国办发〔2018〕118号", "State Council Office 2018 No. 118"),
        (Fix("record_measure", _("To the camera")),),
    )
    unshown = RuleNote(
        "warn",
        zh_en(
            _,
            "沈知远、陆清和还没有为这次措施出示证件",
            "沈知远 and 陆清和 have not shown their cards for this measure",
        ),
        zh_en(_, "请先出示，再采取措施。", "Show them first, then take it."),
        zh_en(_, "《行政强制法》第十八条", "ACL 18"),
        (Fix("show_cards", _("Show the cards")),),
    )
    choices = (
        Choice("granted", _("Approved"), _("no approval yet")),
        Choice("urgent", _("Urgent: completed within 24 hours")),
    )
    return FormView(
        frame=frame(_, zh_en(_, "查封", "Sealing"), PARTY),
        fields=(
            FieldView(
                "items",
                "table",
                zh_en(_, "财物清单", "Property"),
                aside=zh_en(_, "2 行", "2 rows"),
                columns=columns,
                rows=(
                    ("电子秤", "30千克", "1", "台", "完好"),
                    ("散装红枣", "特级", "12.5", "公斤", "完好"),
                ),
            ),
            FieldView(
                "approval", "choice", zh_en(_, "机关负责人批准", "Approval"), choices=choices
            ),
            FieldView(
                "told",
                "multiline",
                zh_en(_, "告知的理由、依据、权利和救济途径", "Reasons, basis, rights as told"),
                phrases=("已当场告知采取本措施的理由、依据，以及陈述、申辩的权利。",),
            ),
        ),
        notes=(approval, unrecorded, unshown),
        passed=2,
        preview=None,
        main_label=main_label(_, blocks=1, missing=()),
        ready=False,
    )


def extension(_: Translate) -> FormView:
    """A longer term for what is under seal, approved."""
    return FormView(
        frame=frame(
            _,
            _("Longer term: {measure}").format(measure=zh_en(_, "查封", "sealing")),
            PARTY,
        ),
        fields=(
            FieldView("held", "fixed", zh_en(_, "财物", "Property"), "\n".join(LIST)),
            FieldView(
                "term",
                "fixed",
                zh_en(_, "原期限", "Term so far"),
                f"{on(_, '2026-11-18')} – {on(_, '2026-12-18')}",
            ),
            FieldView(
                "approval",
                "choice",
                zh_en(_, "机关负责人批准", "Approval by the agency's head"),
                "granted",
                choices=(Choice("granted", _("Approved")),),
            ),
            FieldView(
                "until_on",
                "date",
                zh_en(_, "延长至", "Until"),
                "2027-01-17",
                help=zh_en(
                    _, "期限只能延长一次，延长不得超过三十日", "Once, and by thirty days at most"
                ),
            ),
            FieldView(
                "reason",
                "multiline",
                zh_en(_, "延长的理由", "Reasons"),
                phrases=(
                    "案情复杂，证据尚需进一步核实。",
                    "检验、检测结果尚未出具，需要继续调查。",
                ),
            ),
        ),
        notes=(),
        passed=3,
        preview=None,
        main_label=main_label(_, blocks=0, missing=(zh_en(_, "延长的理由", "Reasons"),)),
        ready=False,
    )


def extension_unasked(_: Translate) -> FormView:
    """The head was not asked yet."""
    view = extension(_)
    note = RuleNote(
        "warn",
        _("The head of the agency approves a longer term first"),
        _("Ask now; the request goes with the next contact."),
        zh_en(_, "《行政强制法》第二十五条", "ACL 25"),
        (Fix("ask.measure", _("Ask for approval")),),
    )
    closed = (Choice("granted", _("Approved"), _("no approval yet")),)
    fields = tuple(
        replace(one, value="", choices=closed) if one.key == "approval" else one
        for one in view.fields
    )
    return replace(view, fields=fields, notes=(note,))


def ending(_: Translate) -> FormView:
    """What becomes of what is under seal; or a longer term."""
    note = RuleNote(
        "warn",
        _("The term may be extended once, by 30 days at most"),
        _("The head of the agency approves it, and the party is told why."),
        zh_en(_, "《行政强制法》第二十五条", "ACL 25"),
        (Fix("extend." + "01" * 32, _("Extend the term")),),
    )
    held, *_others, reason = extension(_).fields
    return replace(
        extension(_),
        frame=frame(_, _("End of {measure}").format(measure=zh_en(_, "查封", "sealing")), PARTY),
        fields=(
            held,
            FieldView(
                "end",
                "choice",
                zh_en(_, "处理结果", "What becomes of it"),
                "released",
                choices=(
                    Choice("released", zh_en(_, "解除，退还", "Released")),
                    Choice("transferred", zh_en(_, "移送", "Transferred")),
                ),
            ),
            FieldView("on", "date", zh_en(_, "处理日期", "Day"), "2026-12-02"),
            replace(
                reason,
                label=zh_en(_, "理由", "Reasons"),
                phrases=("证据已经提取，不需要继续保存。", "期限届满，依法解除。"),
            ),
        ),
        notes=(note,),
    )
