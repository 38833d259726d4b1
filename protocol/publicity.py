"""The words of publishing: why a decision is never public, what the public asks of the office, and
what came of it.

>>> NeverPublic.STATE_SECRET.zh, PublicRequestKind.CORRECTION.en
('国家秘密', 'correction of what is published')
"""

from protocol.vocabulary import Term


class NeverPublic(Term):
    """Why a whole decision is kept from the public (OGI 14, 15; MIN 103; the redaction list)."""

    STATE_SECRET = "state_secret", "国家秘密", "state secret"
    TRADE_SECRET = "trade_secret", "主要事实属于商业秘密", "the main facts are a trade secret"
    PRIVACY = "privacy", "主要事实属于个人隐私", "the main facts are private"
    MINOR = "minor", "当事人是未成年人", "the party is a minor"
    SECURITY = "security", "公开会危害安全和社会稳定", "harm to security or stability"


class PublicRequestKind(Term):
    """What somebody outside asks of the office about what is published."""

    CORRECTION = "correction", "更正公示信息", "correction of what is published"
    COMPLAINT = "complaint", "投诉执法行为", "complaint about an act of enforcement"


class PublicRequestOutcome(Term):
    """What came of such a request (OGI 41; PB-6)."""

    ACCEPTED = "accepted", "属实，已办理", "well-founded, acted upon"
    REFUSED = "refused", "不属实，不予采纳", "not well-founded, refused"
    PASSED_ON = "passed_on", "转有权机关处理", "passed on to the body in charge"
