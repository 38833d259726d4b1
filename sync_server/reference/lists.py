"""The agency's lists in force: what the program came with, and what was put in its place by record.

    in_force(starting, registry, agency, read)      the catalogue that reference data are made of

A list that was changed is a blob, named by its *catalogue changed*; the newest version counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from protocol.errors import Malformed
from protocol.reference import Item
from protocol.registry.registry import Registry
from protocol.statements import BlobRef
from protocol.vocabulary import Catalogue as List
from sync_server.reference.references import Catalogue

_items = msgspec.json.Decoder(list[Item])


def in_force(
    starting: Catalogue, registry: Registry, agency: str, read: Callable[[BlobRef], bytes]
) -> Catalogue:
    """The lists of an agency. Raises Malformed if one that was changed is not in the store."""
    changed = registry.catalogues.get((agency, List.ITEMS.value))
    if changed is None:
        return starting
    try:
        items = _items.decode(read(changed.record.content))
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise Malformed(
            "expected version {version} of the item list in the store, found none: {fault}; "
            "restore the newest backup",
            version=changed.record.version,
            fault=str(fault),
        ) from None
    return replace(starting, items=items)
