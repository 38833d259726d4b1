"""What can go wrong on the tablet, each with what to do next.

    FujieError
    └─ FieldError               anything the tablet says to its officer
        ├─ BadSetting           a setting that cannot be used
        ├─ DiskFull             too little room, before or while writing
        ├─ IdentityError
        │   ├─ PassphraseTooShort  PinTooSimple  WrongPassphrase
        │   ├─ NoSuchOfficer  AlreadyEnrolled
        │   ├─ WrongPin         .left attempts; .wipes_in when the warning is due
        │   ├─ PinLocked        .until, ms UTC
        │   ├─ WrapWiped        too many wrong PINs; the records are still there
        │   ├─ WrapDamaged      a key file that was changed or cut
        │   ├─ EnrolmentRefused what the office answered does not fit this tablet
        │   └─ RecoveryFailed   the office's key does not open this sealed key
        ├─ VaultError
        │   ├─ VaultMissing  VaultExists  VaultKeyWrong
        │   ├─ VaultDamaged     altered, truncated, or its pages contradict one another
        │   ├─ VaultTooNew      written by a later version of this program
        │   ├─ VaultBusy        another process writes
        │   └─ ReadOnly         a change made in a reading session: a bug in this program
        ├─ JournalError
        │   ├─ RuleBlocks       a rule says no; fact ``judgements`` says which and why
        │   ├─ NumberGone       no free number, or another document took it
        │   └─ WrongDocument    it belongs to another inspection
        ├─ SyncError
        │   ├─ NoNetwork        the server is not reached
        │   ├─ ServerRefuses    it named a problem; facts ``detail`` and ``status``
        │   ├─ OtherHistory     the centre holds records of this tablet that it does not have
        │   ├─ NoRepository     no reference data of this agency are offered there
        │   ├─ ReferenceRefused reference data that do not prove themselves
        │   └─ ServerUnclear    no answer of the server's, or one that makes no sense
        ├─ ExportError
        │   └─ NoStick  StickFull  ExportFailed   no stick, no room, nobody to seal it to
        ├─ NoReference          no reference data has ever reached this tablet
        ├─ MediaError
        │   ├─ CameraUnavailable  MicrophoneUnavailable  NoPicture   it opened and gave nothing
        │   ├─ NotMedia         a file that is no picture, video or sound
        │   ├─ ImportBroken     it could not be read to its end; nothing of it is kept
        │   ├─ BlobMissing  BlobUnreadable   the tablet's storage does not give it
        │   ├─ BlobTampered     a chunk that was not written with this key
        │   └─ BlobCut          the end is missing; what is before it can be read
        └─ DocumentError
            ├─ AnswerMissing    a fact or answer that the document cannot do without
            ├─ AnswerUnreadable an answer that is no amount, day or time
            ├─ TemplateBroken   it does not compile, or leaves out a piece of the text
            ├─ TemplateUnsafe   it could load something from outside
            ├─ TypesettingTooSlow  TypesettingFailed  PrintFailed  FontMissing
            └─ GlyphMissing     a character that no font at hand can print

>>> str(WrongPin("Wrong PIN. Attempts left: {left}", left=4))
'Wrong PIN. Attempts left: 4'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from protocol.errors import FujieError

if TYPE_CHECKING:
    from protocol.rules import Judgement


class FieldError(FujieError):
    """Base of what the tablet says to its officer."""


class BadSetting(FieldError):
    """A setting that cannot be used; the message names it and what is expected."""


class DiskFull(FieldError):
    """Too little room. Facts ``needed`` and ``free`` in MiB where they are known."""


class DiskFails(FieldError):
    """The disk gave an error; whether it took what was written is not known."""


class IdentityError(FieldError):
    """Base of errors about PINs, keys and the device secret."""


class PassphraseTooShort(IdentityError):
    """A device passphrase of fewer characters than guessing should cost."""


class PinTooSimple(IdentityError):
    """A new PIN that is too short, not digits, or one digit repeated."""


class WrongPassphrase(IdentityError):
    """A device secret that does not open this tablet's key files."""


class NoSuchOfficer(IdentityError):
    """No key file of this officer, or of this device, on the tablet."""


class AlreadyEnrolled(IdentityError):
    """A key file that stands and will not be overwritten."""


class WrongPin(IdentityError):
    """A wrong PIN; it has been counted."""

    @property
    def left(self) -> int:
        """Attempts left before this officer's keys are removed from the tablet."""
        return cast(int, self.facts["left"])

    @property
    def wipes_in(self) -> int | None:
        """The same number once the warning is due, else None."""
        return cast("int | None", self.facts.get("wipes_in"))

    @property
    def until(self) -> int | None:
        """When the next attempt is allowed (ms UTC), or None for at once."""
        return cast("int | None", self.facts.get("until"))


class PinLocked(IdentityError):
    """An attempt before the delay is over; it was not judged and not counted."""

    @property
    def until(self) -> int:
        """When the next attempt is allowed, ms UTC by the clock as it stands now."""
        return cast(int, self.facts["until"])

    @property
    def wait_ms(self) -> int:
        """How long that is from now."""
        return cast(int, self.facts["wait_ms"])


