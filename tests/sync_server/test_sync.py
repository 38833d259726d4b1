"""From enrolment to the office's answer, over HTTP, against a real server process."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
import zstandard
from sqlalchemy import delete

from protocol import envelope, messages, statements
from protocol.chain import decode_link
from protocol.checkpoint import VerifierKey, open_checkpoint
from protocol.merkle import check_consistency, leaf_hash
from protocol.messages import Push, PushAnswer, PushItem
from protocol.paths import paths
from protocol.receipt import Reason, Receipt, Verdict
from protocol.statements import BlobStored, DeviceRevoked, NumbersGranted
from sync_server.clock import system_clock
from sync_server.devices import grants
from sync_server.reports.hearing import Hearing
from sync_server.services import reading, writing
from sync_server.store.tables import STRETCH
from tests.cast import AGENCY
from tests.sync_server import rotting
from tests.sync_server.conftest import BOTH, Server, tablet_of
from tests.sync_server.tablet import Tablet
from tests.worlds import World

STORES = BOTH


def test_a_tablet_is_enrolled_by_a_code_that_works_once(fresh_server: Server) -> None:
    """The tablet gets roots, certificate, reference data and number blocks, all proved."""
    tablet = Tablet(fresh_server.url, World())
    code = fresh_server.code("device", "YX-T07")
    admitted = tablet.enrol(code)
    assert len(admitted.grants) == len(grants.WORDS)
    _, told = tablet.pull()
    blocks = [one for one in told if isinstance(one, NumbersGranted)]
    assert "云市监当罚〔2026〕126号" in [b.pattern.format(n=b.first) for b in blocks]
    body = messages.encode(tablet.wanted(code))
    refused = tablet.http.post("/v1/enrol/device", content=body, headers={"accept-language": "en"})
    assert refused.status_code == 403
    assert "one-time code" in refused.json()["detail"]


def test_an_inspection_is_pushed_proved_and_answered(tablet: Tablet) -> None:
    """Every link gets a receipt under one checkpoint; blobs that arrive are stated as stored."""
    case = tablet.world.inspection()
    items = tablet.links(case)
    answer = tablet.push(items, packed=True)
    assert answer.refusal is None
    assert answer.length == len(items)
    verdicts = {entry.verdict for entry in tablet.check(items, answer)}
    assert verdicts == {Verdict.ACCEPTED}
    wanted = [blob for blob in case.blobs.values() if blob]
    for data in wanted:
        tablet.upload(data)
    pulled, told = tablet.pull()
    stored = {one.sha256 for one in told if isinstance(one, BlobStored)}
    assert {hashlib.sha256(data).hexdigest() for data in wanted} - stored == set()
    again, nothing = tablet.pull(pulled.cursor)
    assert nothing == []
    assert again.cursor >= pulled.cursor


def test_fifty_identical_pushes_at_once_give_one_entry(tablet: Tablet) -> None:
    """All fifty answers name the same places in the log."""
    items = tablet.links(tablet.world.inspection())
    tablets = [tablet_of_same(tablet) for _ in range(10)]

    def push(number: int) -> tuple[list[int], list[bytes], int, bytes]:
        answer = tablets[number % 10].push(items)
        admitted = answer.admitted
        return (
            [a.index for a in admitted],
            [a.entry for a in admitted],
            answer.length,
            answer.head,
        )

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(push, range(50)))
    assert all(answer == answers[0] for answer in answers)
    assert len(set(answers[0][0])) == len(items)


def test_pushes_in_runs_and_in_full_at_once_give_the_same_entries(tablet: Tablet) -> None:
    """How an answer is told changes nothing of what it says, also of links that two commits and
    two reservations divide into several runs."""
    items = tablet.links(tablet.world.inspection())
    items[3] = PushItem(link=items[3].link)
    tablet.push(items[:5])
    full = tablet.push(items)
    runs = messages.decode(tablet.push_response(items, runs=True).content, PushAnswer)
    assert (runs.admitted, full.runs) == ([], [])
    places = [run.first + n for run in runs.runs for n in range(run.count)]
    assert places == [one.index for one in full.admitted]
    assert len(runs.runs) > 1
    assert runs.runs[0].flags == {3: bytes([Reason.STATEMENT_ABSENT])}
    assert tablet.admitted is not None
    key = VerifierKey.parse(tablet.admitted.log_key)
    head = open_checkpoint(runs.checkpoint, [key], tablet.admitted.origin)
    leaves = {one.index: leaf_hash(one.entry) for one in full.admitted}
    proved = paths(leaves, head.size, runs.beside, head.root)
    for sent, one in zip(items, full.admitted, strict=True):
        made = Receipt(one.entry, one.index, tuple(proved[one.index]), runs.checkpoint)
        tablet.verify(made, decode_link(sent.link))


@pytest.mark.parametrize("rotten", [None, b"", b"\xc0", bytes(153)])
def test_a_link_that_was_lost_is_held_all_the_same(
    server: Server, tablet: Tablet, rotten: bytes | None
) -> None:
    """The log's entry says that it was admitted: who sends it again has rewritten nothing, and
    its bytes come back by that, with the statement's where it lacks too."""
    items = tablet.links(tablet.world.inspection())
    before = tablet.push(items)
    whole = rotting.kept(server)
    for index in (before.admitted[n].index for n in (2, 3)):
        rotting.alter(server, index, link=rotten, filed=None, statement=None)
    rotting.alter(server, before.admitted[5].index, link=rotten)
    assert len(server.fsck()) > 1
    answer = tablet.push(items)
    assert answer.refusal is None
    assert [one.index for one in answer.admitted] == [one.index for one in before.admitted]
    assert rotting.kept(server)[: len(whole)] == whole
    assert [one.link for one in whole if one.journal == tablet.world.device.journal] == [
        one.link for one in items
    ]
    server.stop()
    assert len(server.fsck()) == 1


