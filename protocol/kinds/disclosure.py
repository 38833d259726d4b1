"""What the office states of disclosure beside publishing itself (``office.py`` has that): what is
never public, and what it answered to the public.

    DisclosureWithheld(agency=…, at=…, salt=…, case=…, issued=…, ground=NeverPublic.PRIVACY, …)
"""

from protocol.parts import Hex32, Long, Millis, Short, Statement
from protocol.publicity import NeverPublic, PublicRequestKind, PublicRequestOutcome


class DisclosureWithheld(Statement, frozen=True, kw_only=True, tag="disclosure_withheld"):
    """A decision is never published, on what ground and by which clause (OGI 14, 15): signed by a
    publisher and a second person. ``issued`` is the record that issued the decision. The reason
    is for the office and whoever supervises it."""

    issued: Hex32
    ground: NeverPublic
    clause: Short
    reason: Long


class PublicRequestAnswered(Statement, frozen=True, kw_only=True, tag="public_request_answered"):
    """The office answered what somebody outside asked of it. ``request`` is its number,
    ``digest`` the salted SHA-256 of its words, which stay out of the log with whoever wrote them;
    ``issued`` is the decision that it is about, where it is about one."""

    request: Short
    asked: PublicRequestKind
    received_at: Millis
    digest: Hex32
    issued: Hex32 | None = None
    outcome: PublicRequestOutcome
    answer: Long
