"""A county for the pages: a server with a clock of its own, and an inspection as it really reads.

    office = Office(folder); office.start()        the server, in a thread, on a real port
    case = staged(office)                          one inspection: pushed, all blobs uploaded
    office.signed_in("hejingting")                 a browser's client with that person's session
    sign_in(page, office, "hejingting")            the same in a real browser, by the form
    hand_in(office, exported(office, tablet, case))       what came on a stick
    draft · confirm · publish · archive(office, case)     the office's forms, as browsers send them

The decision's text is made of the real template's pieces by the tablet's own code.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import msgspec
from nacl.public import PrivateKey

from field_client import documents
from protocol import statements
from protocol.answer import Asked, sign_asked
from protocol.cutting import Piece
from protocol.reference import Reference
from protocol.statements import StatementTaken, blobs_of
from protocol.vocabulary import (
    ApprovalSubject,
    DocumentKind,
    Measure,
    MediaKind,
    Outcome,
    Role,
)
from sync_server import demo
from sync_server.catalogue import load_catalogue
from sync_server.clock import SystemClock
from sync_server.devices import codes
from sync_server.devices.codes import Purpose
from sync_server.services import Services, starting_catalogue, writing
from sync_server.upkeep import founding
from tests import acts, serving
from tests.cast import (
    DECISION_NUMBER,
    HEARD,
    NUMBER,
    START,
    Inspection,
    Recorded,
    agency_info,
    spot_fine,
)
from tests.exports import export_of
from tests.sync_server.conftest import Server
from tests.sync_server.tablet import Tablet
from tests.sync_server.tablet import item as tablet_item
from tests.worlds import World

if TYPE_CHECKING:
    from playwright.sync_api import Page

DAY_MS = 24 * 3_600_000
NOW = START + 2 * DAY_MS
"""Two days after the inspection, 09:00 in Yunxi."""
BEFORE = START - DAY_MS
"""The day before it, when the tablet is enrolled."""

PHONE, REPRESENTATIVE, MANAGER_GIVEN = "0799-5550128", "周明禾", "明禾"
PASSWORDS = {person.account: person.password for person in demo.STAFF}
FACTS = (
    "2026年11月18日9时12分检查发现，你单位经营的散装红枣、枸杞等7种商品未标明价格。"
    "店长周明禾在场确认，联系电话0799-5550128。"
)
FINDINGS = "现场检查时，该单位正在营业。货架上散装红枣等7种商品未标明价格，现场未见价签。"
_RECORD: dict[str, str | int] = {"recusal": HEARD, "findings": FINDINGS}


class Clock(SystemClock):
    """A clock that stands still and goes on only when it is told to."""

    def __init__(self, at: int) -> None:
        super().__init__(bytes(16))
        self.set(at)

    def now(self) -> int:
        return int(self.at)  # type: ignore[attr-defined]

    def set(self, at: int) -> None:
        """Let it be ``at``."""
        object.__setattr__(self, "at", at)


class Office(Server):
    """The server of the web tests: in a thread, with a clock that the test holds."""

    def __init__(self, folder: Path, at: int = BEFORE, database: str = "") -> None:
        super().__init__(folder, database=database)
        self.clock = Clock(at)
        self.services: Services | None = None

    def found(self) -> None:
        """Found the demo's county."""
        founding.found(self.settings, self.clock, demo.plan())

    def _serve(self) -> None:
        with writing(self.settings, self.clock) as services:
            self.services = services
            with serving.web(services, self.port) as self._web:
                self._web.run()

    def code(self, purpose: Purpose, subject: str) -> str:
        """A one-time code of the office."""
        assert self.services is not None
        now, agency = self.clock.now(), demo.AGENCY.id
        return codes.new_code(self.services.db, agency, purpose, subject, now, DAY_MS)

    def client(self) -> httpx.Client:
        """A browser's client, nobody signed in."""
        return httpx.Client(
            base_url=self.url, trust_env=False, verify=False, timeout=60, follow_redirects=True
        )

    def signed_in(self, account: str) -> httpx.Client:
        """The client of a person of the office."""
        client = self.client()
        form = {"account": account, "password": PASSWORDS[account]}
        answer = client.post("/office/login", data=form)
        assert answer.status_code == 200, answer.text
        return client


def sign_in(page: Page, office: Office, account: str) -> None:
    """In a real browser, by the form."""
    page.goto(f"{office.url}/office/login")
    page.fill("#account", account)
    page.fill("#password", PASSWORDS[account])
    page.click("main button")