def test_a_place_that_rotted_whole_is_nobodys_fork(server: Server, tablet: Tablet) -> None:
    """Nothing here says any more what was admitted there: that is this server's fault, and no
    evidence against who sends it again. What is behind it goes on."""
    items = tablet.links(tablet.world.inspection())
    before = tablet.push(items[:-1])
    rotting.alter(server, before.admitted[2].index, entry=None, link=None)
    answer = tablet.push_response(items)
    assert answer.status_code == 409
    assert "已损坏" in answer.text
    journal = tablet.world.device.journal
    assert server.sql("SELECT count(*) FROM evidence") == [(0,)]
    states = server.sql("SELECT state FROM journal WHERE journal = :journal", journal=journal)
    assert states == [("open",)]
    assert tablet.push(items[3:]).length == len(items)


def test_a_row_that_was_taken_away_is_nobodys_fork(server: Server, tablet: Tablet) -> None:
    """As a place that rotted: who sends again what was there has rewritten nothing."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:-1])
    journal = tablet.world.device.journal
    with rotting.writing(server) as connection:
        connection.execute(delete(STRETCH).where(STRETCH.c.journal == journal))
    answer = tablet.push_response(items)
    assert answer.status_code == 409
    assert "已缺失" in answer.text
    assert server.sql("SELECT count(*) FROM evidence") == [(0,)]
    states = server.sql("SELECT state FROM journal WHERE journal = :journal", journal=journal)
    assert states == [("open",)]


def test_a_record_of_the_office_that_rotted_holds_up_no_pull(
    server: Server, tablet: Tablet
) -> None:
    """The others reach the tablet; what rotted is for the integrity report to say."""
    case = tablet.world.inspection()
    tablet.push(tablet.links(case))
    blobs = [data for data in case.blobs.values() if data]
    for data in blobs:
        tablet.upload(data)
    pulled, told = tablet.pull()
    rotten = decode_link(pulled.records[3].link).record
    rotting.alter(server, rotting.place_of(server, rotten), statement=b"\xc0")
    _, left = tablet.pull()
    assert len(left) == len(told) - 1


def tablet_of_same(tablet: Tablet) -> Tablet:
    """Another connection of the same tablet."""
    other = Tablet(tablet.url, tablet.world)
    other.admitted = tablet.admitted
    return other


def test_a_gap_is_answered_with_the_expected_head(tablet: Tablet) -> None:
    """The refusal is signed by the office and says where to go on; going on there works."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:2])
    answer = tablet.push(items[3:])
    refusal = tablet.refusal(answer)
    assert (refusal.reason, refusal.length, answer.admitted) == ("gap", 2, [])
    assert tablet.push(items[refusal.length :]).length == len(items)


def test_a_fork_is_refused_and_kept_as_evidence(server: Server, tablet: Tablet) -> None:
    """What is held stays answered; the other branch is refused, kept, and ends the journal."""
    world = tablet.world
    items = tablet.links(world.inspection())
    tablet.push(items[:4])
    branch = tablet.links(World().inspection())[4]
    wrong = decode_link(branch.link)._replace(previous=bytes([7]) * 32)
    answer = tablet.push([PushItem(link=wrong.encode(), statement=branch.statement)])
    assert tablet.refusal(answer).reason == "fork"
    assert tablet.push(items[:4]).refusal is None
    assert tablet.refusal(tablet.push(items)).reason == "fork"
    server.stop()
    with writing(server.settings, system_clock()) as services:
        kept = services.facts.evidence("YX-T07")
    assert wrong.encode() in [one.link for one in kept]


