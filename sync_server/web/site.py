"""What every page needs: the services, the words, the frame around it, the answers to errors.

    site = Site(services)
    return site.page(request, "decision.html", row=row)

Pages are Chinese unless ``?lang=en`` or the cookie that it leaves says otherwise. They carry no
scripts, and the header says so, so that a browser runs none.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import jinja2
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from protocol.errors import FujieError
from protocol.reference import Reference, open_reference
from sync_server import words
from sync_server.devices.handin import HandIns
from sync_server.keys.accounts import Accounts, SignedIn
from sync_server.keys.staffkeys import COSTS
from sync_server.office.publish import RuleSays
from sync_server.projections.queries import Counted
from sync_server.projections.runner import Projections
from sync_server.reports.hearing import Hearing
from sync_server.reports.kept import Kept
from sync_server.reports.told import told
from sync_server.services import Services
from sync_server.web import access, phrases
from sync_server.web.problems import OURS, Problem, log, problem_of

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
LANGUAGE = "lang"
LANGUAGES: Mapping[str, str] = {"zh": "zh_CN", "en": "en"}
YEAR_S = 365 * 24 * 3600

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}

Web = Request[Any, Any, Any]
Page = Response[str]


class Site:
    """The pages' side of the server, made once."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.db = services.db
        self.facts = services.facts
        self.office = services.office
        self.projections = Projections(services.db, services.facts)
        self.kept = Kept(services)
        self.hand_ins = HandIns(services, partial(told, services))
        self.hearing = Hearing(services.settings.data)
        self.accounts = Accounts(services.db, services.clock, COSTS[services.settings.argon2])
        # Nobody outside can make this signature, and no record or request is signed like that.
        self.sender_key = services.office_key.sign(b"fujie/senders/v1\n")
        self.counted: tuple[tuple[int, date], Counted] | None = None
        self._references: dict[tuple[str, int], Reference] = {}
        self._templates = _templates()

    @property
    def now(self) -> int:
        """The server's time in ms."""
        return self.services.clock.now()

    @property
    def secure(self) -> bool:
        """Whether browsers reach this server by https."""
        return self.services.settings.address.startswith("https:")

    def reference(self, agency: str) -> Reference | None:
        """The newest reference data of an agency."""
        version = self.facts.registry.references.get(agency)
        if version is None:
            return None
        held = self._references.get((agency, version))
        if held is None:
            found = self.facts.reference(agency)
            if found is None:
                return None
            issuer = self.facts.registry.agencies[agency].issuer.verifier
            held = open_reference(found[1], issuer, 0)
            self._references = {
                key: kept for key, kept in self._references.items() if key[0] != agency
            } | {(agency, version): held}
        return held

    # ── answering ────────────────────────────────────────────────────────────────────────

    def page(self, request: Web, name: str, status: int = 200, **facts: Any) -> Page:
        """A page from a template, in the reader's language."""
        language = language_of(request)
        body = self._templates.get_template(name).render(self._frame(request, language) | facts)
        return Response(
            body,
            media_type=MediaType.HTML,
            status_code=status,
            headers=HEADERS | {"Content-Language": language.replace("_", "-")},
            cookies=_language_cookie(request),
        )

    def _frame(self, request: Web, language: str) -> dict[str, Any]:
        say, known = phrases.Phrases(language), _known(request)
        agencies = self.facts.registry.agencies.values()
        return {
            "_": say.word,
            "ngettext": say.counted,
            "say": say,
            "lang": language,
            "region": next((one.record.region_name for one in agencies), ""),
            "hotline": next((one.record.hotline for one in agencies), ""),
            "now": self.now,
            "path": request.url.path,
            "other_language": in_other_language(request, request.query_params.multi_items()),
            "signed_in": known,
            "may": lambda right: _may(request, right),
            "office_home": access.home_of(known.person) if known else "/office",
        }

    def problem(self, request: Web, row: Problem, detail: str) -> Page:
        """The page for what did not work: what happened, then what to do. At the staff's addresses
        whoever is signed in stays inside, also where no route, and so no guard, was asked."""
        if request.url.path.startswith(access.INSIDE) and _known(request) is None:
            request.scope["state"]["signed_in"] = access.session_of(request)
        return self.page(request, "problem.html", row.status, title=row.title, detail=detail)

    def refused(self, request: Web, status: int) -> Page:
        """The page for what the framework refuses."""
        unknown = ("Refused", "this request is not as the page sends it; go back and try again")
        title, detail = _HTTP.get(status, unknown)
        row = Problem(status, "http", title)
        return self.problem(request, row, words.translate(detail, language_of(request)))


