"""Every route × role × agency: made from the routes themselves, so that a new page is tried too."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from protocol.keys import Ed25519Signer
from protocol.statements import StaffRegistered
from protocol.vocabulary import StaffRole
from sync_server import demo
from sync_server.app import make_app
from sync_server.keys.keyring import make_agency_keys
from sync_server.services import writing
from sync_server.store.tables import AccountRow, SessionRow
from sync_server.upkeep import founding
from sync_server.upkeep.founding import AgencyPlan, Plan, StaffPlan
from sync_server.web.access import COOKIE, RIGHTS, Right
from tests.cast import AGENCY
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import NOW, Office

TABLETS = ("/v1/", "/log/", "/static")
OPEN = ("/office/login", "/office/welcome")
"""Where one begins without a session."""
NEIGHBOUR = AgencyPlan(
    id="11990124MB0000002B",
    name="河口县市场监督管理局",
    short_name="河市监",
    region="990124",
    region_name="河口县",
    government="河口县人民政府",
    court="河口县人民法院",
    hotline="0799-5550200",
    address="河口县人民路2号",
    bank="河口县农村商业银行",
)
PASSWORD = "a long password of the neighbour"
OURS = ("禾穗", "沈知远", "陆清和", "河西路28号", "何敬亭", "顾明远", "318号")
"""Words that only our own pages hold."""


@dataclass(frozen=True)
class Asked:
    """One way to call a page."""

    method: str
    path: str
    right: Right | None
    guarded: bool


@dataclass
class Two:
    """A server of two agencies: ours with a case, a neighbour with people only."""

    office: Office
    county: County
    routes: list[Asked]

    def person(self, account: str) -> tuple[httpx.Client, str]:
        """A browser with a session of this account, and the token that its forms carry."""
        secret, token = f"secret of {account}", f"token of {account}"
        assert self.office.services is not None
        with self.office.services.db.private() as session:
            session.merge(
                SessionRow(
                    token_hash=hashlib.sha256(secret.encode()).digest(),
                    account=account,
                    form_token=token,
                    created_at=NOW,
                    expires_at=NOW + 3_600_000,
                )
            )
        client = httpx.Client(base_url=self.office.url, trust_env=False, verify=False, timeout=60)
        client.cookies.set(COOKIE, secret)
        return client, token

    def filled(self, path: str) -> str:
        """The address of a page about something of ours."""
        decided = self.county.case.decision
        said = decided.statement
        parts = {
            "case": self.county.case.opened.hex,
            "record": decided.hex,
            "sha256": said.pdf.sha256,  # type: ignore[attr-defined]
            "name": demo.DEVICE,
            "cert_no": demo.OFFICERS[0],
            "account": "hejingting",
            "catalogue": "items",
            "row": "penalty-summary-fine",
            "document": "spot_decision",
            "number": "1",
            "kind": "csv",
            "named": "ab" * 32,
        }

        def of(match: re.Match[str]) -> str:
            assert match[1] in parts, f"say in Two.filled what {match[1]} of {path} is"
            return parts[match[1]]

        return re.sub(r"\{(\w+):\w+\}", of, path)

    @property
    def size(self) -> int:
        """How long the log is."""
        assert self.office.services is not None
        return self.office.services.facts.head.size


@pytest.fixture(scope="module")
def two(inspected: County, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("two") / "data"
    shutil.copytree(inspected.folder, folder)
    office = Office(folder, NOW)
    root, recovery = make_agency_keys(office.settings, NEIGHBOUR.id)
    staff = [StaffPlan(f"hk-{role.value}", "某人", role, PASSWORD) for role in StaffRole]
    with writing(office.settings, office.clock) as services:
        plan = Plan(NEIGHBOUR, staff, [], {})
        founding.register(services, plan, root, bytes(recovery.public_key))
    office.start()
    assert office.services is not None
    for role in StaffRole:
        join(office, f"a-{role.value}", role)
    yield Two(office, inspected, routes(make_app(office.services)))
    office.stop()


def join(office: Office, account: str, role: StaffRole) -> None:
    """One more person of ours, whom the log knows."""
    assert office.services is not None
    with office.services.db.private() as session:
        session.add(
            AccountRow(account=account, agency=AGENCY, name="某人", role=role.value, password="")
        )
    said = StaffRegistered(
        agency=AGENCY,
        at=NOW,
        salt="00" * 16,
        account=account,
        name="某人",
        role=role,
        public_key=Ed25519Signer(
            hashlib.sha256(account.encode()).digest()
        ).verifier.public_key.hex(),
    )
    office.services.office.state(said, [office.services.keyring.issuer(AGENCY)])


def routes(app: Litestar) -> list[Asked]:
    """Every page, as the program has them."""
    return [
        Asked(method, route.path, handler.opt.get("right"), _is_guarded(handler))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
        if not route.path.startswith(TABLETS)
    ]


def _is_guarded(handler: HTTPRouteHandler) -> bool:
    return any(getattr(one, "__name__", "") == "guard" for one in handler.resolve_guards())


def _is_refused(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and "没有权限" in answer.text


def test_every_page_of_the_office_is_guarded_and_names_its_right(two: Two) -> None:
    """But for the two where one begins; and no other page asks for a session."""
    for one in two.routes:
        inside = f"{one.path}/".startswith(("/office/", "/supervision/")) and one.path not in OPEN
        assert one.guarded == inside, one
        assert (one.right is not None) == inside, one


def test_nobody_gets_in_without_signing_in(two: Two) -> None:
    """Every guarded page leads to the sign-in, and does nothing."""
    client, before = httpx.Client(base_url=two.office.url, trust_env=False, verify=False), two.size
    for one in two.routes:
        if one.guarded:
            answer = client.request(one.method, two.filled(one.path))
            assert answer.status_code == 303, one
            assert answer.headers["location"].startswith("/office/login")
    assert two.size == before


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_page_lets_in_the_roles_of_the_table(two: Two, role: StaffRole) -> None:
    """A role without the right is refused at every page, one with it never for want of it; and
    without the form's token nothing is changed by anybody."""
    client, _ = two.person(f"a-{role.value}")
    before, asked = two.size, 0
    for one in two.routes:
        if one.right is None:
            continue
        answer = client.request(one.method, two.filled(one.path))
        assert _is_refused(answer) == (one.right not in RIGHTS[role]), (role, one, answer.text)
        assert answer.status_code < 500, (role, one)
        asked += 1
    assert asked > 10
    assert _added(two, before) <= {"file_retrieved"}