def test_what_is_bad_is_flagged_and_blocks_nothing(tablet: Tablet) -> None:
    """A broken signature, an absent, a foreign and an unreadable statement: all go into the log."""
    items = tablet.links(tablet.world.inspection())
    signed = envelope.decode(items[1].statement or b"")
    broken = msgspec.structs.replace(
        signed,
        signatures=(
            msgspec.structs.replace(signed.signatures[0], signature=bytes(64)),
            *signed.signatures[1:],
        ),
    )
    changed = list(items)
    changed[2] = PushItem(link=items[2].link)
    changed[3] = PushItem(link=items[3].link, statement=envelope.encode(broken))
    changed[4] = PushItem(link=items[4].link, statement=b"\xc1 no envelope")
    answer = tablet.push(changed)
    reasons = [list(entry.reasons) for entry in tablet.check(changed, answer)]
    assert answer.length == len(items)
    assert reasons[2:5] == [
        [Reason.STATEMENT_ABSENT],
        [Reason.STATEMENT_ABSENT],
        [Reason.MALFORMED],
    ]
    assert [r for n, r in enumerate(reasons) if n not in (2, 3, 4) and r] == []


def test_a_forged_signature_is_flagged(tablet: Tablet) -> None:
    """A record whose signature does not hold is kept under its own hash, and flagged."""
    world = tablet.world
    case = world.inspection()
    first = next(r for r in case.records if r.link.journal == world.device.journal)
    signed = first.envelope
    broken = msgspec.structs.replace(
        signed,
        signatures=tuple(
            msgspec.structs.replace(one, signature=bytes(64)) for one in signed.signatures
        ),
    )
    link = first.link._replace(record=envelope.record_hash(broken))
    sent = [PushItem(link=link.encode(), statement=envelope.encode(broken))]
    (entry,) = tablet.check(sent, tablet.push(sent))
    assert list(entry.reasons) == [Reason.BAD_SIGNATURE]


def test_an_unknown_signer_is_flagged(fresh_server: Server) -> None:
    """Officers who were never certified on this tablet sign in vain."""
    tablet = Tablet(fresh_server.url, World())
    tablet.enrol(fresh_server.code("device", "YX-T07"))
    sent = tablet.links(tablet.world.inspection())[:1]
    (entry,) = tablet.check(sent, tablet.push(sent))
    assert list(entry.reasons) == [Reason.UNKNOWN_SIGNER]


def test_a_link_that_is_none_stops_the_push_behind_the_good_ones(tablet: Tablet) -> None:
    """What stands before it is admitted; the refusal says what is wrong."""
    items = tablet.links(tablet.world.inspection())[:2]
    answer = tablet.push([*items, PushItem(link=b"no link")])
    assert len(answer.admitted) == 2
    assert tablet.refusal(answer).reason == "malformed"


def test_a_late_statement_is_kept_and_its_entry_stays(server: Server, tablet: Tablet) -> None:
    """A link that was held back may be given its statement later."""
    items = tablet.links(tablet.world.inspection())
    bare = [PushItem(link=one.link) for one in items]
    first = tablet.push(bare)
    second = tablet.push(items)
    assert [a.entry for a in first.admitted] == [a.entry for a in second.admitted]
    server.stop()
    assert len(server.fsck()) == 1


def test_a_revoked_device_is_refused_at_its_next_contact(server: Server, tablet: Tablet) -> None:
    """The refusal is signed, and nothing of the push is admitted."""
    items = tablet.links(tablet.world.inspection())
    tablet.push(items[:1])
    server.stop()
    with writing(server.settings, system_clock()) as services:
        now = services.clock.now()
        agency = next(iter(services.facts.registry.agencies))
        revoked = DeviceRevoked(
            agency=agency,
            at=now,
            salt=bytes(16).hex(),
            device="YX-T07",
            reason="遗失",
            effective_at=now,
        )
        services.office.state(revoked, [services.keyring.issuer(agency)])
    server.start()
    answer = tablet.push(items[1:])
    assert (tablet.refusal(answer).reason, answer.admitted) == ("revoked_device", [])


def test_what_a_tablet_says_of_itself_at_a_contact_is_kept(server: Server, tablet: Tablet) -> None:
    """The inventory as it signed it, in the log, also where it brought nothing else; a contact
    without one is none."""
    tablet.push(tablet.links(tablet.world.inspection())[:3])
    said = tablet.inventory(unsent=4)
    assert tablet.post("/v1/push", Push(inventory=said, items=[])).status_code == 200
    assert tablet.post("/v1/push", Push(inventory=b"", items=[])).status_code == 400
    with reading(server.settings, system_clock()) as services:
        size = services.facts.head.size
        (kept,) = Hearing(server.settings.data).last(services, AGENCY, size).values()
    assert kept[0] == statements.decode(envelope.decode(said).body)


