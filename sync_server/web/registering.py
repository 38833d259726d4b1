"""A form of the registrar's, or of whoever gives tasks, that is sent: done, or shown again.

    return await sent(request, do, page, done)

``do`` gets the fields and the files and acts; what it may raise as an answer to a person stands in
``FAULTS``, and ``page`` shows the form again with what is wrong. ``done`` answers with what ``do``
returned: a page, such as that of a one-time code, or where to go on.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from protocol.errors import FujieError, Refused
from sync_server.documents.samples import Unknown
from sync_server.documents.trial import BadTemplate
from sync_server.documents.typeset import FontMissing
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.describing import NotAnAgency
from sync_server.office.matrix import NotAMatrix
from sync_server.office.roster import NotAnOfficer
from sync_server.office.staff import NotRegistrable
from sync_server.office.tasks import NotAssignable
from sync_server.office.templates import BadForm
from sync_server.people.forms import AnotherForm
from sync_server.people.listing import NoReason, NothingNew
from sync_server.people.packages import BadPackage
from sync_server.people.roster import NoDevice
from sync_server.people.sheets import BadCell
from sync_server.people.staffing import Signatory
from sync_server.reference.editions import NoPlace
from sync_server.web import forms
from sync_server.web.access import expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, language_of, site_of

Form = Mapping[str, str]
Files = Mapping[str, bytes]
Answer = Response[Any] | Redirect
T = TypeVar("T")

FAULTS: tuple[type[Refused], ...] = (
    *(NotRegistrable, NotAnOfficer, NoDevice, NotAnAgency, NotAssignable, NotAMatrix, BadCell),
    *(BadForm, BadPackage, BadTemplate, AnotherForm, Unknown, FontMissing),
    *(NoReason, NoPlace, NothingNew, WrongSignIn, LockedOut, Changed),
)


async def sent(
    request: Web,
    do: Callable[[Form, Files], T],
    page: Callable[[Form, str], Page],
    done: Callable[[Form, T], Answer],
    say: Callable[[FujieError, str], str] = explain,
) -> Answer:
    """The answer to a form. Raises ForeignForm."""
    form, files = await forms.read_files(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        made = await sync_to_thread(do, form, files)
    except FAULTS as fault:
        return await sync_to_thread(page, form, say(fault, language_of(request)))
    return await sync_to_thread(done, form, made)


def signatory(request: Web, form: Form) -> Signatory:
    """Who is signed in, with the key that the password on the form opens. Raises WrongSignIn,
    LockedOut."""
    return site_of(request).accounts.signer(person_of(request).account, form.get("password", ""))


def leads(address: str) -> Redirect:
    """Where to go on after a form."""
    return Redirect(address, status_code=303)
