"""One report beside another that was made again: what each says and the other does not.

told = read(bytes)                 Malformed where it is no report
findings(told, made)               words, or Flaw with what differs
parts(told, made, bytes)           the same of all else, to the last byte
"""

from typing import Any

import msgspec

from protocol.caseread import Flaw, Words
from protocol.errors import Malformed
from protocol.findings import document
from protocol.findings.document import Json

SHOWN = 5
_NEEDED = {"format", "rules", "agency", "as_of", "counts", "log", "devices", "officers"}


def read(data: bytes) -> Json:
    """A report. Raises Malformed."""
    try:
        names = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        whole: Json = msgspec.json.decode(data)
        found = document.findings_of(whole) if set(names) >= _NEEDED else [("", {})]
        if all(isinstance(x, str) for of, one in found for x in (of, one["id"], one["code"])):
            return whole
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    except (AttributeError, KeyError, TypeError):  # JSON of another form
        pass
    raise Malformed("expected an integrity report in JSON; take it from the server again")


def scope(told: Json) -> dict[str, Any]:
    """What the report was narrowed to. Raises Malformed."""
    part = told["scope"]
    if not isinstance(part, dict):
        raise Malformed("expected an integrity report in JSON; take it from the server again")
    asked: dict[str, Any] = {
        name: str(part.get(name) or "") for name in ("device", "officer", "unit")
    }
    since, until = part.get("since"), part.get("until")
    asked |= {"since": since} if isinstance(since, int) else {}
    return asked | ({"until": until} if isinstance(until, int) else {})


def findings(told: Json, made: Json) -> Words:
    """Which of them follow. Raises Flaw."""
    said, found = _by_id(told), _by_id(made)
    twice = len(document.findings_of(told)) - len(said)
    left = [_named(*found[one]) for one in found if one not in said]
    invented = [_named(*said[one]) for one in said if one not in found]
    altered = [
        f"{_named(*said[one])} ({', '.join(_differing(said[one], found[one]))})"
        for one in said
        if one in found and said[one] != found[one]
    ]
    wrong = [
        (f"{zh} {len(names)} 项：{some(names)}", f"{len(names)} {en}: {some(names)}")
        for zh, en, names in (
            ("少了", "left out", left),
            ("凭空多了", "not borne out", invented),
            ("改了", "altered", altered),
        )
        if names
    ]
    if twice:
        wrong.append((f"重复 {twice} 项", f"{twice} told twice"))
    if wrong:
        raise Flaw("；".join(zh for zh, _ in wrong), "; ".join(en for _, en in wrong))
    return (
        f"{len(said)} 项都由证据得出，一项不少{_narrowed(told, 0)}",
        f"all {len(said)} follow, none is left out{_narrowed(told, 1)}",
    )


def parts(told: Json, made: Json, data: bytes) -> Words:
    """Everything else that the report says, to the last of its bytes (``data``). Raises Flaw."""
    wrong = [
        name
        for name in sorted({*made, *told} - {"log"})
        if _without(made.get(name), name) != _without(told.get(name), name)
    ]
    if wrong:
        raise Flaw(f"对不上的部分：{', '.join(wrong)}", f"these differ: {', '.join(wrong)}")
    if data.rstrip() != document.encode(made).rstrip():
        raise Flaw(
            "顺序或者写法和中心作出的不同，请向中心重新索取",
            "the order or the form is not the one that a server makes; ask for it again",
        )
    return (
        "计数、设备、人员、单位、比率和案件都由证据得出",
        "counts, devices, officers, units, rates and cases follow",
    )


def _narrowed(told: Json, language: int) -> str:
    """That a report is a part, if it is."""
    if "scope" not in told:
        return ""
    part = ", ".join(f"{name} {value}" for name, value in told["scope"].items() if value)
    return (f"；只讲一部分（{part}）", f"; it is a part alone ({part})")[language]


def _by_id(told: Json) -> dict[str, tuple[str, Json]]:
    return {one["id"]: (device, one) for device, one in document.findings_of(told)}


def _named(device: str, one: Json) -> str:
    return f"{device or 'log'} {one['code']} {str(one['id'])[:8]}"


def _differing(told: tuple[str, Json], made: tuple[str, Json]) -> list[str]:
    names = sorted({*told[1], *made[1]})
    return [one for one in names if told[1].get(one) != made[1].get(one)] or ["device"]


def _without(part: object, name: str) -> object:
    """A part without the findings, which are compared by themselves."""
    if name != "devices" or not isinstance(part, list):
        return part
    return [
        {k: v for k, v in one.items() if k != "findings"} if isinstance(one, dict) else one
        for one in part
    ]


def some(names: list[str]) -> str:
    """The first names, and how many there are."""
    more = f" … ({len(names)})" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
