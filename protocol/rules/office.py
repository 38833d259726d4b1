"""What the office does: publish in time, with a second pair of eyes, masked; archive whole."""

from collections.abc import Iterator

from protocol.calendar import WorkCalendar, day_en, day_zh, local_day, read_day
from protocol.case import CaseState, IssuedDocument
from protocol.errors import Refused
from protocol.publication import due_day, matrix_row, withdrawal_day
from protocol.redaction import propose
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import Decision, DisclosureCorrected, DisclosurePublished, FileArchived
from protocol.vocabulary import ActKind, DocumentKind, PartyClass, Procedure

PB_1 = Rule(
    "PB-1",
    "按期公示",
    "published in time",
    "《行政处罚法》第四十八条；三项制度方案：许可、处罚7个工作日，其他20个工作日",
    "APL 48; permits and penalties 7, others 20 working days (T-11, X-2.3b,c)",
    Level.WARN,
)
PB_3 = Rule(
    "PB-3",
    "公示前由第二人审查",
    "reviewed by a second person before publication",
    "《政府信息公开条例》第十七条",
    "OGI 17",
    Level.BLOCK,
)
PB_4 = Rule(
    "PB-4",
    "隐去不应公开的内容",
    "what must not be public is masked",
    "《政府信息公开条例》第十四条、第十五条；《市场监督管理行政处罚信息公示规定》第五条、第六条",
    "OGI 14, 15; SAMR45 5, 6",
    Level.BLOCK,
)
PB_5 = Rule(
    "PB-5",
    "决定不再有效的，撤下并说明理由",
    "withdrawn with its reason once the decision no longer stands",
    "《行政处罚法》第四十八条第二款",
    "APL 48",
    Level.BLOCK,
)
PB_8 = Rule(
    "PB-8",
    "只公示决定书本身的内容和要素",
    "only the decision's own text and facts are published",
    "《政府信息公开条例》第十六条",
    "OGI 16",
    Level.BLOCK,
)
AR_1 = Rule(
    "AR-1",
    "案卷完整方可归档",
    "only a complete file is archived",
    "《档案法》第十四条",
    "ARC 14",
    Level.BLOCK,
)

_ADULT = 18


def published_in_time(q: Question) -> Judgement | None:
    """PB-1: by the matrix, within its working days from the day of the decision. A row that
    says no, or a wrong due day, stops the publication; lateness is a warning."""
    proposed = q.proposed
    assert isinstance(proposed, DisclosurePublished)
    decision = _decision(q)
    if decision is None:
        return _stop(
            "要公示的决定不在本案里。请从本案的决定书发起公示。",
            "The decision to publish is not in this case. Start from the case's decision.",
        )
    row = matrix_row(q.reference.matrix, decision)
    if row is None or not row.publish or row.id != proposed.matrix_row:
        why = row.why if row else "公示目录没有规定"
        return _stop(
            f"公示目录不允许这样公示：{why}。请按目录办理。",
            f"The publication matrix does not allow this: {why}. Follow the matrix.",
        )
    try:
        calendar = WorkCalendar.of(q.reference.years)
        due = due_day(row, read_day(decision.decided_on), calendar)
    except Refused as refusal:
        return _stop(
            f"{refusal.facts.get('year')}年的节假日安排还没有载入，算不出公示期限。请先载入。",
            str(refusal),
        )
    if proposed.due_on != due.isoformat():
        return _stop(
            f"公示期限应为{day_zh(due)}，写成了{day_zh(proposed.due_on)}。请改正。",
            f"Publication is due on {day_en(due)}, not on {day_en(proposed.due_on)}. Correct it.",
        )
    if local_day(proposed.at) > due:
        return fails(
            PB_1,
            f"公示已超过期限{day_zh(due)}。请现在公示，并说明原因。",
            f"Publication is late; it was due on {day_en(due)}. Publish now and say why.",
        )
    return holds(
        PB_1, f"公示期限到{day_zh(due)}（含当日），没有超期。", f"Due on {day_en(due)}; in time."
    )


def still_stands(q: Question) -> Judgement | None:
    """PB-5: what was changed, revoked or held unlawful or void is not published and not corrected
    in public; what is public of it is withdrawn within three working days, with the reason."""
    document = _document(q)
    if document is None:
        return None
    if document.revoked is None:
        return holds(PB_5, "决定现行有效。", "The decision stands.")
    said = document.revoked.statement
    zh, en = "。", "."
    if document.published is not None:
        zh, en = "，已公示的应当撤下并说明理由。", "; withdraw what is public, with the reason."
        try:
            calendar = WorkCalendar.of(q.reference.years)
            due = withdrawal_day(read_day(said.effective_on), calendar)
            zh = f"，已公示的最迟应在{day_zh(due)}（含当日）撤下并说明理由。"
            en = f"; withdraw what is public on {day_en(due)} at the latest, with the reason."
        except Refused:
            pass  # the day is past the loaded calendar; that it is due holds without it
    return fails(
        PB_5,
        f"决定自{day_zh(said.effective_on)}起{said.ground.zh}（{said.authority}），不得公示{zh}",
        f"The decision was {said.ground.en} from {day_en(said.effective_on)} on ({said.authority}) "
        f"and is not published{en}",
        "withdraw" if document.published is not None else None,
    )


def second_person(q: Question) -> Judgement | None:
    """PB-3: publisher and reviewer are two persons, whatever keys they hold."""
    if q.signers is None:
        return None
    persons = {q.persons.get(key, key.hex()) if q.persons else key.hex() for key in q.signers}
    if len(persons) < 2:
        return fails(
            PB_3,
            "还差第二个人审查。请另一名工作人员登录、审查并签名。",
            "A second person did not review it yet. Another member of staff signs in, reviews, "
            "signs.",
            "second_review",
        )
    return holds(PB_3, "已由第二人审查。", "A second person reviewed it.")


