"""Where the codes lead: a card that is shown, a document that was handed over.

    GET /verify?code=…     explains, and takes the text of a code
    GET /V/<code>          valid · suspended · cancelled · expired · unknown · code expired
    GET /D/<code>          mark checked; the document's record, its service, its publication

The codes are upper case; these addresses take either. A card's page says who is shown only when
the code is fresh: a photographed code tells nothing but to ask again. A document's page names
number, officers and fingerprint, never the party: the reader compares with what is in his hand.
"""

from dataclasses import dataclass

from litestar import Response, get
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath
from litestar.response import Redirect

from protocol import cose, credential
from protocol.card import ShownCard, open_card
from protocol.case import IssuedDocument
from protocol.credential import DeviceClaims, IssuerClaims
from protocol.errors import Expired, FujieError
from protocol.mark import DocumentMark, open_mark
from protocol.qr import payload
from protocol.registry.registry import Registry
from protocol.vocabulary import Standing
from sync_server.projections import queries
from sync_server.web.messages import Web
from sync_server.web.officers import Listed, roster, who_signed
from sync_server.web.site import Page, Site, site_of


@dataclass(frozen=True)
class Card:
    """What may be said of a card: its standing now, and who is shown if the code is fresh.
    ``code`` is fresh, stale, or unknown when nobody here signed it."""

    code: str
    standing: Standing
    shown: ShownCard | None = None
    officer: Listed | None = None


@dataclass(frozen=True)
class Document:
    """What may be said of a document's mark. ``document`` is None while no record of it is in
    the log; ``same`` says that mark and record agree on number and fingerprint."""

    mark: DocumentMark
    document: IssuedDocument | None = None
    same: bool = False
    officers: tuple[tuple[str, str], ...] = ()
    published: bytes | None = None
    withdrawn: bool = False


@get("/verify", sync_to_thread=True)
def verify(request: Web) -> Response[str]:
    """How to scan, and a field for a code's text."""
    site = site_of(request)
    code = "".join(request.query_params.get("code", "").split())[:4000].upper()
    for letter in ("V", "D"):
        if f"/{letter}/" in code:
            return Redirect(f"/{letter}/{code.rpartition('/')[2]}", status_code=303)
    return site.page(request, "verify.html", code=code)


@get(["/V/{code:str}", "/v/{code:str}"])
async def card(request: Web, code: FromPath[str]) -> Page:
    """A card that is shown."""
    return await sync_to_thread(_card, request, code)


@get(["/D/{code:str}", "/d/{code:str}"])
async def document(request: Web, code: FromPath[str]) -> Page:
    """A document that was handed over."""
    return await sync_to_thread(_document, request, code)


def _card(request: Web, code: str) -> Page:
    site = site_of(request)
    return site.page(request, "card.html", card=check_card(site, code.upper()))


def _document(request: Web, code: str) -> Page:
    site = site_of(request)
    site.projections.catch_up()
    return site.page(request, "document.html", found=check_document(site, code.upper()))


def check_card(site: Site, code: str) -> Card:
    """Prove a card and its presentation; never valid unless everything says so."""
    registry, now = site.facts.registry, site.now
    try:
        shown = open_card(
            code,
            lambda hint: _issuer(registry, hint),
            lambda hint: _device(registry, hint, now),
            now,
        )
    except Expired:
        return Card("stale", Standing.UNKNOWN)
    except FujieError:
        return Card("unknown", Standing.UNKNOWN)
    # A former issuer's word holds for what it certified while it was in force: the log has that.
    held = registry.officer_keys.get(shown.officer.key_id)
    if held is None or (held.retired_at is not None and held.retired_at <= now):
        return Card("unknown", Standing.UNKNOWN)
    reference = site.reference(shown.officer.agency)
    listed = next((one for one in roster(site) if one.line.cert_no == shown.officer.cert_no), None)
    entry = reference.officer(shown.officer.cert_no) if reference else None
    # The registry is asked as of this moment, so that its age here is nought.
    stale_ms = reference.parameters.stale_ms if reference else 0
    said = credential.standing(shown.officer, entry, now, now, stale_ms)
    if said is Standing.VALID and (listed is None or listed.standing is not Standing.VALID):
        said = listed.standing if listed else Standing.UNKNOWN
    return Card("fresh", said, shown, listed)


def check_document(site: Site, code: str) -> Document | None:
    """Prove a document's mark and find its record; None if no device here made the mark."""
    try:
        data = payload(code, "D")
        device = _device(site.facts.registry, cose.kid(data), None)
        mark = open_mark(data, device) if device else None
    except FujieError:
        return None
    if mark is None:
        return None
    for record in queries.document(site.services.db, mark.document_id.hex()):
        found = _issued(site, record)
        if found is not None and found.issued.statement.agency == mark.agency:
            return _told(site, mark, found)
    return Document(mark)


def _told(site: Site, mark: DocumentMark, found: IssuedDocument) -> Document:
    said = found.issued.statement
    same = (said.number, said.root, said.document) == (mark.number, mark.root.hex(), mark.kind)
    row = queries.decision(site.services.db, found.issued.hash)
    return Document(
        mark,
        found,
        same,
        tuple(who_signed(site, found.issued.hash)),
        found.issued.hash if found.published and row else None,
        bool(found.publications) and found.published is None,
    )


def _issued(site: Site, record: bytes) -> IssuedDocument | None:
    held = site.facts.record(record)
    if held is None or held.statement.case is None:
        return None
    state = site.projections.state(bytes.fromhex(held.statement.case))
    return next((one for one in state.documents if one.issued.hash == record), None)


def _issuer(registry: Registry, hint: bytes) -> IssuerClaims | None:
    found = (issuer for one in registry.agencies.values() for issuer in one.issuer_claims)
    return next((one for one in found if one.key_id.startswith(hint)), None)


def _device(registry: Registry, hint: bytes, now: int | None) -> DeviceClaims | None:
    """The device of a key hint. With ``now``, only one that is trusted then, by the key in force:
    what a device marked before it was revoked, or by a key that it had before, stays marked."""
    for device in registry.devices.values():
        revoked = now is not None and not device.is_trusted(now)
        issuers = registry.agencies[device.agency].issuer_claims
        for certificate in [] if revoked else device.certificates()[: 1 if now else None]:
            if credential.hint_of(certificate) != hint:
                continue
            issuer = credential.issuer_of(certificate, issuers)
            claims = credential.open_device(certificate, issuer)
            if claims.key_id.startswith(hint):
                return claims
    return None


HANDLERS = [verify, card, document]
