"""Tasks by page: given with the year's count beside the cap, taken back, on the tablet."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import msgspec
import pytest

from protocol.statements import TaskAssigned, TaskWithdrawn
from sync_server import demo
from sync_server.cases import assigning
from sync_server.keys.accounts import Accounts
from sync_server.log import meanwhile
from sync_server.office.tasks import NotAssignable, TaskRequest
from tests import acts
from tests.cast import party
from tests.sync_server.tablet import Tablet
from tests.sync_server.web import staging
from tests.sync_server.web.conftest import County
from tests.sync_server.web.staging import PASSWORDS, Office, hidden
from tests.worlds import World

HEAD = "gumingyuan"
NUMBER = "云市监检任〔2026〕58号"


def item_of(page: httpx.Response) -> str:
    found = re.search(r'<option value="(SJ-[^"]+)"', page.text)
    assert found
    return found[1]


def give(
    office: Office, client: httpx.Client, account: str = HEAD, **changes: str
) -> httpx.Response:
    """The form, as a browser sends it."""
    page = client.get("/office/tasks/new")
    form = {
        "form_token": hidden(page, "form_token"),
        "number": NUMBER,
        "source": "planned",
        "item": item_of(page),
        "name": party().name,
        "party_class": "organisation",
        "code": party().id_code,
        "place": "云溪县青石镇河西路28号",
        "approval": "顾明远 2026-11-20 批准",
        "due_on": "2026-12-31",
        "cap": "2",
        "password": PASSWORDS.get(account, "a long password"),
    }
    form |= {f"officer.{number}": "on" for number in demo.OFFICERS}
    return client.post("/office/tasks/new", data={k: v for k, v in (form | changes).items() if v})


def told(office: Office) -> list[object]:
    assert office.services is not None
    found = office.services.facts.of_kind("task_assigned", "task_withdrawn")
    return [one.statement for one in found]


def test_a_task_is_given_with_the_years_count_beside_its_cap(office: Office) -> None:
    """The party was inspected once this year; the task says so, and names officers and item."""
    answer = give(office, office.signed_in(HEAD))
    assert answer.url.query == b"done=assigned", answer.text
    (said,) = told(office)
    assert isinstance(said, TaskAssigned)
    assert (said.number, said.yearly_count, said.yearly_cap) == (NUMBER, 1, 2)
    assert said.officers == list(demo.OFFICERS)
    assert "此前已检查1次，上限2次" in answer.text
    assert "沈知远" in answer.text


def test_beyond_the_cap_somebody_has_to_say_so(office: Office) -> None:
    """The count is told and nothing is given; ticked and sent again, it is."""
    client = office.signed_in(HEAD)
    refused = give(office, client, cap="1")
    assert refused.status_code == 422
    assert "今年已被检查1次" in refused.text
    assert told(office) == []
    given = give(office, client, cap="1", over_cap="on", note="群众举报，确需检查")
    assert given.url.query == b"done=assigned", given.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({f"officer.{demo.OFFICERS[1]}": ""}, "两名以上"),
        ({"due_on": "2026-13-01"}, "应为日期"),
        ({"due_on": "20261231"}, "应为日期"),
        ({"due_on": "2026-11-01"}, "已经过去"),
        ({"cap": "viele"}, "应为不超过"),
        ({"approval": " "}, "没有写机关负责人的批准"),
        ({"item": "XX-1"}, "不在本机关清单里"),
        ({"password": "wrong"}, "密码不对"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_form_as_it_was(
    office: Office, changes: dict[str, str], said: str
) -> None:
    """Nothing is given; what was typed stays typed."""
    answer = give(office, office.signed_in(HEAD), **changes)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert f'value="{NUMBER}"' in answer.text
    assert told(office) == []


def test_a_number_is_given_once(office: Office) -> None:
    """Two people who give the same task: the second learns of the first."""
    client = office.signed_in(HEAD)
    give(office, client)
    again = give(office, client)
    assert again.status_code == 422
    assert "已经下达" in again.text
    assert len(told(office)) == 1


def test_of_those_who_take_one_number_at_once_one_has_it(office: Office) -> None:
    """The writer compares: whoever read before the others spoke is judged again. So it is with
    those who take it back."""
    client = office.signed_in(HEAD)
    give(office, client, number="云市监检任〔2026〕57号")
    services = office.services
    assert services is not None
    head = Accounts(services.db, services.clock).signer(HEAD, PASSWORDS[HEAD])
    first = told(office)[0]
    assert isinstance(first, TaskAssigned)
    asked = TaskRequest(
        number=NUMBER,
        source=first.source,
        item=first.item,
        party=first.party,
        place=first.place,
        officers=first.officers,
        approval=first.approval,
    )

    def tried(do: Callable[[], object]) -> bool:
        try:
            do()
        except NotAssignable:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        given = pool.map(lambda _: tried(lambda: assigning.assign(services, head, asked)), range(4))
        assert sum(given) == 1
        gone = pool.map(
            lambda _: tried(lambda: assigning.withdraw(services, head, NUMBER, "重复")), range(4)
        )
        assert sum(gone) == 1
    assert [type(one) for one in told(office)] == [TaskAssigned, TaskAssigned, TaskWithdrawn]


def test_who_read_before_another_spoke_is_judged_again(office: Office) -> None:
    """Deterministically: the other speaks between the reading and the writing."""
    client, services = office.signed_in(HEAD), office.services
    assert services is not None
    head = Accounts(services.db, services.clock).signer(HEAD, PASSWORDS[HEAD])
    give(office, client)
    (task,) = told(office)
    assert isinstance(task, TaskAssigned)
    seen: list[int] = []

    def judge() -> TaskAssigned:
        seen.append(len(told(office)))
        if len(seen) == 1:
            give(office, client, number="云市监检任〔2026〕59号")
        return msgspec.structs.replace(task, number=f"第{seen[-1]}号", salt="ab" * 16)

    kinds = ("task_assigned", "task_withdrawn")
    meanwhile.state(services.db, services.office, [head[1]], kinds, judge)
    assert seen == [1, 2]
    numbers = [one.number for one in told(office) if isinstance(one, TaskAssigned)]
    assert numbers[1:] == ["云市监检任〔2026〕59号", "第2号"]


def test_a_task_is_taken_back_once_with_its_reason(office: Office) -> None:
    """It stays on the list as withdrawn, and its number is free again."""
    client = office.signed_in(HEAD)
    page = give(office, client)
    form = {"form_token": hidden(page, "form_token"), "password": PASSWORDS[HEAD]}
    empty = client.post(page.url.path, data=form | {"reason": " "})
    assert "理由是空的" in empty.text
    gone = client.post(page.url.path, data=form | {"reason": "企业已注销"})
    assert "企业已注销" in gone.text
    assert isinstance(told(office)[-1], TaskWithdrawn)
    assert client.post(page.url.path, data=form | {"reason": "再来"}).status_code == 422
    assert "已撤回" in client.get("/office/tasks").text
    assert give(office, client).url.query == b"done=assigned"


def test_a_recheck_begins_with_what_the_case_knows(office: Office, inspected: County) -> None:
    """Party, place, officers and item stand in the form already."""
    page = office.signed_in(HEAD).get(f"/office/tasks/new?case={inspected.case.opened.hex}")
    assert f'value="{party().name}"' in page.text
    assert f'name="case" value="{inspected.case.opened.hex}"' in page.text
    assert re.search(rf'name="officer.{demo.OFFICERS[0]}" checked', page.text)
    assert '<option value="recheck" selected>' in page.text


def test_a_task_reaches_the_tablet(office: Office) -> None:
    """The next pull brings it."""
    give(office, office.signed_in(HEAD))
    assert office.services is not None
    (record,) = office.services.facts.of_kind("task_assigned")
    assert record.index is not None
    tablet = Tablet(office.url, World())
    assert NUMBER.encode() in tablet.get("/v1/pull", f"cursor={record.index - 1}").content


def test_a_task_that_is_being_done_is_not_taken_back(office: Office) -> None:
    """Its inspection has begun: the page leads there, and the form is refused."""
    client = office.signed_in(HEAD)
    page = give(office, client)
    record = page.url.path.rpartition("/")[2]
    assert office.services is not None
    begin(office, record)
    page = client.get(f"/office/tasks/{record}")
    assert "已开始" in page.text
    form = {"form_token": hidden(page, "form_token"), "password": PASSWORDS[HEAD]}
    answer = client.post(f"/office/tasks/{record}", data=form | {"reason": "算了"})
    assert answer.status_code == 422
    assert "已经开始" in answer.text


def begin(office: Office, task: str) -> None:
    """The tablet opens an inspection with this task."""
    world = World()
    assert office.services is not None
    (before,) = office.services.facts.of_kind("inspection_opened")
    world.reference_version = before.link.reference_version
    case = staging.inspection(world)  # its journal goes on behind what was pushed
    opened = world.state(acts.opening(world, task=task), world.shen, world.lu)
    assert case.records
    tablet = Tablet(office.url, world)
    sent = staging.tablet_item(opened)
    answer = tablet.push_response([sent])
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("case", ["zz", "ab", "0" * 63])
def test_a_recheck_names_a_case(office: Office, case: str) -> None:
    """What is no case's id is nothing at this address, and no fault of the server's."""
    assert give(office, office.signed_in(HEAD), case=case).status_code == 404
    assert told(office) == []


@pytest.mark.parametrize("cap", ["0" * 9 + "9" * 9, "0" * 9 + "9" * 5000])
def test_a_cap_is_a_small_number_however_many_zeros_stand_before_it(
    office: Office, cap: str
) -> None:
    answer = give(office, office.signed_in(HEAD), cap=cap)
    assert answer.status_code == 422
    assert told(office) == []
