"""Sample views of the documents of a case, and of one of them to read."""

from __future__ import annotations

from dataclasses import replace

from field_client.ui.gallery.cast import DECISION, INSPECTION, PARTY, frame, on, pages, qr, zh_en
from field_client.ui.presenters.common import Fix, Message, RuleNote, Translate
from field_client.ui.presenters.paper import CodeView, PaperView, PrintView
from field_client.ui.presenters.papers import (
    WAY,
    PaperGroup,
    PaperRow,
    PapersView,
    group_title,
    state_chip,
)
from protocol.vocabulary import DocumentKind

RECORD = "4f" * 32


def papers(_: Translate) -> PapersView:
    """Half way: a record served, a decision not handed over, a draft, and what law forbids yet."""
    language = "zh_CN" if zh_en(_, "zh", "en") == "zh" else "en"
    groups = tuple(
        PaperGroup(
            group_title(_, key), tuple(_row(_, kind, kind.heading(language)) for kind in kinds)
        )
        for key, kinds in WAY
    )
    title = DocumentKind.SPOT_DECISION.heading(language)
    return PapersView(
        frame=frame(_, _("Documents"), f"{PARTY} · {INSPECTION}"),
        groups=groups,
        main=Fix(f"serve.{RECORD}", _("Hand over: {document}").format(document=title)),
    )


def _row(_: Translate, kind: DocumentKind, title: str) -> PaperRow:
    begin = (Fix(f"form.{kind.value}", _("Begin")),)
    read = Fix(f"view.{RECORD}", _("Read"))
    when = _("issued {when}").format(when="09:38")
    if kind is DocumentKind.SITE_INSPECTION_RECORD:
        chip = state_chip(_, "issued")
        return PaperRow("a1", title, chip, f"{INSPECTION} · {when}", (read,), stage="receipted")
    if kind is DocumentKind.SPOT_DECISION:
        doors = (Fix(f"serve.{RECORD}", _("Serve")), read)
        chip = state_chip(_, "unserved")
        return PaperRow("a2", title, chip, f"{DECISION} · {when}", doors, stage="saved")
    if kind is DocumentKind.RIGHTS_NOTICE:
        again = (
            Fix(f"sheet.{kind.value}", _("On paper")),
            Fix(f"form.{kind.value}", _("Tell again")),
        )
        told = _("Told {when}").format(when="09:07")
        return PaperRow(kind.value, title, state_chip(_, "told"), told, again)
    if kind is DocumentKind.CORRECTION_ORDER:
        doors = (
            Fix("form.correction_order", _("Go on")),
            Fix("draft.correction_order", _("Preview")),
        )
        typed = _("Last typed {when}").format(when="09:41")
        return PaperRow(kind.value, title, state_chip(_, "draft"), typed, doors)
    if kind is DocumentKind.PENALTY_DECISION:
        return PaperRow(kind.value, title, state_chip(_, "refused"), "", begin, _refused(_))
    if kind is DocumentKind.HEARING_RIGHT_NOTICE:
        return PaperRow(kind.value, title, state_chip(_, "absent"), "", ())
    return PaperRow(kind.value, title, state_chip(_, "free"), "", begin)


def _refused(_: Translate) -> tuple[RuleNote, ...]:
    return (
        RuleNote(
            "block",
            zh_en(_, "还没有法制审核意见", "There is no legal review opinion yet"),
            zh_en(_, "请送法制审核，同意后再出具。", "Send it to legal review, then issue it."),
            zh_en(_, "《行政处罚法》第五十八条", "APL 58"),
        ),
        RuleNote(
            "block",
            zh_en(_, "还没有事先告知", "No prior notice yet"),
            zh_en(_, "请先送达事先告知书，听取陈述、申辩。", "Serve the prior notice and hear."),
            zh_en(_, "《行政处罚法》第四十四条、第六十二条", "APL 44, 62"),
        ),
    )


def papers_asking(_: Translate) -> PapersView:
    """Right after it was opened: nothing is said of rules yet."""
    view = papers(_)
    asking = state_chip(_, "asking")
    groups = tuple(
        replace(
            group,
            rows=tuple(
                replace(row, state=asking, why=()) if row.doors and not row.detail else row
                for row in group.rows
            ),
        )
        for group in view.groups
    )
    return replace(view, groups=groups, busy=_("Asking the rules…"), main=None)


def paper(_: Translate) -> PaperView:
    """A decision that was signed and not handed over yet."""
    title = zh_en(_, "当场行政处罚决定书", "On-the-spot penalty decision")
    day = on(_, "2026-11-18", "09:38")
    return PaperView(
        frame=frame(_, title, f"{PARTY} · {DECISION}"),
        state=state_chip(_, "unserved"),
        facts=(
            (_("Number"), DECISION),
            (_("Issued at"), day),
            (_("Form"), _("Version {n}").format(n=2)),
            (_("Synchronised"), _("Saved")),
        ),
        pages=pages() * 2,
        stage="saved",
        message=Message(
            "success",
            _("Sealed with the seal lent to this tablet"),
            _("The office's record of it is printed at the end."),
        ),
        doors=(
            Fix(f"serve.{RECORD}", _("Hand it over")),
            Fix("panel.print", _("Print")),
            Fix("panel.code", _("Hand over by code")),
            Fix("another.spot_decision", _("One more of this kind")),
            Fix("void.spot_decision", _("Void a number")),
        ),
    )


def paper_draft(_: Translate) -> PaperView:
    """A draft that the office must seal, while its pages are drawn."""
    view = paper(_)
    return replace(
        view,
        frame=frame(_, zh_en(_, "责令改正通知书", "Correction order"), PARTY),
        state=state_chip(_, "draft"),
        facts=((_("Number"), "云市监责改〔2026〕41号"),),
        pages=(),
        busy=_("Drawing the pages…"),
        message=Message(
            "accent",
            _("The office must seal this document"),
            _("No seal is lent to this tablet for it. Print it, have it sealed, then serve it."),
        ),
        doors=(
            Fix("form.correction_order", _("Go on with the form")),
            Fix("panel.print", _("Print")),
            Fix("void.correction_order", _("Void a number")),
        ),
    )


def paper_print(_: Translate) -> PaperView:
    """Printed a moment ago."""
    words = _("{n} copies are with {printer}. Check them before handing over.")
    sent = Message("success", _("Sent to the printer"), words.format(n=2, printer="车载-02"))
    view = PrintView(("车载-02", "执法大队"), "车载-02", 2, "", sent)
    return replace(paper(_), panel="print", printing=view)


def paper_noprinter(_: Translate) -> PaperView:
    """No printer was found."""
    missing = Message(
        "warning",
        _("No printer is set up"),
        _("Connect one and set it up in the system, then look again."),
    )
    return replace(paper(_), panel="print", printing=PrintView(message=missing))


def paper_code(_: Translate) -> PaperView:
    """For the party's phone, before the tablet was synchronised."""
    url = "HTTPS://LOG.YUNXI.EXAMPLE/D/" + "QGSBK5M3XWZ7Y2NDCVH4TJ6FPRLA" * 11
    code = CodeView(
        qr(url),
        Message(
            "warning",
            _("Not with the office yet"),
            _("Until this tablet is synchronised, the page cannot find it. Hand over the paper."),
        ),
        (
            _("See which agency issued it, and its number"),
            _("Compare the fingerprint on the page with the one printed"),
            _("Find the phone number to complain, and the remedies"),
        ),
    )
    return replace(paper(_), panel="code", code=code)