@pytest.mark.parametrize("role", list(StaffRole))
def test_another_agencys_person_sees_and_changes_nothing_of_ours(two: Two, role: StaffRole) -> None:
    """At every page, for every role, with that person's own token and password: what is ours is
    answered as what does not exist, and no record of ours comes to be."""
    client, token = two.person(f"hk-{role.value}")
    before = two.size
    form = {"form_token": token, "version": "0", "password": PASSWORD, "reason": "试一试"}
    for one in two.routes:
        if one.right is None or one.path == "/office/logout":
            continue
        path = two.filled(one.path)
        answer = client.request(one.method, path, data=form if one.method == "POST" else None)
        assert _is_refused(answer) == (one.right not in RIGHTS[role]), (role, one)
        assert answer.status_code < 500, (role, one, answer.text)
        assert not [word for word in OURS if word in answer.text], (role, one)
        if _names_ours(one.path) and one.right in RIGHTS[role]:
            assert answer.status_code in (400, 403, 404, 409, 422), (role, one, answer.status_code)
    assert _added(two, before) == set()


def _names_ours(path: str) -> bool:
    """Whether the address names something of one agency; each has tables, lists, their rows, and
    documents of the same names."""
    return bool(set(re.findall(r"\{(\w+):", path)) - {"catalogue", "kind", "row", "document"})


def _added(two: Two, before: int) -> set[str]:
    """The kinds of what stands in the log of ours since."""
    assert two.office.services is not None
    found = (two.office.services.facts.link_at(index) for index in range(before, two.size))
    records = [two.office.services.facts.read(one) for one in found if one]
    return {
        type(one.statement).__struct_config__.tag  # type: ignore[misc]
        for one in records
        if one and one.statement.agency == AGENCY
    }
