"""What the reports on all devices of an agency share, as of one moment: who had which key, what the
roster said, which lists were out, what was destroyed.

    context = context_of(source, agency)
    devices.report_at(context, device)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from protocol.auditing.heard import Heard
from protocol.auditing.source import Moment, Source
from protocol.errors import FujieError
from protocol.findings import RetiredKey, StandingChange, Tenure
from protocol.reference import Parameters, Reference, open_reference
from protocol.registry import authority
from protocol.registry.registry import OFFICE, Device, Registry
from protocol.statements import RecordDestroyed


@dataclass(frozen=True)
class Context:
    """``late`` are records (their hashes) that a report as of an earlier size does not take;
    ``contacts`` are the last words of all devices by name, None where nobody gathered them."""

    source: Source
    agency: str
    registry: Registry
    parameters: Parameters
    reference: Reference | None
    references: Sequence[tuple[int, int]]
    holders: Mapping[bytes, str]
    roster: Mapping[str, Sequence[Tenure]]
    changes: Sequence[StandingChange]
    retired: Sequence[RetiredKey]
    witnessed: Sequence[tuple[int, int]]
    destroyed: frozenset[str]
    late: frozenset[bytes]
    contacts: Mapping[str, Heard] | None = None

    @property
    def moment(self) -> Moment:
        """As of when."""
        return self.source.moment

    @property
    def below(self) -> int:
        """Entries of the log from this index on say nothing here."""
        return self.moment.below

    @property
    def devices(self) -> list[Device]:
        """The agency's tablets, by name."""
        mine = (one for one in self.registry.devices.values() if one.agency == self.agency)
        return sorted(
            (one for one in mine if one.name != OFFICE and not one.is_lower),
            key=lambda one: one.name,
        )

    @property
    def office(self) -> Device | None:
        """The agency's office, which has a journal of its own."""
        return self.registry.devices.get((self.agency, OFFICE))

    def users(self, device: Device) -> tuple[str, ...]:
        """Certificate numbers of the officers who have a key on a device."""
        return tuple(sorted(self._users.get(device.name, ())))

    @cached_property
    def _users(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key in self.registry.officer_keys.values():
            if key.agency == self.agency and key.retired_at is None:
                found.setdefault(key.device, set()).add(key.cert_no)
        return found


def context_of(source: Source, agency: str, parameters: Parameters | None = None) -> Context:
    """The context of one agency; ``parameters`` in place of the published ones."""
    registry, moment = source.registry(), source.moment
    references = source.references(agency)
    reference = _reference(source, registry, agency, references)
    keys = {key_id: key for key_id, key in registry.officer_keys.items() if key.agency == agency}
    return Context(
        source=source,
        agency=agency,
        registry=registry,
        parameters=parameters or (reference.parameters if reference is not None else Parameters()),
        reference=reference,
        references=sorted(references),
        holders={key_id: key.cert_no for key_id, key in keys.items()},
        roster=_roster(registry, agency),
        changes=_changes(registry, agency),
        retired=[
            RetiredKey(key.cert_no, _name(registry, agency, key.cert_no), key_id, at)
            for key_id, key in keys.items()
            if (at := key.retired_at) is not None
        ],
        witnessed=[one for one in source.witnessed() if moment.live or one[1] <= moment.at],
        destroyed=_destroyed(source, registry, agency),
        late=frozenset() if moment.live else source.late(),
    )


def _reference(
    source: Source, registry: Registry, agency: str, references: Sequence[tuple[int, int]]
) -> Reference | None:
    """The newest reference data that were out."""
    known = registry.agencies.get(agency)
    if known is None or not references:
        return None
    bundle = source.reference(agency, references[-1][0])
    try:
        return open_reference(bundle, known.issuer.verifier, 0) if bundle else None
    except FujieError:
        return None


def _roster(registry: Registry, agency: str) -> dict[str, list[Tenure]]:
    return {
        cert_no: [
            Tenure(
                one.record.effective_at,
                one.record.name,
                one.record.standing,
                one.record.valid_from,
                one.record.valid_until,
            )
            for one in sorted(changes, key=lambda c: (c.record.effective_at, c.index))
        ]
        for (of, cert_no), changes in registry.officers.items()
        if of == agency
    }


def _changes(registry: Registry, agency: str) -> list[StandingChange]:
    """Later changes of the officers' standing; the first registration is none."""
    keys: dict[str, set[bytes]] = {}
    for key_id, key in registry.officer_keys.items():
        keys.setdefault(key.cert_no, set()).add(key_id)
    return [
        StandingChange(
            cert_no,
            one.record.name,
            frozenset(keys.get(cert_no, ())),
            one.record.effective_at,
            one.record.standing,
        )
        for (of, cert_no), changes in registry.officers.items()
        if of == agency
        for one in changes[1:]
    ]


def _name(registry: Registry, agency: str, cert_no: str) -> str:
    changes = registry.officers.get((agency, cert_no), ())
    return changes[-1].record.name if changes else cert_no


def _destroyed(source: Source, registry: Registry, agency: str) -> frozenset[str]:
    """Records and blobs (hex) that those of the agency destroyed who may: another's word excuses
    nothing here."""
    found: set[str] = set()
    for one in source.of_kind("record_destroyed"):
        said = one.statement
        if (
            isinstance(said, RecordDestroyed)
            and said.agency == agency
            and one.index is not None
            and one.index < source.moment.below
            and authority.stands(registry, one)
        ):
            found |= {*said.records, *said.blobs}
    return frozenset(found)
