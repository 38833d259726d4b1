"""What officers did: acts on a day when the card was not valid, warnings gone against, and acts
under lists that had been replaced for longer than the agency allows."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence

from protocol.calendar import local_day
from protocol.chain import NO_CASE
from protocol.findings.facts import Tenure
from protocol.findings.finding import (
    RECORDED,
    Evidence,
    Finding,
    Reading,
    Severity,
    day_time,
    numbered,
    runs,
    some,
)
from protocol.rules import RULES
from protocol.statements import RuleOverridden
from protocol.vocabulary import Standing


def invalid_holders(reading: Reading) -> Iterator[Finding]:
    """``invalid_holder``: signed while the roster, as it is known by now, says that the card was
    not valid. Where that changed between the act's two times, ``uncertain_standing`` says so."""
    by_officer: dict[tuple[str, Standing], list[int]] = defaultdict(list)
    for sequence in reading.links:
        for cert_no in reading.signers(sequence):
            found = _standing(reading, sequence, reading.facts.roster.get(cert_no, ()))
            if found is not None:
                by_officer[cert_no, found].append(sequence)
    for (cert_no, standing), numbers in sorted(by_officer.items()):
        tenures = reading.facts.roster.get(cert_no, ())
        name = tenures[-1].name if tenures else cert_no
        at = reading.links[numbers[0]].wall_at
        zh, en = day_time(at)
        yield Finding(
            "invalid_holder",
            Severity.ACT,
            f"{name}的证件{standing.zh}，{zh}起仍有{len(numbers)}条记录由其签名。",
            f"The card of {name} was {standing.en}; signed all the same from {en} on: "
            f"{some(len(numbers))}.",
            at,
            (
                Evidence("证件编号", "certificate number", cert_no),
                Evidence("序号", "numbers", numbered(numbers)),
                *(
                    Evidence(f"{day_time(one.effective_at)[0]}起", "from then on",
                             f"{one.standing.zh} {one.valid_from} — {one.valid_until}")
                    for one in tenures
                ),
            ),
            "《行政处罚法》第四十二条",
            "请停止其执法；所办案件由持有效证件的人员重新取证，或者依法撤销。",
            "Stop the officer; have the evidence taken again by those who hold valid cards, or "
            "revoke what rests on it.",
            spans=tuple(runs(numbers)),
            subject=f"{cert_no} {standing}",
        )  # fmt: skip


def overrides(reading: Reading) -> Iterator[Finding]:
    """``overridden``: warnings that officers went on against, with their signed reasons."""
    by_rule: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for sequence, link in reading.links.items():
        said = reading.statement(link.record)
        if isinstance(said, RuleOverridden):
            by_rule[said.rule].append((sequence, said.reason))
    for rule, found in sorted(by_rule.items()):
        known = RULES.get(rule)
        numbers = [sequence for sequence, _ in found]
        yield Finding(
            "overridden",
            Severity.WATCH,
            f"{len(found)}次说明理由后继续：{known.zh if known else rule}（{rule}）。",
            f"Went on against a warning {some(len(found), 'time')}, with a reason: "
            f"{known.en if known else rule} ({rule}).",
            reading.links[numbers[0]].wall_at,
            (
                Evidence("序号", "numbers", numbered(numbers)),
                *(Evidence(f"{n:04}号的理由", f"reason in {n:04}", why) for n, why in found[:5]),
            ),
            known.source if known else RECORDED,
            "请逐条看理由是否成立；不成立的，要求该局说明。",
            "Read each reason; where it does not hold, have the agency explain.",
            spans=tuple(runs(numbers)),
            subject=rule,
        )


def stale_catalogues(reading: Reading) -> Iterator[Finding]:
    """``stale_catalogue``: acts in a case under reference data that had been replaced for longer
    than the agency allows. The act's time is its own clock's, within what the log bears out."""
    stale_ms = reading.facts.parameters.stale_ms
    versions = [version for version, _ in reading.facts.references]
    found: dict[int, tuple[int, int]] = {}
    for sequence, link in reading.links.items():
        if link.case_tag == NO_CASE or not reading.signers(sequence):
            continue
        at = act_time(reading, sequence)
        place = bisect_right(versions, link.reference_version)
        if place < len(versions) and reading.facts.references[place][1] <= at - stale_ms:
            found[sequence] = reading.facts.references[place]
    if not found:
        return
    first = min(found)
    version, since = found[first]
    (zh, en), used = day_time(since), reading.links[first].reference_version
    yield Finding(
        "stale_catalogue",
        Severity.WATCH,
        f"{len(found)}条执法记录用的是第{used}版名册、事项和模板，第{version}版{zh}已经发布。",
        f"Made under version {used} of roster, items and templates, though version {version} had "
        f"been out since {en}: {some(len(found))} of cases.",
        reading.links[first].wall_at,
        (
            Evidence("序号", "numbers", numbered(list(found))),
            Evidence("允许的时间（小时）", "hours allowed", str(stale_ms // 3_600_000)),
        ),
        RECORDED,
        "请核对这段时间里人员和事项有没有变化；有变化的，说明依据是否仍然有效。",
        "See whether people or items changed in between; where they did, say whether the basis "
        "still held.",
        spans=tuple(runs(found)),
    )


def act_time(reading: Reading, sequence: int) -> int:
    """When an act took place (ms): as its clock said, but not before the server's time that its
    tablet had verified, nor after its reception."""
    link = reading.links[sequence]
    entry = reading.entries.get(reading.hashes[sequence])
    latest = entry[1].received_at if entry else link.wall_at
    return min(max(link.wall_at, link.server_at), latest)


def _standing(reading: Reading, sequence: int, tenures: Sequence[Tenure]) -> Standing | None:
    """The standing in which an officer signed, if it was surely not a valid one."""
    link, at = reading.links[sequence], act_time(reading, sequence)
    entry = reading.entries.get(reading.hashes[sequence])
    latest = entry[1].received_at if entry else at
    if any(link.server_at < one.effective_at <= latest for one in tenures[1:]):
        return None
    known = [one for one in tenures if one.effective_at <= at]
    if not known:
        return None  # no roster says anything of that day
    tenure, day = known[-1], local_day(at).isoformat()
    if tenure.standing is not Standing.VALID:
        return tenure.standing
    return None if tenure.valid_from <= day <= tenure.valid_until else Standing.EXPIRED
