"""Who acts: two officers, with valid certificates, for this place and field."""

from collections.abc import Collection

from protocol.calendar import local_day
from protocol.reference import Reference, RosterOfficer
from protocol.rules.rule import Judgement, Level, Question, Rule, fails, holds
from protocol.statements import HandedOver
from protocol.vocabulary import Standing

ID_1 = Rule(
    "ID-1",
    "两名以上执法人员",
    "two officers or more",
    "《行政处罚法》第四十二条",
    "APL 42",
    Level.BLOCK,
)
ID_2 = Rule(
    "ID-2",
    "执法证件当日有效",
    "certificates of officers and signers valid on the day",
    "《行政处罚法》第四十二条、第五十五条",
    "APL 42, 55",
    Level.BLOCK,
)
ID_3 = Rule(
    "ID-3",
    "执法区域和类别相符",
    "region and category cover place and item",
    "《行政处罚法》第二十二条",
    "APL 22",
    Level.BLOCK,
)
ID_7 = Rule(
    "ID-7",
    "执法人员名册在有效时间内更新",
    "roster fresh enough",
    "由《行政处罚法》第四十二条引出",
    "from APL 42",
    Level.WARN,
)

_HOUR = 3_600_000


def two_officers(q: Question) -> Judgement | None:
    """ID-1: at least two distinct officers, not auxiliaries; one where the item names its law."""
    item = q.reference.item(q.opening.item) if q.opening else None
    alone = bool(item and item.solo_clause)
    acting = _acting(q)
    if len(acting) >= 2:
        names = "、".join(q.name(cert_no) for cert_no in acting)
        return holds(ID_1, f"{names}共同执法。", f"{names} act together.")
    if item and alone and acting:
        return Judgement(
            ID_1,
            Level.RECORD,
            f"一人执法，依据{item.solo_clause}。",
            f"One officer, by {item.solo_clause}.",
        )
    strangers = [one for one in signed_by(q) if one not in q.officers]
    if strangers and q.officers:
        return fails(
            ID_1,
            f"本检查由{'、'.join(map(q.name, q.officers))}办理，"
            f"{'、'.join(map(q.name, strangers))}签名前须先交接。",
            f"{', '.join(map(q.name, q.officers))} have this inspection; hand it over before "
            f"{', '.join(map(q.name, strangers))} sign.",
            "hand_over",
        )
    return fails(
        ID_1,
        f"只有{len(acting)}名执法人员，不能执法。请另一名执法人员登录并签名。",
        f"Officers who act: {len(acting)}. A second officer must sign in and sign.",
        "sign_in_second",
    )


def valid_cards(q: Question) -> Judgement | None:
    """ID-2: the certificate of every acting officer, and of every officer who signs, is valid on
    the day of the act, and every signature is by a key that the agency certified. Who hands an
    inspection over may sign for that without one."""
    signed = () if isinstance(q.proposed, HandedOver) else signed_by(q)
    return _all_valid(q, dict.fromkeys((*q.officers, *signed)))


def valid_signers(q: Question) -> Judgement | None:
    """ID-2 where one officer may act alone: of those who sign. The others are not there."""
    return _all_valid(q, dict.fromkeys(signed_by(q)))


def _all_valid(q: Question, asked: Collection[str]) -> Judgement | None:
    for key in q.signers or ():
        if q.reference.officer_of_key(key.hex(), q.proposed.at) is None:
            return fails(
                ID_2,
                f"有一个签名不属于名册上的执法人员（密钥 {key.hex()[:8]}）。请更新名册后核对。",
                f"A signature is by no officer of the roster (key {key.hex()[:8]}). "
                "Update the roster and compare.",
                "update_roster",
            )
    for cert_no in asked:
        found = q.reference.officer(cert_no)
        standing = standing_on(found, q.proposed.at) if found else Standing.UNKNOWN
        if standing is not Standing.VALID:
            return fails(
                ID_2,
                f"{q.name(cert_no)}的执法证件{standing.zh}。请换一名证件有效的执法人员。",
                f"The certificate of {q.name(cert_no)} is {standing.en}. "
                "Let an officer with a valid one act.",
                "change_officer",
            )
    return holds(ID_2, "执法证件均有效。", "All certificates are valid.") if asked else None


