"""Two tablets that ask at once are enrolled one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from protocol import messages
from protocol.errors import Refused
from protocol.messages import DeviceWanted, possession
from protocol.statements import NumbersGranted
from sync_server.clock import system_clock
from sync_server.devices import codes, enrolment, grants, replenishing
from sync_server.services import Services, writing
from tests.cast import AGENCY, seeded
from tests.sync_server.conftest import Server

HOUR_MS = 3_600_000
NAME = "YX-T88"


@pytest.fixture
def services(server: Server) -> Iterator[Services]:
    server.stop()
    with writing(server.settings, system_clock()) as made:
        yield made


def wanted(services: Services, label: str) -> DeviceWanted:
    """A tablet that has a fresh code for the name, and a key and a journal of its own."""
    code = codes.new_code(services.db, AGENCY, "device", NAME, services.clock.now(), HOUR_MS)
    signer, journal, nonce = seeded(label), label.encode().ljust(16), bytes(16)
    asked = DeviceWanted(
        name=NAME,
        public_key=signer.verifier.public_key,
        journal=journal,
        nonce=nonce,
        proof=signer.sign(possession("device", nonce, journal)),
    )
    return messages.seal_with_code(asked, code, "device")


def test_the_second_of_two_tablets_under_one_name_is_refused_and_numbers_are_granted_alone(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new code was made for the name while the first tablet was being admitted by the old one;
    whoever grants numbers meanwhile has to wait as well."""
    refused: list[str] = []
    alone: list[bool] = []
    begun: list[threading.Thread] = []
    grants_for = grants.grants_for

    def admit(asked: DeviceWanted) -> None:
        try:
            enrolment.admit_device(services, asked)
        except Refused as error:
            refused.append(str(error))

    def meanwhile(*facts: Any) -> Iterable[NumbersGranted]:
        alone.append(replenishing.one_at_a_time.locked())
        if not begun:
            begun.append(threading.Thread(target=admit, args=(wanted(services, "second"),)))
            begun[0].start()
            while codes.open_codes(services.db, "device", NAME, 0) and begun[0].is_alive():
                time.sleep(0.002)  # until its code is used, which is before it waits
        return grants_for(*facts)

    monkeypatch.setattr(grants, "grants_for", meanwhile)
    first = wanted(services, "first")
    enrolment.admit_device(services, first)
    begun[0].join()
    assert [f"the name {NAME} was enrolled before" in one for one in refused] == [True]
    assert alone == [True]
    registry = services.sequencer.registry
    assert registry.devices[AGENCY, NAME].key.public_key == first.public_key
    assert len(codes.open_codes(services.db, "device", NAME, 0)) == 1, "its code was given back"