def masked_by_list(q: Question) -> Judgement | None:
    """PB-4: each piece is either shown or masked, what the list says is masked is, and a minor
    is never published (MIN 103)."""
    proposed, decision = q.proposed, _decision(q)
    assert isinstance(proposed, DisclosurePublished | DisclosureCorrected)
    document = _document(q)
    if decision is None or document is None:
        return None
    if _is_minor(q, decision):
        return fails(
            PB_4,
            "当事人是未成年人，不予公示。请登记不公示的理由。",
            "The party is a minor and is not published. Record why nothing is published.",
        )
    names = [segment.name for segment in document.issued.statement.segments]
    masked = {mask.name for mask in proposed.masked}
    decided = sorted([*proposed.shown, *(mask.name for mask in proposed.masked)])
    if decided != sorted(names):
        return fails(
            PB_4,
            "有的内容既没有公开也没有隐去，或者重复。请逐项选择。",
            "Some pieces are neither shown nor masked, or both. Choose for each.",
            "choose_masks",
        )
    if q.content is not None:
        form = q.reference.template(document.issued.statement.document)
        by_rule = propose(q.content, decision, form.fields if form else ())
        open_ones = [mask for mask in by_rule if mask.name not in masked]
        if open_ones:
            return fails(
                PB_4,
                f"{len(open_ones)}处应当隐去还没有隐去（{open_ones[0].ground.zh}）。请隐去。",
                f"{len(open_ones)} pieces must be masked ({open_ones[0].ground.en}). Mask them.",
                "choose_masks",
            )
    return holds(PB_4, f"已隐去{len(masked)}处。", f"{len(masked)} pieces are masked.")


def file_complete(q: Question) -> Judgement | None:
    """AR-1: closed, recorded, served, counted, and every blob durable."""
    proposed, state = q.proposed, q.state
    assert isinstance(proposed, FileArchived)
    if state is None or state.opening is None or state.closed is None:
        return fails(
            AR_1,
            "检查还没有结束，不能归档。请先结束检查。",
            "The inspection is not closed. Close it first.",
            "close_inspection",
        )
    lacking = list(_lacking(state))
    if lacking:
        zh, en = "、".join(zh for zh, _ in lacking), ", ".join(en for _, en in lacking)
        return fails(
            AR_1,
            f"案卷缺{zh}，不能归档。请补正。",
            f"The file lacks: {en}. Complete it.",
        )
    if any(not one.served for one in state.decisions):
        return fails(
            AR_1,
            "决定书没有送达，不能归档。请先送达。",
            "A decision was not served. Serve it first.",
        )
    counts = (
        len(state.documents),
        sum(one.issued.statement.pages for one in state.documents),
        len(state.media),
    )
    if (proposed.documents, proposed.pages, proposed.media) != counts:
        return fails(
            AR_1,
            f"归档数与案卷不符：应为文书{counts[0]}件、{counts[1]}页、音像{counts[2]}件。请重新核对。",
            f"The counts differ from the file: {counts[0]} documents, {counts[1]} pages, "
            f"{counts[2]} recordings. Count again.",
        )
    return _all_stored(q) or holds(AR_1, "案卷完整。", "The file is complete.")


def _lacking(state: CaseState) -> Iterator[tuple[str, str]]:
    """The papers and records without which no file is whole, in both languages."""
    kinds = {one.issued.statement.document for one in state.documents}
    if not state.shown:
        yield "出示证件的记录", "the record of showing cards"
    if not state.notified:
        yield "权利义务告知", "the rights notice"
    if DocumentKind.SITE_INSPECTION_RECORD not in kinds:
        yield "现场检查笔录", "the inspection record"
    heard = {one.id for one in state.statements}
    for one in state.decisions:
        decision = one.issued.statement.decision
        if decision is None or decision.act is not ActKind.PENALTY:
            continue
        if decision.procedure is Procedure.ORDINARY and decision.heard is None:
            # Its notice was served and its days passed in silence (RT-1).
            if DocumentKind.PRIOR_NOTICE not in kinds:
                yield "行政处罚事先告知书", "the prior notice"
        elif decision.heard not in heard:
            yield "陈述申辩记录", "the record of telling and hearing"


def _all_stored(q: Question) -> Judgement | None:
    if q.stored is None or q.state is None:
        return None
    missing = [blob for blob in q.state.blobs if blob.sha256 not in q.stored]
    if not missing:
        return None
    return fails(
        AR_1,
        f"还有{len(missing)}个文件没有入库，不能归档。请等平板传完。",
        f"{len(missing)} files are not stored yet. Wait until the tablet has sent them.",
    )


def _stop(zh: str, en: str) -> Judgement:
    """PB-1 warns of lateness, but what the matrix does not cover cannot be published at all."""
    return Judgement(PB_1, Level.BLOCK, zh, en)


def _document(q: Question) -> IssuedDocument | None:
    assert isinstance(q.proposed, DisclosurePublished | DisclosureCorrected)
    documents = q.state.documents if q.state else ()
    return next((one for one in documents if one.issued.id == q.proposed.issued), None)


def _decision(q: Question) -> Decision | None:
    found = _document(q)
    return found.issued.statement.decision if found else None


def _is_minor(q: Question, decision: Decision) -> bool:
    """Whether a citizen's identity number says under 18 on the day of the decision."""
    code = q.party.id_code if q.party else ""
    if (
        decision.party_class is not PartyClass.CITIZEN
        or len(code) != 18
        or not code[6:14].isdigit()
    ):
        return False
    birthday_18 = f"{int(code[6:10]) + _ADULT}-{code[10:12]}-{code[12:14]}"
    return decision.decided_on < birthday_18