def region_and_field(q: Question) -> Judgement | None:
    """ID-3: the certificates cover the agency's region and the item's field."""
    item = q.reference.item(q.opening.item) if q.opening else None
    if item is None:
        return None
    region = q.reference.agency.region
    for found in _known(q.reference, q.officers):
        covered = _covers(found.region, region) and found.field == item.field
        if not covered:
            return fails(
                ID_3,
                f"{found.name}的证件（{found.region_name}，{found.field}）不覆盖本事项"
                f"（{q.reference.agency.region_name}，{item.field}）。请换人或者改事项。",
                f"The certificate of {found.name} ({found.region_name}, {found.field}) does not "
                f"cover this item ({q.reference.agency.region_name}, {item.field}). Change the "
                "officer or the item.",
                "change_officer",
            )
    if not any(_covers(one, region) for one in item.regions):
        return fails(
            ID_3,
            f"事项{item.name}不在本机关区域实施。请另选事项。",
            f"The item {item.name} is not for this agency's region. Choose another.",
            "choose_item",
        )
    return holds(ID_3, "区域和类别相符。", "Region and category fit.")


def fresh_roster(q: Question) -> Judgement | None:
    """ID-7: the roster is not older than the agency allows; where it says so, older blocks."""
    parameters = q.reference.parameters
    age = q.now - q.reference.issued_at
    if -parameters.clock_skew_ms <= age <= parameters.stale_ms:
        return holds(ID_7, "名册是新的。", "The roster is fresh.")
    level = Level.BLOCK if parameters.stale_blocks else Level.WARN
    if age < 0:
        return Judgement(
            ID_7,
            level,
            "名册的签发时间晚于本机时钟，不能确认有效。请连网校时。",
            "The roster is dated after this device's clock. Connect, so that the clock is set.",
            "update_roster",
        )
    hours = age // _HOUR
    return Judgement(
        ID_7,
        level,
        f"名册 {hours} 小时没更新，不能确认有效。请连网更新。",
        f"The roster is {hours} hours old and cannot vouch for the cards. Connect and update.",
        "update_roster",
    )


def standing_on(officer: RosterOfficer, at: int) -> Standing:
    """The standing of a certificate at a time (ms), as this roster knows it. What is not known
    to have been valid is not called valid."""
    day = local_day(at).isoformat()
    if not officer.valid_from <= day <= officer.valid_until:
        return Standing.EXPIRED if day > officer.valid_until else Standing.UNKNOWN
    if officer.standing is Standing.VALID:
        return Standing.VALID if officer.effective_at <= at else Standing.UNKNOWN
    if officer.standing in (Standing.SUSPENDED, Standing.CANCELLED) and officer.effective_at > at:
        return Standing.VALID
    return officer.standing


def _acting(q: Question) -> list[str]:
    """The officers who count towards two: on the roster, no auxiliaries, not told by the head to
    step back (APL 43), and, once it is signed, those who signed."""
    named = [
        one.cert_no
        for one in _known(q.reference, q.officers)
        if not one.auxiliary and one.cert_no not in q.recused
    ]
    if q.signers is None:
        return named
    signed = signed_by(q)
    return [cert_no for cert_no in named if cert_no in signed]


def signed_by(q: Question) -> tuple[str, ...]:
    """Certificate numbers of the officers who signed, or will, in order of their numbers."""
    found = (q.reference.officer_of_key(key.hex(), q.proposed.at) for key in q.signers or ())
    return tuple(sorted({one.cert_no for one in found if one is not None}))


def _known(reference: Reference, cert_nos: tuple[str, ...]) -> list[RosterOfficer]:
    found = (reference.officer(cert_no) for cert_no in cert_nos)
    return [one for one in found if one is not None]


def _covers(wider: str, narrower: str) -> bool:
    """Whether one GB/T 2260 code contains another: 990000 contains 990123."""
    while len(wider) > 2 and wider.endswith("00"):
        wider = wider[:-2]
    return bool(wider) and narrower.startswith(wider)
