"""Every error that Fujie raises on purpose.

    FujieError                  what was expected, what came, what to do next
    ├─ Malformed                bytes that are not what their format says
    │   ├─ TooLarge             longer than the format's bound; refused before it is read
    │   └─ Truncated            good up to where it ends, and it ends too early
    ├─ Unverified               bytes in good form that do not prove what they claim
    │   ├─ BadSignature
    │   ├─ UnknownSigner
    │   ├─ Uncheckable          a signature of a suite that this installation lacks
    │   ├─ BadInclusion         a leaf that is not in the tree
    │   ├─ BadConsistency       a tree that does not continue another
    │   ├─ BadTile              a tile or bundle that the checkpoint does not commit to
    │   ├─ Unwitnessed          a checkpoint that too few witnesses have cosigned yet
    │   ├─ NotForUs             sealed to somebody else's key
    │   ├─ Altered              sealed bytes that were changed
    │   ├─ NoFork               two links that do not contradict each other
    │   ├─ MissingSignature     a request that nobody signed
    │   ├─ BadDigest            a body that is not the one that was signed
    │   └─ Expired
    │       └─ Stale            a request from another time; says the reader's time
    ├─ Alarm                    proof that somebody who is trusted broke a promise
    │   ├─ SplitView            one origin, two histories
    │   └─ RolledBack           a log that is shorter than it was
    ├─ BrokenChain              links that do not follow one another
    │   ├─ Gap                  links are missing before one
    │   ├─ Fork                 two links for the end of a journal
    │   └─ Rewrite              a second link for an earlier place
    └─ Refused                  a rule, a right or a limit says no

The first argument is a literal English sentence with {named} places; the facts come as
keywords. Programs translate ``template`` through gettext and fill in ``facts`` afterwards,
so that one error reads well in every language:

>>> str(TooLarge("expected at most {bound} bytes, got {size}", bound=10, size=12))
'expected at most 10 bytes, got 12'
"""


class FujieError(Exception):
    """Base of all deliberate errors. ``template`` is the gettext msgid, ``facts`` fill it in."""

    def __init__(self, template: str, /, **facts: object) -> None:
        super().__init__(template)
        self.template = template
        self.facts = facts

    def __str__(self) -> str:
        return self.template.format(**self.facts)


class Malformed(FujieError):
    """Bytes that are not what their format says they are."""


class TooLarge(Malformed):
    """Input past its format's bound, refused before it is read."""


class Truncated(Malformed):
    """A file that ends before its end."""


class Unverified(FujieError):
    """Input in good form that does not prove what it claims."""


class BadSignature(Unverified):
    """A signature that its key did not make over these bytes."""


class UnknownSigner(Unverified):
    """A key id that no certificate or roster at hand explains."""


class Uncheckable(Unverified):
    """A signature of a suite that this installation cannot check. It holds for nobody and accuses
    nobody: with the suite installed it can still prove true or false."""


class BadInclusion(Unverified):
    """A leaf that is not where a receipt says it is."""


class BadConsistency(Unverified):
    """Two tree heads of which the later does not continue the earlier."""


class BadTile(Unverified):
    """A tile, or a bundle of entries, that is not the one under the checkpoint's root."""


class Unwitnessed(Unverified):
    """A checkpoint with fewer cosignatures than the policy asks for. It may get them yet: it is
    to be asked for again, and accuses nobody."""


class NotForUs(Unverified):
    """Something sealed to another key than the reader's."""


class Altered(Unverified):
    """Sealed bytes that are not what was sealed."""


class NoFork(Unverified):
    """Two links that may well be of one history: no proof of a fork."""


class Expired(Unverified):
    """A certificate, presentation or request outside its time."""


class MissingSignature(Unverified):
    """A request or an answer without the signature that it must bear."""


class BadDigest(Unverified):
    """A body whose Content-Digest is missing or does not match."""


class Stale(Expired):
    """A request made too long ago or in the future. ``facts["server_time"]`` is the reader's
    clock in ms, by which the sender corrects his own."""


class Alarm(FujieError):
    """Proof that a trusted party broke its promise. Kept, shown and never cleared by itself.

    ``evidence`` are the bytes that show it, for the caller to save before anything else.
    """

    def __init__(self, template: str, /, *, evidence: tuple[bytes, ...], **facts: object) -> None:
        super().__init__(template, **facts)
        self.evidence = evidence


class SplitView(Alarm):
    """Two signed heads of one origin that cannot both be true.

    ``conclusive``: the evidence convinces by itself. Otherwise only a proof failed, and the
    log has still to show a good one.
    """

    def __init__(
        self,
        template: str,
        /,
        *,
        evidence: tuple[bytes, ...],
        conclusive: bool,
        **facts: object,
    ) -> None:
        super().__init__(template, evidence=evidence, **facts)
        self.conclusive = conclusive


class RolledBack(Alarm):
    """A signed head smaller than one already seen from the same origin."""


class BrokenChain(FujieError):
    """Links that do not follow one another. ``evidence`` are the encoded links that show it, as
    far as whoever raises holds them: the link at hand first, then the one that it contradicts.
    Two of them convince anybody (``chain.check_fork``)."""

    def __init__(
        self, template: str, /, *, evidence: tuple[bytes, ...] = (), **facts: object
    ) -> None:
        super().__init__(template, **facts)
        self.evidence = evidence


class Gap(BrokenChain):
    """Sequence numbers are missing between two links."""


class Fork(BrokenChain):
    """Two links claim the same place after the same predecessor."""


class Rewrite(BrokenChain):
    """A link that contradicts one already admitted further back."""


class Refused(FujieError):
    """A rule, a right or a limit says no; the message says which and what to do."""
