"""A form of the publisher's desk that is sent: done, or shown again with what is wrong.

    return await acted(request, do, page, "/office/publishing?done=drafted")

``do`` gets the form and acts; what it may raise as an answer to a person stands in ``FAULTS``. When
the case moved on since the form was made, the page shows what came.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from litestar import Response
from litestar.concurrency import sync_to_thread
from litestar.response import Redirect

from protocol.case import CaseState, TimelineEntry
from sync_server.cases.publishing import Signatory
from sync_server.keys.accounts import LockedOut, WrongSignIn
from sync_server.log.journal import Changed
from sync_server.office.disclose import DraftOld, SecondPerson
from sync_server.office.publish import ReasonMissing, RuleSays
from sync_server.web import forms
from sync_server.web.access import expect_own_form, person_of
from sync_server.web.messages import Web
from sync_server.web.site import Page, explain, language_of, site_of

Form = Mapping[str, str]
FAULTS = (RuleSays, ReasonMissing, SecondPerson, DraftOld, WrongSignIn, LockedOut, Changed)


@dataclass(frozen=True)
class Sent:
    """A form as it was sent, and what was wrong with it; both empty for a fresh one."""

    form: Form
    fault: str = ""

    @property
    def status(self) -> int:
        """The status of the page that shows it again."""
        return 422 if self.fault else 200

    def came(self, state: CaseState, version: int) -> Sequence[TimelineEntry]:
        """What came to the case since the form was made."""
        if not self.fault:
            return ()
        return forms.moved(state, forms.version_of(self.form), version)


FRESH = Sent({})


async def acted(
    request: Web,
    do: Callable[[Form], None],
    page: Callable[[Sent], Page],
    done: str | Callable[[], str],
) -> Response[str] | Redirect:
    """The answer to a form: where it leads once it was done, else its page again."""
    form = await forms.read_form(request)
    expect_own_form(request, form.get("form_token", ""))
    try:
        await sync_to_thread(do, form)
    except FAULTS as fault:
        words = explain(fault, language_of(request))
        return await sync_to_thread(page, Sent(form, words))
    return Redirect(done if isinstance(done, str) else done(), status_code=303)


def signatory(request: Web, form: Form) -> Signatory:
    """Who is signed in, with the key that the password on the form opens. Raises WrongSignIn,
    LockedOut."""
    return site_of(request).accounts.signer(person_of(request).account, form.get("password", ""))
