"""What the office states of disclosure beside publishing itself (``office.py`` has that): what is
never public, or is again, what it answered to the public, what it reported to the upper level.

    DisclosureWithheld(agency=…, at=…, salt=…, case=…, issued=…, ground=NeverPublic.PRIVACY, …)
"""

from protocol.parts import BlobRef, Hex32, Long, Millis, Short, Statement
from protocol.publicity import NeverPublic, PublicRequestKind, PublicRequestOutcome


class DisclosureWithheld(Statement, frozen=True, kw_only=True, tag="disclosure_withheld"):
    """A decision is never published, on what ground and by which clause (OGI 14, 15): signed by a
    publisher and a second person. ``issued`` is the record that issued the decision. The reason
    is for the office and whoever supervises it."""

    issued: Hex32
    ground: NeverPublic
    clause: Short
    reason: Long


class WithholdingLifted(Statement, frozen=True, kw_only=True, tag="withholding_lifted"):
    """What kept a decision from the public counts no more, because it changed or was wrong (OGI 18:
    what is withheld is looked at again, and what can be public is made so). ``withholding`` is the
    record that is lifted. Signed by a publisher and a second person, as it was; publishing is
    another act, with its own draft."""

    issued: Hex32
    withholding: Hex32
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


class DisclosureReported(Statement, frozen=True, kw_only=True, tag="disclosure_reported"):
    """What the public sees of a decision goes to the upper level's platform, ``to`` being the
    origin of its log (T-18): ``publication`` is the record that says what is shown, ``text`` the
    very words (``reported.py``). Signed by the server's key: it follows from the publication.
    ``address`` is where this server's own public site is, which has the document and takes what
    the public asks; empty in older ones."""

    to: Short
    issued: Hex32
    publication: Hex32
    text: BlobRef
    address: Short = ""
