"""What time makes due is done while the server runs; what is wrong with one job stops no other."""

from __future__ import annotations

import threading

from sync_server.clock import system_clock
from sync_server.devices.stored import REMEMBERED_MS
from sync_server.services import Services, writing
from sync_server.upkeep import jobs
from sync_server.upkeep.jobs import Job, running
from tests.sync_server.conftest import BOTH, Server
from tests.sync_server.tablet import TUS, Tablet
from tests.sync_server.test_blobs import bearer, filmed_by

STORES = BOTH

MINUTE_S = 60


def rows(server: Server, asked: str) -> int:
    """What a count in the database says."""
    ((count,),) = server.sql(asked)
    return int(count)


def turn(server: Server, told: str) -> None:
    """Change private state behind the server's back, as if time had passed."""
    server.sql(told)


def test_an_expired_upload_leaves_the_disk_and_is_still_known_as_gone(
    server: Server, tablet: Tablet
) -> None:
    """410 for a week; then nobody remembers it."""
    filmed = filmed_by(tablet)
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:1000])
    turn(server, "UPDATE upload SET expires_at = expires_at - 7 * 24 * 3600000")
    server.stop()
    server.start()
    while any(server.settings.uploads.iterdir()):
        pass  # the server's own thread does it
    mine = TUS | bearer(granted)
    assert tablet.http.head(granted.path, headers=mine).status_code == 410
    server.stop()
    turn(server, f"UPDATE upload SET expires_at = expires_at - {REMEMBERED_MS}")
    server.start()
    while rows(server, "SELECT count(*) FROM upload"):
        pass
    assert tablet.http.head(granted.path, headers=mine).status_code == 404


def test_what_is_under_way_is_left_alone(server: Server, tablet: Tablet) -> None:
    """A job that ran at a restart leaves an upload whose time is not over."""
    filmed = filmed_by(tablet)
    granted = tablet.grant(filmed)
    tablet.patch(granted, 0, filmed[:1000])
    server.stop()
    with writing(server.settings, system_clock()) as services:
        for job in jobs.JOBS:
            job.work(services)
    server.start()
    assert tablet.grant(filmed).offset == 1000


def test_nonces_sessions_and_old_sign_ins_are_forgotten(server: Server, tablet: Tablet) -> None:
    """Each when its own time is over and not before: who signed in this half year stays known."""
    tablet.pull()
    server.stop()
    now = system_clock().now()
    for age, name in ((jobs.SIGN_INS_MS + 60_000, "long ago"), (60_000, "just now")):
        turn(
            server,
            f"INSERT INTO sign_in (account, outcome, at) VALUES ('{name}', 'wrong', {now - age})",
        )
    with writing(server.settings, system_clock()) as services:
        kept = rows(server, "SELECT count(*) FROM nonce")
        jobs.forget_nonces(services)
        assert rows(server, "SELECT count(*) FROM nonce") == kept
        turn(server, "UPDATE nonce SET expires_at = 1")
        jobs.forget_nonces(services)
        jobs.forget_sign_ins(services)
    assert rows(server, "SELECT count(*) FROM nonce") == 0
    assert rows(server, "SELECT count(*) FROM sign_in WHERE account = 'long ago'") == 0
    assert rows(server, "SELECT count(*) FROM sign_in WHERE account = 'just now'") == 1


def test_a_job_that_fails_keeps_no_other_from_its_turn(server: Server) -> None:
    """A full disk, a locked database, a fault of ours: logged, and tried again at its next turn."""
    server.stop()
    done: list[str] = []
    both = threading.Event()

    def fail(services: Services) -> None:
        done.append("bad")
        raise OSError(28, "No space left on device") if len(done) < 3 else ValueError("no number")

    def work(services: Services) -> None:
        done.append("good")
        if done.count("bad") > 1 and done.count("good") > 1:
            both.set()

    again = (Job("bad", 0.01, fail), Job("good", 0.01, work))
    with writing(server.settings, system_clock()) as services, running(services, again):
        assert both.wait(MINUTE_S)
    assert all(one.name != "jobs" for one in threading.enumerate())  # and none after the end
