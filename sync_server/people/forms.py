"""A document template by a registrar's word: read, looked at, tried, stated, told to tablets.

sample = forms.tried(services, agency, data)           the PDF of a sample; nothing is said
forms.replace(services, registrar, agency, data, reason, mark)
"""

from __future__ import annotations

import msgspec

from protocol.errors import Refused
from protocol.forms import Template
from protocol.vocabulary import Catalogue as List
from sync_server.documents import trial
from sync_server.office import templates
from sync_server.people import listing, packages
from sync_server.people.listing import NothingNew
from sync_server.people.staffing import Signatory
from sync_server.services import Services


class AnotherForm(Refused):
    """A package of another document than the page is about."""


def tried(services: Services, agency: str, document: str, data: bytes) -> tuple[Template, bytes]:
    """The template of a package for a kind of document, and its sample as PDF. Raises BadPackage,
    AnotherForm, BadForm, Unknown, BadTemplate."""
    template = packages.read(data)
    if template.document != document:
        raise AnotherForm(
            "this package is of another document: {document}; open that one's page",
            document=template.document,
        )
    templates.expect_sound(template, services.editions.catalogue(agency).templates)
    return template, trial.trial(template)


def replace(
    services: Services,
    registrar: Signatory,
    agency: str,
    document: str,
    data: bytes,
    reason: str,
    mark: int,
) -> Template:
    """Put a package in the place of the template of its document. Raises what ``tried`` does, and
    NothingNew, NoReason, Changed."""
    listing.expect_reason(reason)
    template, _ = tried(services, agency, document, data)
    standing = services.editions.catalogue(agency).templates
    if any(_same(one, template) for one in standing):
        raise NothingNew("the template says what stands already; nothing is left to do")
    version = services.versions(agency, List.DOCUMENTS).get(template.id, 0) + 1
    made = templates.replaced(standing, template, version)
    listing.state(services, registrar, agency, List.DOCUMENTS, made, reason, mark)
    return next(one for one in made if one.document == template.document)


def _same(one: Template, other: Template) -> bool:
    return one == msgspec.structs.replace(other, version=one.version)
