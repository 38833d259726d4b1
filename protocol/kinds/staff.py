"""What a registrar states about the people of the office, and about tablets that rest for a time.

One Struct per kind; ``statements.py`` is the door to all. A registrar signs each, in person:

    StaffEnded(agency=…, at=…, salt=…, account="hejingting", reason="调离")
"""

from protocol.parts import Hex32, Millis, Short, Statement
from protocol.vocabulary import StaffRole


class StaffInvited(Statement, frozen=True, kw_only=True, tag="staff_invited"):
    """A person is to have an account: with a one-time code, which is in no record, the person
    chooses a password and gets a key; a *staff registered* by the issuer follows. For an account
    that stands: another password and another key."""

    account: Short
    name: Short
    role: StaffRole


class InvitationWithdrawn(Statement, frozen=True, kw_only=True, tag="invitation_withdrawn"):
    """An invitation that nobody took up is taken back: its code opens nothing. The account may be
    invited again."""

    account: Short
    reason: Short


class StaffReasonGiven(Statement, frozen=True, kw_only=True, tag="staff_reason_given"):
    """Why a registrar changed a person's role or ended an account: said beside the record that did
    it (``concerning``), which other servers read, so that the reason stays in its office."""

    account: Short
    concerning: Hex32
    reason: Short


class StaffRoleChanged(Statement, frozen=True, kw_only=True, tag="staff_role_changed"):
    """From this record on a person has another role; the key stays. What was signed before was
    signed in the role of its day. ``reason`` is empty where a *staff reason given* has it."""

    account: Short
    role: StaffRole
    reason: Short


class StaffEnded(Statement, frozen=True, kw_only=True, tag="staff_ended"):
    """From this record on a person is no member of the office: what the key signs counts for
    nobody. The account is never used again. ``reason`` as with another role."""

    account: Short
    reason: Short


class DeviceSuspended(Statement, frozen=True, kw_only=True, tag="device_suspended"):
    """From ``effective_at`` on nobody takes a device's word for a card or a mark. What it holds it
    still sends, so that nothing is lost."""

    device: Short
    reason: Short
    effective_at: Millis


class DeviceReinstated(Statement, frozen=True, kw_only=True, tag="device_reinstated"):
    """A suspended device is trusted again from this record on."""

    device: Short
    reason: Short