def staged(office: Office) -> Inspection:
    """Enrol tablet and officers, then push one whole inspection with its blobs."""
    tablet = Tablet(office.url, World())
    tablet.enrol(office.code("device", demo.DEVICE))
    tablet.enrol_officers(office.code)
    assert office.services is not None
    registry = office.services.facts.registry
    tablet.world.reference_version = registry.references[demo.AGENCY.id]
    case = inspection(tablet.world)
    office.clock.set(tablet.world.now + 60_000)
    tablet.push(tablet.links(case))
    for record in case.records:
        for ref in blobs_of(record.statement):
            tablet.upload(case.blobs[ref.sha256])
    office.clock.set(NOW)
    return case


def inspection(world: World) -> Inspection:
    """What the tablet states of an inspection, up to its end."""
    before, blobs_before = len(world.records), set(world.blobs)
    both = (world.shen, world.lu)
    opened = world.state(acts.opening(world, place=statements.Place(text=_PLACE)), *both)
    case = opened.hex
    world.state(acts.identity(world, case), *both)
    world.state(acts.rights(world, case), *both)
    world.state(acts.photo(world, case), world.shen, world.device)
    record = world.state(
        acts.document(
            world,
            case,
            DocumentKind.SITE_INSPECTION_RECORD,
            NUMBER,
            None,
            _pieces(world, opened, "site_inspection_record", NUMBER, _RECORD),
        ),
        *both,
    )
    heard = world.state(_heard(world, case), *both)
    answers: dict[str, str | int] = {"facts": FACTS, "fine": "500"}
    decision = world.state(
        acts.document(
            world,
            case,
            DocumentKind.SPOT_DECISION,
            DECISION_NUMBER,
            msgspec.structs.replace(spot_fine(), heard=heard.hex),
            _pieces(world, opened, "spot_decision", DECISION_NUMBER, answers),
        ),
        *both,
    )
    world.state(acts.served(world, case, decision), *both)
    closed = statements.InspectionClosed(**world.said(case), outcome=Outcome.PENALISED_ON_SPOT)
    last = world.state(closed, *both)
    blobs = {name: data for name, data in world.blobs.items() if name not in blobs_before}
    records = world.records[before:]
    return Inspection(opened, [record, decision], decision, last, last, records, blobs)


# ── the office's forms, as a browser sends them ──────────────────────────────────────────


