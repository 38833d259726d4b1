"""Tablets of every version are heard by this server, and read what it answers."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
import pytest

from protocol import chain, messages
from protocol.messages import Push
from protocol.receipt import Receipt, Verdict
from tests.sync_server.tablet import Tablet
from tests.vectors import generate_versions
from tests.vectors.conversation import FROZEN, HERE

VERSIONS = (*FROZEN, "now")

SUMS = {
    "0.1": "f968572a1bc4341923103b00dc40aca59168bfb5ede280d6ef9277adab549efa",
    "0.2": "dd1e1ade19a40b976285811ec5ed9dd60144cbd67a586fcf0b25f3c66617e40c",
    "0.3": "c6038aa45f2fecdddcd798512f7fc67c7aa5de91e72603b9cffd40a6822bd58a",
}


class FirstAdmitted(msgspec.Struct):
    """One receipt, as the first version reads it."""

    index: int
    entry: bytes
    proof: list[bytes]


class FirstAnswer(msgspec.Struct):
    """The answer to a push, as the first version reads it: what it does not know, it ignores."""

    at: int
    length: int
    head: bytes
    admitted: list[FirstAdmitted]
    checkpoint: bytes
    consistency: list[bytes] = []
    refusal: bytes | None = None
    v: int = 1


def load(version: str) -> Any:
    return json.loads((HERE / f"{version}.json").read_text(encoding="utf-8"))


def test_versions_that_are_over_are_frozen() -> None:
    kept = {n: hashlib.sha256((HERE / f"{n}.json").read_bytes()).hexdigest() for n in FROZEN}
    assert kept == SUMS


def test_this_version_says_what_its_generator_writes() -> None:
    for name, text in generate_versions.files().items():
        assert (HERE / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("version", VERSIONS)
def test_a_tablet_of_any_version_uploads(tablet: Tablet, version: str) -> None:
    """Its push is admitted whole, and answered with receipts that it can read and check."""
    body = bytes.fromhex(load(version)["push"])
    sent = messages.decode(body, Push).items
    headers = tablet.headers("POST", "/v1/push", "", body)
    response = tablet.http.post("/v1/push", content=body, headers=headers)
    assert response.status_code == 200, response.text
    answer = msgspec.msgpack.decode(response.content, type=FirstAnswer)
    assert (answer.refusal, answer.length, len(answer.admitted)) == (None, len(sent), len(sent))
    for item, told in zip(sent, answer.admitted, strict=True):
        receipt = Receipt(told.entry, told.index, tuple(told.proof), answer.checkpoint)
        tablet.verify(receipt, chain.decode_link(item.link))
        assert receipt.entry.verdict is Verdict.ACCEPTED
