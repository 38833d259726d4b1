"""What the reports on all devices of an agency share, as of one moment: who had which key, what the
roster said, which lists were out, what was destroyed.

    context = context_of(services, agency, moments.now(services))
    integrity.report_at(services, context, device)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from protocol.errors import FujieError
from protocol.findings import RetiredKey, StandingChange, Tenure
from protocol.reference import Parameters, Reference, open_reference
from protocol.registry import authority
from protocol.registry.registry import OFFICE, Device, Registry
from protocol.statements import DeviceInventory, RecordDestroyed
from sync_server.devices import heard
from sync_server.log import standing
from sync_server.reports.moments import Moment
from sync_server.services import Services
from sync_server.store.tables import LATE, METADATA


@dataclass(frozen=True)
class Context:
    """``late`` are records (their hashes) that a report as of an earlier size does not take;
    ``contacts`` are the last words of all devices by name, None where nobody gathered them."""

    agency: str
    moment: Moment
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
    contacts: Mapping[str, tuple[DeviceInventory, int]] | None = None

    @property
    def below(self) -> int:
        """Entries of the log from this index on say nothing here."""
        return heard.UNBOUNDED if self.moment.live else self.moment.size

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
        keys = self.registry.officer_keys.values()
        return tuple(
            sorted(
                {
                    key.cert_no
                    for key in keys
                    if (key.agency, key.device) == (self.agency, device.name)
                    and key.retired_at is None
                }
            )
        )


def context_of(
    services: Services, agency: str, moment: Moment, parameters: Parameters | None = None
) -> Context:
    """The context of one agency; ``parameters`` in place of the published ones."""
    with services.db.engine.connect() as connection:
        registry = services.facts.registry
        if not moment.live:
            offices = standing.load_offices(connection)
            registry = standing.load_registry(connection, offices, moment.size)
        below = heard.UNBOUNDED if moment.live else moment.size
        references = heard.published(connection, agency, below)
        reference = _reference(connection, registry, agency, references)
        late = connection.execute(select(LATE.c.record_hash)).scalars()
        keys = {
            key_id: key for key_id, key in registry.officer_keys.items() if key.agency == agency
        }
        return Context(
            agency=agency,
            moment=moment,
            registry=registry,
            parameters=parameters
            or (reference.parameters if reference is not None else Parameters()),
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
            witnessed=[
                one for one in services.cosigned.times() if moment.live or one[1] <= moment.at
            ],
            destroyed=_destroyed(services, registry, below),
            late=frozenset() if moment.live else frozenset(late),
        )


def _reference(
    connection: Connection,
    registry: Registry,
    agency: str,
    references: Sequence[tuple[int, int]],
) -> Reference | None:
    """The newest reference data that were out."""
    known = registry.agencies.get(agency)
    if known is None or not references:
        return None
    table = METADATA.tables["reference"]
    bundle = connection.execute(
        select(table.c.bundle).where(table.c.agency == agency, table.c.version == references[-1][0])
    ).scalar()
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
    made = []
    for (of, cert_no), changes in registry.officers.items():
        keys = frozenset(
            key_id for key_id, key in registry.officer_keys.items() if key.cert_no == cert_no
        )
        if of == agency:
            made += [
                StandingChange(
                    cert_no,
                    one.record.name,
                    keys,
                    one.record.effective_at,
                    one.record.standing,
                )
                for one in changes[1:]
            ]
    return made


def _name(registry: Registry, agency: str, cert_no: str) -> str:
    changes = registry.officers.get((agency, cert_no), ())
    return changes[-1].record.name if changes else cert_no


def _destroyed(services: Services, registry: Registry, below: int) -> frozenset[str]:
    """Records and blobs (hex) that were destroyed by those who may."""
    found: set[str] = set()
    for one in services.facts.of_kind("record_destroyed"):
        said = one.statement
        if (
            isinstance(said, RecordDestroyed)
            and one.index is not None
            and one.index < below
            and authority.stands(registry, one)
        ):
            found |= {*said.records, *said.blobs}
    return frozenset(found)
