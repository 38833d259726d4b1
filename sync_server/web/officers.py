"""The roster, for anybody: who may enforce the law here, and whether a card is in force (T-6).

GET /officers?q=&unit=&category=&region=&page=     look-up by name, number and more
GET /officers/<number>                       one officer
GET /officers/<number>/photo                 the photo on the card
"""

from dataclasses import dataclass

from litestar import Response, get
from litestar.params import FromPath

from protocol.calendar import local_day
from protocol.statements import OfficerRegistered
from protocol.vocabulary import Standing
from sync_server.log.facts import Facts
from sync_server.reference import portraits
from sync_server.web.messages import Web
from sync_server.web.paging import cut, page_in
from sync_server.web.problems import NoSuchThing
from sync_server.web.site import HEADERS, Page, Site, site_of

SHORT_CACHE = {"Cache-Control": "public, max-age=300"}


@dataclass(frozen=True)
class Listed:
    """An officer as the roster has it now. ``changed_at`` is when the standing began (ms)."""

    line: OfficerRegistered
    standing: Standing
    agency: str
    facts: Facts

    @property
    def has_photo(self) -> bool:
        """Whether there is a photo to compare with, and it is the one that the roster names."""
        return portraits.data(self.facts, self.line.photo) is not None


@get("/officers", sync_to_thread=True)
def officers(request: Web) -> Page:
    """The roster, filtered."""
    site = site_of(request)
    everyone = roster(site)
    return site.page(
        request,
        "officers.html",
        asked=_asked(request),
        listed=cut(filtered(request), page_in(request.query_params.get("page", "1"))),
        total=len(everyone),
        units=_values(everyone, "unit"),
        categories=_values(everyone, "category"),
        regions=_values(everyone, "region_name"),
    )


@get("/officers/{cert_no:str}", sync_to_thread=True)
def officer(request: Web, cert_no: FromPath[str]) -> Page:
    """One officer."""
    site = site_of(request)
    return site.page(request, "officer.html", officer=_named(site, cert_no))


@get("/officers/{cert_no:str}/photo", sync_to_thread=True)
def photo(request: Web, cert_no: FromPath[str]) -> Response[bytes]:
    """The photo, as the roster has it."""
    site = site_of(request)
    ref = _named(site, cert_no).line.photo
    data = portraits.data(site.facts, ref)
    if data is None:
        raise NoSuchThing("the roster has no photo of this officer; compare name and number")
    return Response(data, media_type=ref.media_type, headers=HEADERS | SHORT_CACHE)


def roster(site: Site) -> list[Listed]:
    """Every officer of every agency here, by certificate number."""
    registry = site.facts.registry
    return [
        Listed(line, standing_of(line, site.now), known.record.name, site.facts)
        for agency, known in registry.agencies.items()
        for line in registry.roster(agency, site.now)
    ]


def standing_of(line: OfficerRegistered, now: int) -> Standing:
    """The standing on the legal day of ``now``: valid only within the card's dates."""
    today = local_day(now).isoformat()
    if line.standing is not Standing.VALID:
        return line.standing
    if today > line.valid_until:
        return Standing.EXPIRED
    return Standing.VALID if today >= line.valid_from else Standing.UNKNOWN


def who_signed(site: Site, record: bytes) -> list[tuple[str, str]]:
    """(name, certificate number) of the officers who signed a record, each once."""
    held, registry = site.facts.record(record), site.facts.registry
    keys = [registry.officer_keys.get(key) for key in (held.signers if held else ())]
    found = set()
    for key in keys:
        if key is not None:
            line = registry.officer_at(key.agency, key.cert_no, site.now, 1 << 62)
            found.add((line.name if line else key.cert_no, key.cert_no))
    return sorted(found, key=lambda one: one[1])


_FILTERS = ("q", "unit", "category", "region")


def filtered(request: Web) -> list[Listed]:
    """The officers whom an address asks for: by name or number, unit, category, region."""
    asked = _asked(request)
    return [one for one in roster(site_of(request)) if _fits(one, asked)]


def _asked(request: Web) -> dict[str, str]:
    return {name: request.query_params.get(name, "")[:60].strip() for name in _FILTERS}


def _fits(one: Listed, asked: dict[str, str]) -> bool:
    words = asked["q"].replace(" ", "")
    line = one.line
    return (
        (not words or words in line.name or words in line.cert_no)
        and asked["unit"] in ("", line.unit)
        and asked["category"] in ("", line.category)
        and asked["region"] in ("", line.region_name)
    )


def _named(site: Site, cert_no: str) -> Listed:
    for one in roster(site):
        if one.line.cert_no == cert_no:
            return one
    raise NoSuchThing(
        "no officer of this number is on the roster; compare the number, or call the hotline"
    )


def _values(everyone: list[Listed], name: str) -> list[str]:
    return sorted({getattr(one.line, name) for one in everyone})


HANDLERS = [officers, officer, photo]