def hidden(page: httpx.Response, name: str) -> str:
    """The value of a form's hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, f"no field {name} in the form"
    return found[1]


def draft(
    office: Office, case: Inspection, client: httpx.Client | None = None, **changes: str
) -> httpx.Response:
    """Draft the publication of the decision: publisher 何敬亭."""
    client = client or office.signed_in("hejingting")
    path = f"/office/cases/{case.opened.hex}/publish/{case.decision.hex}"
    return fill(client, path, **({"password": PASSWORDS["hejingting"]} | changes))


def confirm(
    office: Office, case: Inspection, account: str = "luojing", **changes: str
) -> httpx.Response:
    """Confirm the draft: second person 罗静, in a session of her own."""
    client = office.signed_in(account)
    form = {"answer": "confirm", "reviewed": "on", "password": PASSWORDS[account]}
    return fill(client, f"/office/publishing/{case.decision.hex}", **(form | changes))


def publish(office: Office, case: Inspection, **changes: str) -> httpx.Response:
    """Publish the decision: drafted by the one, confirmed by the other."""
    drafted = draft(office, case, **changes)
    return confirm(office, case) if drafted.url.query == b"done=drafted" else drafted


def fill(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    """Open a form and send it with what it hides and these fields."""
    page = client.get(path)
    if page.status_code != 200:
        return page
    names = [one for one in ("form_token", "version", "draft") if f'name="{one}"' in page.text]
    return client.post(path, data={one: hidden(page, one) for one in names} | fields)


def archive(office: Office, case: Inspection, **changes: str) -> httpx.Response:
    """Seal the case file: archivist 许文."""
    client = office.signed_in("xuwen")
    path = f"/office/cases/{case.opened.hex}/archive"
    page = client.get(path)
    form = {
        "form_token": hidden(page, "form_token"),
        "version": hidden(page, "version"),
        "password": PASSWORDS["xuwen"],
        "retention": "years_30",
    }
    return client.post(path, data=form | changes)


def exported(office: Office, tablet: Tablet, case: Inspection) -> bytes:
    """What the tablet writes to a stick of an inspection that it pushed nothing of; it asks for an
    answer."""
    assert office.services is not None
    assert office.services.keyring.exchange is not None
    key = PrivateKey(bytes(range(32))).public_key
    asked = Asked(
        agency=demo.AGENCY.id,
        device=demo.DEVICE,
        at=tablet.world.now,
        key=bytes(key).hex(),
        origin=office.settings.origin,
    )
    recipient = bytes(office.services.keyring.exchange.public_key)
    blobs = [data for data in case.blobs.values() if data]
    question = sign_asked(asked, tablet.world.device.signer)
    return export_of(tablet, recipient, tablet.links(case), blobs, asked=question)


def hand_in(office: Office, data: bytes) -> str:
    """Hand an export in by the form: registrar 唐一宁. The path of its page, once it is taken in or
    refused."""
    client = office.signed_in("tangyining")
    form = {"form_token": hidden(client.get("/office/exports"), "form_token")}
    name = "fujie-YX-T07-20261118-104000-unsent.export"
    answer = client.post("/office/exports", data=form, files={"file": (name, data)})
    while 'http-equiv="refresh"' in answer.text:
        time.sleep(0.05)
        answer = client.get(answer.url.path)
    return str(answer.url.path)


_PLACE = "云溪县青石镇河西路28号"


def _heard(world: World, case: str) -> StatementTaken:
    return StatementTaken(
        **world.said(case),
        told="拟罚款500元",
        defence="新到的商品没有来得及做价签，马上改。",
        reply="当事人陈述属实，予以采纳。",
    )


def _pieces(
    world: World, opened: Recorded, name: str, number: str, answers: dict[str, str | int]
) -> list[Piece]:
    templates, items = load_catalogue()
    assert isinstance(opened.statement, statements.InspectionOpened)
    reference = Reference(
        version=1,
        issued_at=0,
        agency=agency_info(),
        items=items,
        officers=world.reference.officers,
        matrix=list(starting_catalogue().matrix),
    )
    known = documents.case_facts(
        opened.statement,
        reference,
        now=opened.statement.at + 28 * 60_000,
        number=number,
        statement=_heard(world, opened.hex),
        media={MediaKind.PHOTO: 1},
        site_manager=f"{REPRESENTATIVE}（店长）",
        seal="9f" * 32,
    )
    form = next(one for one in templates if one.id == name)
    filled = documents.carried(form, known) | answers
    return documents.pieces(form, filled, known)


# ── what waits for the head ──────────────────────────────────────────────────────────────


def asking(office: Office) -> tuple[Tablet, Recorded, Recorded]:
    """An urgent inspection, in which goods were seized before anybody could be asked, and the
    officers' request afterwards. Returns the tablet, the opening and the seizure."""
    tablet = Tablet(office.url, World())
    tablet.enrol(office.code("device", demo.DEVICE))
    tablet.enrol_officers(office.code)
    opened, seized, records = urgent(tablet.world)
    office.clock.set(tablet.world.now + 60_000)
    send(tablet, records)
    return tablet, opened, seized


def urgent(world: World) -> tuple[Recorded, Recorded, list[Recorded]]:
    """What the tablet states of it: the opening, the seizure, and all of it."""
    both = (world.shen, world.lu)
    opened = world.state(
        acts.opening(world, urgent=True, place=statements.Place(text=_PLACE)), *both
    )
    world.state(acts.identity(world, opened.hex), *both)
    seized = world.state(
        statements.MeasureTaken(
            **world.said(opened.hex),
            measure=Measure.SEIZE,
            urgent=True,
            basis="《食品安全法》第一百一十条",
            items=[statements.PropertyItem(name="散装红枣", quantity="12", unit="袋")],
            from_on="2026-11-18",
            until_on="2026-12-18",
            party_act=acts.signed(world, Role.PARTY, opened.hex),
        ),
        *both,
    )
    return opened, seized, [opened, *world.records[-2:]]


def send(tablet: Tablet, records: list[Recorded]) -> None:
    """Push these, and see that they are admitted."""
    answer = tablet.push([tablet_item(one) for one in records])
    assert len(answer.admitted) == len(records)


def ask(tablet: Tablet, case: Recorded, **changes: object) -> Recorded:
    """The officers ask the head to approve the seizure afterwards."""
    world = tablet.world
    words: dict[str, object] = {
        "subject": ApprovalSubject.MEASURE,
        "reason": "货品霉变，当事人正在转移，情况紧急，已先行扣押12袋，请补办批准。",
        "urgent": True,
    }
    said = statements.ApprovalAsked(**world.said(case.hex), **(words | changes))  # type: ignore[arg-type]
    made = world.state(said, world.shen, world.lu)
    send(tablet, [made])
    return made
