"""Numbers that law or agency sets, part of the reference data.

>>> Parameters().spot_ceiling(PartyClass.SOLE_TRADER)
20000
>>> Parameters().hearing_from(PartyClass.ORGANISATION)
10000000
"""

import msgspec

from protocol.parts import Fen, Millis
from protocol.vocabulary import PartyClass, Retention, Step


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Ceilings of on-the-spot fines in fen (APL 51; an individual business as a citizen, the
    stricter reading), ages and lifetimes as named.

    ``release_after_stored``: a tablet's copy of a recording may go once the office stored it, not
    only once it is archived. Officers take fines up to ``cash_small`` (APL 68) and hand them in
    within ``hand_in_days`` working days (APL 71). A party has ``defence_days`` working days for
    its defence, and the right to a hearing from these amounts on (APL 63). With
    ``review_always`` every ordinary penalty is reviewed (X-4.2b). ``urgent_preservation``: a
    rule of the ministry lets approval follow. Of ``recorded_steps`` there is to be a recording
    (X-3.2c). ``keep_…`` is the agency's approved table of retention (AR-2; ARC-R 19): of files with
    a penalty by the ordinary procedure, by the summary one, and of all others.
    """

    spot_citizen: Fen = 20_000
    spot_sole_trader: Fen = 20_000
    spot_organisation: Fen = 300_000
    stale_ms: Millis = 24 * 3_600_000
    stale_blocks: bool = False
    qr_ttl_s: int = 30
    qr_renew_s: int = 15
    spot_report_days: int = 2
    clock_skew_ms: Millis = 5 * 60_000
    silent_ms: Millis = 7 * 24 * 3_600_000
    release_after_stored: bool = False
    cash_small: Fen = 10_000
    hand_in_days: int = 2
    defence_days: int = 5
    hearing_citizen: Fen = 1_000_000
    hearing_organisation: Fen = 10_000_000
    review_always: bool = True
    urgent_preservation: bool = False
    recorded_steps: tuple[Step, ...] = (Step.EVIDENCE, Step.SERVICE)
    keep_ordinary: Retention = Retention.PERMANENT
    keep_summary: Retention = Retention.YEARS_30
    keep_other: Retention = Retention.YEARS_30

    def spot_ceiling(self, party_class: PartyClass) -> int:
        """The largest fine on the spot for a party of this class, in fen."""
        return {
            PartyClass.CITIZEN: self.spot_citizen,
            PartyClass.SOLE_TRADER: self.spot_sole_trader,
            PartyClass.ORGANISATION: self.spot_organisation,
        }[party_class]

    def hearing_from(self, party_class: PartyClass) -> int:
        """The fine, in fen, from which on a party of this class has a right to a hearing."""
        larger = party_class is PartyClass.ORGANISATION
        return self.hearing_organisation if larger else self.hearing_citizen
