"""An agency's particulars by a registrar's word: stated, and told to tablets by reference data.

agencies.describe(services, registrar, words, reason, mark)      decided on at ``mark``
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sync_server.office import describing, staff
from sync_server.office.staff import Common
from sync_server.people.staffing import Signatory
from sync_server.services import Services


def describe(
    services: Services, registrar: Signatory, words: Mapping[str, str], reason: str, mark: int
) -> None:
    """Other words from here on. Raises NotRegistrable, NotAnAgency, Changed."""
    person, signer = registrar
    registry = services.facts.registry
    common = Common(person.agency, services.clock.now(), secrets.token_hex(16))
    acting = staff.expect_registrar(common, person.account, signer.verifier, registry.staff)
    known = registry.agencies[person.agency].record
    others = [one.record for key, one in registry.agencies.items() if key != person.agency]
    said = describing.described(common, words, known, others, reason)
    marks = {
        ("agency", person.agency, known.name): mark,
        ("staff", person.agency, person.account): acting.index,
    }
    services.office.state_all([(said, [signer])], marks=marks)
    services.publish_reference(person.agency)