def language_of(request: Web) -> str:
    """``zh_CN`` or ``en``."""
    asked = request.query_params.get(LANGUAGE) or request.cookies.get(LANGUAGE, "")
    return LANGUAGES.get(asked, "zh_CN")


def in_other_language(request: Web, asked: Iterable[tuple[str, str]]) -> str:
    """The query that opens this page in the language it is not in; ``asked`` is kept of it."""
    other = "en" if language_of(request).startswith("zh") else "zh"
    return phrases.query([*((k, v) for k, v in asked if k != LANGUAGE), (LANGUAGE, other)])


def explain(error: FujieError, language: str) -> str:
    """What an error says; a rule's judgement has its own words in both languages."""
    if isinstance(error, RuleSays):
        made = error.judgement
        chinese = language.startswith("zh")
        clause = made.rule.source if chinese else made.rule.source_en
        return f"{made.zh if chinese else made.en}（{clause}）"
    return words.explain(error, language)


@cache
def _templates() -> jinja2.Environment:
    """The pages' templates. They know nothing of a site, and compiling one takes longer than any
    page: each is compiled once in a process, however many servers come and go in it."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = hashlib.sha256((STATIC / "style.css").read_bytes()).hexdigest()
    templates.globals["style"] = f"/static/style.css?{style[:12]}"
    return templates


# ── errors, as the routers of the pages answer them ──────────────────────────────────────

_ROWS: Mapping[type[FujieError], Problem] = {
    access.NoRight: Problem(403, "no_right", "Not open to you"),
    access.ForeignForm: Problem(403, "foreign_form", "The form was not accepted"),
}
_HTTP = {
    404: ("Page not found", "there is no page at this address; start from the home page"),
    405: ("Page not found", "there is no page at this address; start from the home page"),
    413: ("Too large", "this form is too large; send less at once"),
}


def answer_error(request: Web, error: FujieError) -> Response[Any]:
    """A deliberate error, as a page."""
    site = site_of(request)
    if isinstance(error, access.NotSignedIn):
        return Redirect(
            f"/office/login{_wanted(request)}",
            status_code=303,
            headers={"Cache-Control": "no-store"},
        )
    row = _ROWS.get(type(error)) or problem_of(error)
    if row is OURS:
        return answer_fault(request, error)
    return site.problem(request, row, explain(error, language_of(request)))


def _wanted(request: Web) -> str:
    """What the sign-in is told: where to go on, and that a form was sent, which nobody took. The
    form's page is where to go on then; signing out has none."""
    path, asked = request.url.path, request.url.query
    if request.method == "POST":
        leaving = path == "/office/logout"
        return "" if leaving else phrases.query([("next", path), ("unsent", "1")])
    return phrases.query([("next", f"{path}?{asked}" if asked else path)])


def answer_http(request: Web, error: HTTPException) -> Response[Any]:
    """What the framework refuses, as a page."""
    return site_of(request).refused(request, error.status_code)


def answer_fault(request: Web, error: Exception) -> Response[Any]:
    """A fault of ours, as a page that keeps it inside."""
    path = request.scope.get("path_template", "")  # the address itself may name a person
    log.error("fault", path=path, kind=type(error).__name__, exc_info=error)
    detail = words.translate(
        "nothing was changed; try again, and tell the operator", language_of(request)
    )
    return site_of(request).problem(request, OURS, detail)


ANSWERS: Any = {
    FujieError: answer_error,
    HTTPException: answer_http,
    Exception: answer_fault,
}


def site_of(request: Web) -> Site:
    """The site that a request came to."""
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def _language_cookie(request: Web) -> list[Cookie]:
    asked = request.query_params.get(LANGUAGE, "")
    if asked not in LANGUAGES:
        return []
    return [Cookie(key=LANGUAGE, value=asked, path="/", samesite="lax", max_age=YEAR_S)]


def _known(request: Web) -> SignedIn | None:
    found = request.scope["state"].get("signed_in")
    return found if isinstance(found, SignedIn) else None


def _may(request: Web, right: str) -> bool:
    found = _known(request)
    return found is not None and access.may(found.person, access.Right(right))
