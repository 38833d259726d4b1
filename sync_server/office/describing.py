"""What documents and pages say of an agency, as a registrar gives it. Pure.

    described(common, words, known, others, reason)      → AgencyDescribed, or NotAnAgency

The court and the government are the bodies to which its decisions may be taken (ARL 24; ALL 18,
46); every document printed from then on names them. The id, a social credit code, never changes,
and no key does: those are the root's to change.

>>> expect_words(dict.fromkeys(WORDS, "甲") | {"region": "990123"})
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from protocol.errors import Refused
from protocol.registry.agencies import WORDS
from protocol.statements import AgencyDescribed, AgencyRegistered
from sync_server.office.staff import Common

MAX_WORDS, MAX_REASON = 200, 500
_REGION = re.compile(r"[0-9]{6}(?:[0-9]{6})?")


class NotAnAgency(Refused):
    """Words that do not describe an agency; ``field`` is the one that is wrong."""


def described(
    common: Common,
    words: Mapping[str, str],
    known: AgencyRegistered,
    others: Iterable[AgencyRegistered],
    reason: str,
) -> AgencyDescribed:
    """The statement; ``others`` are the agencies that nobody may take this one for. Raises
    NotAnAgency."""
    plain: dict[str, Any] = {name: words.get(name, "").strip() for name in WORDS}
    expect_words(plain)
    for field, other in product(("name", "short_name"), others):
        if plain[field] == getattr(other, field) != getattr(known, field):
            raise NotAnAgency(
                "{field}: another agency is called {got} already; its documents and numbers would "
                "be taken for yours",
                field=field,
                got=plain[field],
            )
    if plain == {name: getattr(known, name) for name in WORDS}:
        raise NotAnAgency("all of it stands like this already; nothing is left to do")
    if not reason.strip():
        raise NotAnAgency("the reason is empty; say why, for the record")
    if len(reason) > MAX_REASON:
        raise NotAnAgency(
            "expected a reason of at most {most} characters, got {count}; make it shorter",
            most=MAX_REASON,
            count=len(reason),
        )
    return AgencyDescribed(
        agency=common.agency, at=common.at, salt=common.salt, **plain, reason=reason.strip()
    )


def expect_words(words: Mapping[str, str]) -> None:
    """Raises NotAnAgency, which names the field."""
    for name in WORDS:
        text = words[name]
        if not text:
            raise NotAnAgency("{field}: expected a text, got none", field=name)
        if len(text) > MAX_WORDS or not text.isprintable():
            raise NotAnAgency("{field}: expected one line of at most 200 characters", field=name)
    if not _REGION.fullmatch(words["region"]):
        raise NotAnAgency(
            "{field}: expected something like {example}, got {got}",
            field="region",
            example="990123",
            got=words["region"][:60],
        )