class WrapWiped(IdentityError):
    """This officer's keys were removed after too many wrong PINs; the records were not."""


class WrapDamaged(IdentityError):
    """A key file that this tablet did not write like this."""


class EnrolmentRefused(IdentityError):
    """An answer at enrolment that does not fit, or none yet."""


class RecoveryFailed(IdentityError):
    """A sealed vault key that the private key at hand does not open."""


class VaultError(FieldError):
    """Base of errors about the encrypted database."""


class VaultMissing(VaultError):
    """There is no database at the path."""


class VaultExists(VaultError):
    """There is a database already; it is never overwritten."""


class VaultKeyWrong(VaultError):
    """A key that belongs to another vault."""


class VaultDamaged(VaultError):
    """A database that was altered or truncated, or lost its check file."""


class VaultTooNew(VaultError):
    """A database whose layout this version does not know."""


class VaultBusy(VaultError):
    """Another process holds the database for writing."""


class ReadOnly(VaultError):
    """A change in a reading session, which would be lost; raised so that it is noticed."""


class JournalError(FieldError):
    """Base of errors about making statements."""


class RuleBlocks(JournalError):
    """A rule forbids the statement. Fact ``judgements``: all that the rules said."""

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """All that the rules said, those that stop it among them."""
        return cast("tuple[Judgement, ...]", self.facts["judgements"])


class ReasonNeeded(RuleBlocks):
    """A rule warns, and asks for a reason before the officers go on."""


class ReasonEmpty(JournalError):
    """A reason without words."""


class TextTooLong(JournalError):
    """More words than a record takes."""


class NumberGone(JournalError):
    """A document number that is not to be had."""


class WrongDocument(JournalError):
    """A document that does not belong to the inspection at hand."""


class SyncError(FieldError):
    """Base of errors about talking to the server."""


class NoNetwork(SyncError):
    """The server is not reached."""

    @property
    def nothing_left(self) -> bool:
        """Whether no connection was made at all, so that nothing left this tablet."""
        return bool(self.facts.get("nothing_left", False))


class ServerRefuses(SyncError):
    """The server named a problem. Facts ``detail`` and ``status``."""


class ServerUnclear(SyncError):
    """An answer that is not the server's, or that makes no sense. Nothing was changed by it."""


class OtherHistory(SyncError):
    """The centre's head of this tablet's journal is no link of this tablet."""


class NoRepository(SyncError):
    """No TUF repository of this agency where one was looked for."""


class ReferenceRefused(SyncError):
    """Reference data that do not prove themselves. Fact ``fault`` is the library's word for it."""


class ExportError(FieldError):
    """Base of errors about exports to a stick."""


class NoStick(ExportError):
    """No stick that can be written to."""


class StickFull(ExportError):
    """The stick has too little room; nothing of the export is left on it."""


class ExportFailed(ExportError):
    """The export could not be written, or nobody is known to seal it to."""


class NoReference(FieldError):
    """No reference data has ever reached this tablet."""


class MediaError(FieldError):
    """Base of errors about camera, microphone and media files."""


class CameraUnavailable(MediaError):
    """The picture source does not open. Fact ``reason`` is the system's word for it."""


class MicrophoneUnavailable(MediaError):
    """The sound source does not open. Fact ``reason`` is the system's word for it."""


class NoPicture(MediaError):
    """The source opened and gave no picture, or one that cannot be encoded."""


class NotMedia(MediaError):
    """No picture, video or sound, or one of an impossible size."""


class ImportBroken(MediaError):
    """A file from a stick that could not be read to its end."""


class BlobMissing(MediaError):
    """The file of a blob is not where the vault says."""


class BlobUnreadable(MediaError):
    """A media file that the tablet's storage does not give; fact ``fault`` is the system's word."""


class BlobTampered(MediaError):
    """A blob's file with a byte that was not written with its key."""


class BlobCut(MediaError):
    """A blob's file without its end. Fact ``readable`` is how many bytes come before the cut."""


class DocumentError(FieldError):
    """Base of errors about documents and their templates."""


class AnswerMissing(DocumentError):
    """A fact or an answer that a document cannot do without. Fact ``name`` is the field's."""


class AnswerUnreadable(DocumentError):
    """An answer that is not what its field asks for. Fact ``name`` is the field's."""


class TemplateBroken(DocumentError):
    """A template that does not compile, or that leaves out a piece of its text."""


class TemplateUnsafe(DocumentError):
    """A template with words that could load something from outside; it was not compiled."""


class TypesettingTooSlow(DocumentError):
    """A template that was stopped when its time was up."""


class TypesettingFailed(DocumentError):
    """The typesetting process ended without an answer."""


class GlyphMissing(DocumentError):
    """Text that the fonts at hand cannot print. Fact ``characters`` says which."""


class FontMissing(DocumentError):
    """The font of all documents is not installed."""


class PrintFailed(DocumentError):
    """A document did not reach a printer; it is none the worse for it."""
