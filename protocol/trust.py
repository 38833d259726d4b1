"""A reader's view of a log, which only moves forward.

``TrustedLog`` takes bytes and gives verified facts. The order in which it takes them:

    1. the first checkpoint, on the word of the log's key alone (it came with the enrolment)
    2. each later one, if a consistency proof leads there from the last one    → advance
    3. any earlier one, such as a receipt's, if a proof leads from it to here  → confirm

What does not fit is an alarm, raised with both signed checkpoints as evidence. The caller
saves the evidence and keeps the alarm up: nothing that the log says later clears it. Two
heads of one size with two roots are proof by themselves (``conclusive``); where only the
proof fails, the log may still show a good one, and until then the doubt stands.

A server that lost history does not go on under its old name: another log succeeds it, on the
word of the agency's root (``succession.py``).

>>> from protocol.keys import Ed25519Signer
>>> from protocol.checkpoint import sign_checkpoint
>>> signer, origin = Ed25519Signer(bytes(32)), "log.example/fujie"
>>> view = TrustedLog(origin, [VerifierKey(origin, signer.verifier.public_key)])
>>> view.advance(sign_checkpoint(Checkpoint(origin, 1, bytes(32)), signer)).size
1
"""

from collections.abc import Iterable, Sequence

from protocol.checkpoint import Checkpoint, VerifierKey, open_checkpoint
from protocol.errors import BadConsistency, RolledBack, SplitView, UnknownSigner
from protocol.merkle import check_consistency
from protocol.witness import NOBODY, Policy


class TrustedLog:
    """One log as far as this reader has verified it.

    ``checkpoint`` are the bytes of the last verified head, or None before the first. Its
    signature is checked again on loading; its place in history is taken as verified.
    ``verifiers`` are the keys in force; ``former`` ones, replaced since, are good for heads that
    are proved to be earlier than a trusted one, and for nothing new; so are ``lost`` ones, which
    somebody else may have, but what they sign accuses nobody. ``policy`` is what receipts are
    held to (``verify_receipt``): the view itself moves on to unwitnessed heads too, because what
    the log has signed binds it whoever else saw it.
    """

    def __init__(
        self,
        origin: str,
        verifiers: Iterable[VerifierKey],
        checkpoint: bytes | None = None,
        *,
        policy: Policy = NOBODY,
        former: Iterable[VerifierKey] = (),
        lost: Iterable[VerifierKey] = (),
    ) -> None:
        self.origin = origin
        self.verifiers = tuple(verifiers)
        self.former = tuple(former)
        self.lost = tuple(lost)
        self.policy = policy
        self._bytes = checkpoint
        self._head = self._open(checkpoint, earlier=True) if checkpoint is not None else None

    def trust(
        self, verifiers: Iterable[VerifierKey], policy: Policy, lost: Iterable[VerifierKey] = ()
    ) -> None:
        """Go on with these keys of this log, and these witnesses: the agency said so. Keys that
        are no longer among them are former ones. One that is told to be lost is no key in force,
        though it is named as one. Where no key is this log's, its keys stay."""
        self.policy, lost = policy, tuple(lost)
        named = tuple(key for key in verifiers if key.name == self.origin and key not in lost)
        if not named:
            return
        known = dict.fromkeys((*self.former, *self.lost, *self.verifiers))
        gone = {*self.lost, *lost} - {*named}
        self.verifiers = named
        self.former = tuple(key for key in known if key not in named and key not in gone)
        self.lost = tuple(key for key in dict.fromkeys((*known, *lost)) if key in gone)

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The last verified head, or None."""
        return self._head

    @property
    def checkpoint_bytes(self) -> bytes | None:
        """The signed note of the last verified head, for the caller to save."""
        return self._bytes

    @property
    def size(self) -> int:
        """The number of leaves that this reader has seen committed to."""
        return self._head.size if self._head else 0

    def advance(self, checkpoint: bytes, consistency_proof: Sequence[bytes] = ()) -> Checkpoint:
        """Move on to ``checkpoint``; the same head again changes nothing.

        Raises SplitView or RolledBack, each with (trusted, offered) as evidence, or what
        ``open_checkpoint`` raises. After an error the view is what it was.
        """
        offered = self._open(checkpoint)
        if self._head is not None and self._bytes is not None:
            if offered.size < self._head.size:
                raise RolledBack(
                    "expected {origin} to hold at least {size} entries, got {got}; keep this "
                    "evidence and tell the agency",
                    evidence=(self._bytes, checkpoint),
                    origin=self.origin,
                    size=self._head.size,
                    got=offered.size,
                )
            evidence = (self._bytes, checkpoint)
            _expect_one_history(self._head, offered, consistency_proof, evidence)
        if self._head is None or offered.size > self._head.size:
            self._head, self._bytes = offered, checkpoint
        return offered

    def confirm(self, checkpoint: bytes, consistency_proof: Sequence[bytes] = ()) -> Checkpoint:
        """Check that an earlier head of this log, a receipt's, lies on the trusted history.

        Raises SplitView with (earlier, trusted) as evidence, or BadConsistency if the head is
        not an earlier one, or lies elsewhere and bears nothing but the signature of a lost key.
        """
        earlier = self._open(checkpoint, earlier=True)
        if self._head is None or self._bytes is None or earlier.size > self._head.size:
            raise BadConsistency(
                "expected a checkpoint of at most {size} entries, got {got}; advance to it first",
                size=self.size,
                got=earlier.size,
            )
        evidence = (checkpoint, self._bytes)
        try:
            _expect_one_history(earlier, self._head, consistency_proof, evidence)
        except SplitView:
            if self._is_lost(checkpoint):
                raise BadConsistency(
                    "expected a head of the history that was seen here, got another by a key that "
                    "was lost; believe nothing that it proves"
                ) from None
            raise
        return earlier

    def _open(self, checkpoint: bytes, *, earlier: bool = False) -> Checkpoint:
        keys = (*self.verifiers, *self.former, *self.lost) if earlier else self.verifiers
        return open_checkpoint(checkpoint, keys, self.origin)

    def _is_lost(self, checkpoint: bytes) -> bool:
        """Whether only keys that somebody else may have signed this head."""
        try:
            open_checkpoint(checkpoint, (*self.verifiers, *self.former), self.origin)
        except UnknownSigner:
            return True
        return False


def _expect_one_history(
    old: Checkpoint, new: Checkpoint, proof: Sequence[bytes], evidence: tuple[bytes, bytes]
) -> None:
    """Raise SplitView unless ``new`` is shown to continue ``old``."""
    if old.size == new.size and old.root != new.root:
        raise SplitView(
            "{origin} signed two histories of {size} entries; keep this evidence, trust none of "
            "its receipts, and tell the agency",
            evidence=evidence,
            conclusive=True,
            origin=old.origin,
            size=old.size,
        )
    if old.size in (0, new.size):
        return  # every log continues the empty one, and each itself
    try:
        check_consistency(old.size, new.size, proof, old.root, new.root)
    except BadConsistency:
        raise SplitView(
            "{origin} does not prove that its {new} entries continue the {old} known ones; "
            "keep this evidence and tell the agency",
            evidence=evidence,
            conclusive=False,
            origin=old.origin,
            old=old.size,
            new=new.size,
        ) from None
