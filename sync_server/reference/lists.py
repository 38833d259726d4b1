"""The agency's lists in force: what the program came with, and what was put in its place by record.

    in_force(starting, registry, agency, read)      the catalogue that reference data are made of
    versions(starting, registry, agency, read, …)   the highest version that each code ever had

A list that was changed is a blob, named by its *catalogue changed*; the newest version counts. The
former ones stay: a code that returns goes on from the version that it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import msgspec

from protocol.errors import Malformed
from protocol.reference import CalendarYear, Item, PublicationRow, Template
from protocol.registry.registry import Registry
from protocol.registry.roster import ListChange
from protocol.statements import BlobRef
from protocol.vocabulary import Catalogue as List
from sync_server.reference.references import Catalogue

Read = Callable[[BlobRef], bytes]


@dataclass(frozen=True)
class Kept:
    """Where a list stands in the catalogue, and how its blob is read."""

    field: str
    decoder: msgspec.json.Decoder[Any]


KEPT: Mapping[List, Kept] = {
    List.ITEMS: Kept("items", msgspec.json.Decoder(list[Item])),
    List.DOCUMENTS: Kept("templates", msgspec.json.Decoder(list[Template])),
    List.PUBLICATION: Kept("matrix", msgspec.json.Decoder(list[PublicationRow])),
    List.CALENDAR: Kept("years", msgspec.json.Decoder(list[CalendarYear])),
}
"""The lists that an agency may put something else in the place of."""


def in_force(starting: Catalogue, registry: Registry, agency: str, read: Read) -> Catalogue:
    """The lists of an agency. Raises Malformed if one that was changed is not in the store."""
    changed: dict[str, Any] = {
        kept.field: _rows(kept, one, read)
        for which, kept in KEPT.items()
        if (one := registry.catalogues.get((agency, which.value))) is not None
    }
    if "templates" in changed:  # a later program may bring a kind of document that is new
        documents = {one.document for one in changed["templates"]}
        new = [one for one in starting.templates if one.document not in documents]
        changed["templates"] = [*changed["templates"], *new]
    return replace(starting, **changed)


def versions(
    starting: Catalogue, registry: Registry, agency: str, read: Read, which: List
) -> dict[str, int]:
    """The highest version that an item's code, or a template's id, had in any version of its list.
    Raises Malformed as ``in_force`` does."""
    highest: dict[str, int] = {}
    for row in _ever(starting, registry.catalogues.get((agency, which.value)), KEPT[which], read):
        name = row.code if isinstance(row, Item) else row.id
        highest[name] = max(row.version, highest.get(name, 0))
    return highest


def _ever(
    starting: Catalogue, newest: ListChange | None, kept: Kept, read: Read
) -> Iterator[Item | Template]:
    yield from getattr(starting, kept.field)
    for one in newest.versions() if newest else ():
        yield from cast(Sequence[Item | Template], _rows(kept, one, read))


def _rows(kept: Kept, changed: ListChange, read: Read) -> Sequence[Any]:
    try:
        return cast(Sequence[Any], kept.decoder.decode(read(changed.record.content)))
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Malformed(
            "expected version {version} of the {name} in the store, found none: {fault}; restore "
            "the newest backup",
            version=changed.record.version,
            name=changed.record.catalogue.en,
            fault=str(fault),
        ) from None
