"""How a document reaches a party that will not take it."""

from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import DocumentServed, SignAbsent, Signed
from protocol.vocabulary import DocumentKind, MediaKind, ServiceMethod

SG_3 = Rule(
    "SG-3",
    "拒收时有见证人或者留置并拍照、录像",
    "service refused: attested, or left with a picture",
    "《行政处罚法》第六十一条；《民事诉讼法》第八十九条",
    "APL 61; CPL 89",
    Level.BLOCK,
)

_PICTURES = frozenset({MediaKind.PHOTO, MediaKind.VIDEO})


def left_lawfully(q: Question) -> Judgement | None:
    """SG-3: what the party will not take is attested by a witness, or left with a photo or video
    of how. For a decision on the spot the noted refusal suffices (APL 52; SG-1)."""
    served = q.proposed
    assert isinstance(served, DocumentServed)
    act = served.received
    if q.draft or (isinstance(act, Signed) and served.method is not ServiceMethod.LEAVING):
        return None
    if served.method is ServiceMethod.LEAVING:
        return _left(q, served)
    if served.method is ServiceMethod.ELECTRONIC:
        return fails(
            SG_3,
            "当事人没有签名确认同意电子送达。请其签名，或者改用其他送达方式。",
            "The party did not sign that it agrees to electronic service. Have it sign, or serve "
            "it another way.",
            "leave_document",
        )
    if served.method is not ServiceMethod.PERSONAL or _is_spot(q, served):
        return None
    if not isinstance(act, Signed) and act.attestor is not None:
        return holds(SG_3, "见证人已签名。", "An attestor signed.")
    absent = isinstance(act, SignAbsent)
    return fails(
        SG_3,
        f"当事人{'不在场' if absent else '拒绝签收'}，不算送达。请邀请见证人签名，"
        "或者改为留置送达并拍照、录像。",
        f"The party {'is absent' if absent else 'refuses'}, so it is not served. Have an attestor "
        "sign, or leave it and take a photo or video.",
        "leave_document",
    )


def _left(q: Question, served: DocumentServed) -> Judgement:
    act = served.received
    if not isinstance(act, Signed) and act.attestor is not None:
        return holds(SG_3, "留置送达，见证人已签名。", "Left, and an attestor signed.")
    held = {one.id: one.statement.media for one in q.state.media} if q.state else {}
    if any(held.get(record) in _PICTURES for record in served.media):
        return holds(SG_3, "留置送达，已拍照或者录像。", "Left, with a photo or video.")
    return fails(
        SG_3,
        "留置送达没有见证人签名，也没有照片、录像。请拍照、录像，或者邀请见证人签名。",
        "Left without an attestor's hand and without a photo or video. Take one, or have an "
        "attestor sign.",
        "record_service",
    )


def _is_spot(q: Question, served: DocumentServed) -> bool:
    documents = q.state.documents if q.state else ()
    return any(
        one.issued.id == served.issued
        and one.issued.statement.document is DocumentKind.SPOT_DECISION
        for one in documents
    )