def test_a_request_is_good_for_one_time(tablet: Tablet) -> None:
    """The same signed bytes a second time are refused; so is a request of long ago."""
    sent = Push(inventory=tablet.inventory(), items=[])
    body = messages.encode(sent)
    headers = tablet.headers("POST", "/v1/push", "", body)
    assert tablet.http.post("/v1/push", content=body, headers=headers).status_code == 200
    replayed = tablet.http.post("/v1/push", content=body, headers=headers)
    assert (replayed.status_code, replayed.json()["type"]) == (409, "/problems/replayed")
    old = tablet.headers("POST", "/v1/push", "", body, at=1_700_000_000_000)
    stale = tablet.http.post("/v1/push", content=body, headers=old)
    assert (stale.status_code, stale.json()["type"]) == (401, "/problems/stale")
    assert int(stale.headers["fujie-time"]) > 1_700_000_000_000


def test_a_replay_is_refused_after_a_restart(process: Server) -> None:
    """The nonces of an admitted push and of what was only asked for outlive the process."""
    tablet = tablet_of(process)
    items = tablet.links(tablet.world.inspection())
    body = messages.encode(Push(inventory=tablet.inventory(), items=items))
    headers = tablet.headers("POST", "/v1/push", "", body)
    assert tablet.http.post("/v1/push", content=body, headers=headers).status_code == 200
    pulled = tablet.headers("GET", "/v1/pull", "cursor=0", b"")
    assert tablet.http.get("/v1/pull?cursor=0", headers=pulled).status_code == 200
    process.kill()
    process.start()
    assert tablet.http.post("/v1/push", content=body, headers=headers).status_code == 409
    assert tablet.http.get("/v1/pull?cursor=0", headers=pulled).status_code == 409


def test_an_unpacking_bomb_is_refused_before_it_is_unpacked(tablet: Tablet) -> None:
    """A small frame that says it becomes huge is answered with 413."""
    body = zstandard.compress(bytes(64 << 20))
    headers = tablet.headers("POST", "/v1/push", "", body) | {"content-encoding": "zstd"}
    answer = tablet.http.post("/v1/push", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_problems_speak_the_clients_language(tablet: Tablet) -> None:
    """Chinese unless English is asked for."""
    chinese = tablet.http.post("/v1/push", content=b"")
    english = tablet.http.post("/v1/push", content=b"", headers={"accept-language": "en"})
    assert chinese.status_code == english.status_code == 401
    assert not chinese.json()["title"].isascii()
    assert english.json()["title"].isascii()


def test_nothing_acknowledged_is_lost_by_sigkill(process: Server) -> None:
    """Killed between pushes, the server comes back with every receipt it gave."""
    tablet = tablet_of(process)
    world = tablet.world
    given: list[tuple[PushItem, int]] = []
    for _ in range(3):
        items = tablet.links(world.inspection())
        answer = tablet.push(items)
        given += [(one, a.index) for one, a in zip(items, answer.admitted, strict=True)]
        process.kill()
        process.start()
    answer = tablet.push([one for one, _ in given])
    assert [a.index for a in answer.admitted] == [index for _, index in given]
    assert answer.refusal is None
    process.kill()
    assert len(process.fsck()) == 1


def test_the_log_proves_that_it_only_grew(tablet: Tablet) -> None:
    """A device that saw an earlier head gets the proof that leads to the new one."""
    assert tablet.admitted is not None
    key = VerifierKey.parse(tablet.admitted.log_key)
    note = tablet.http.get("/log/checkpoint").content
    old = open_checkpoint(note, [key], tablet.admitted.origin)
    tablet.seen = old.size
    answer = tablet.push(tablet.links(tablet.world.inspection()))
    new = open_checkpoint(answer.checkpoint, [key], tablet.admitted.origin)
    check_consistency(old.size, new.size, answer.consistency, old.root, new.root)
    assert new.size > old.size


def test_a_revision_of_the_reference_data_is_fetched_once(tablet: Tablet) -> None:
    """304 for whoever has the newest."""
    fetched = tablet.get("/v1/reference", "have=0")
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert tablet.get("/v1/reference", "have=99").status_code == 304


def test_an_answer_keeps_its_shape(server: Server) -> None:
    """A push without items is a greeting: it moves nothing and tells the head."""
    tablet = tablet_of(server)
    response = tablet.push_response([])
    answer = messages.decode(response.content, PushAnswer)
    assert (answer.length, answer.admitted, answer.refusal) == (0, [], None)
