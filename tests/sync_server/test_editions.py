"""A push of an edition gone by is admitted as it was then: the same record, verdict, meaning."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from protocol import chain, envelope, messages, statements
from protocol.keys import ED25519, Verifier
from protocol.messages import Push
from protocol.registry.registry import Registry
from protocol.statements import Statement, Unknown
from sync_server.log.intake import Checked, verify
from tests.later import later
from tests.vectors import generate_editions
from tests.vectors.editions import CURRENT, HERE

EDITIONS = sorted(int(path.name) for path in HERE.iterdir())

FROZEN = {
    "1/chain.json": "2b53f586471a16c919372565844d0a1f922da14d83fa6f1654cc082dccbc1f52",
    "1/envelope.json": "7c2d1b53ce5d1c3f67e02e78eb2368e3f63ba8a9bf8684dab85e8dfc0c71f77d",
    "1/pushes.json": "877165783e7db070d6afc2113fa7c2db72b510e8bfa22fc7d7c008d7f9084a29",
    "1/statements.json": "915bdc01665bd90b8da2988d1de608750d4c3959c0de9eb121afb20dc5cd4a5c",
    "2/pushes.json": "9c881096a4f902e4e7ebe2169c4aa57622658d5dfa5cc729d13685ad7b2d8209",
    "2/statements.json": "aac210e0f3f5a56a43c414ccec4e91b1bd98b231dbe7d40399c0fb7a1d1ab7be",
}
"""SHA-256 of every file of an edition that is over."""


def load(edition: int, name: str) -> Any:
    return json.loads((HERE / str(edition) / name).read_text(encoding="utf-8"))


def all_pushes() -> list[tuple[int, str]]:
    return [(n, name) for n in EDITIONS for name in load(n, "pushes.json")["pushes"]]


def registry(edition: int) -> Registry:
    known = load(edition, "pushes.json")["keys"].values()
    keys = [Verifier(ED25519, bytes.fromhex(key)) for key in known]
    return Registry(keys={key.key_id: key for key in keys})


@pytest.fixture(params=["today's reader", "a reader two editions on"])
def reader(request: pytest.FixtureRequest) -> Iterator[None]:
    with later() if request.param != "today's reader" else contextlib.nullcontext():
        yield


# ── frozen ───────────────────────────────────────────────────────────────────────────────


def test_editions_that_are_over_are_frozen() -> None:
    kept = {
        str(path.relative_to(HERE)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in HERE.glob("*/*")
        if path.parent.name != str(CURRENT)
    }
    assert kept == FROZEN


def test_the_current_edition_is_what_its_generator_writes() -> None:
    for name, text in generate_editions.files().items():
        assert (HERE / str(CURRENT) / name).read_text(encoding="utf-8") == text
    assert max(EDITIONS) == CURRENT == statements.EDITION


# ── accepted as ever ─────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(("edition", "name"), all_pushes())
def test_a_push_is_admitted_as_it_was(edition: int, name: str) -> None:
    """By today's reader and by one two editions on."""
    frozen = load(edition, "pushes.json")["pushes"][name]
    push = messages.decode(bytes.fromhex(frozen["push"]), Push)
    assert len(push.items) == len(frozen["items"]) > 1
    for item, told in zip(push.items, frozen["items"], strict=True):
        found = verify(item, registry(edition))
        assert isinstance(found, Checked)
        assert found.link.record.hex() == told["record_hash"]
        assert found.link_hash.hex() == told["link_hash"]
        assert (found.verdict, list(found.reasons)) == (told["verdict"], told["reasons"])
        if item.statement is not None:
            assert envelope.record_hash(envelope.decode(item.statement)) == found.link.record


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("edition", EDITIONS)
def test_a_body_means_what_it_meant(edition: int) -> None:
    """Every name that it says is read with the value that it says."""
    good = load(edition, "statements.json")["good"]
    for body in [*good["kinds"].values(), *good["readable"].values()]:
        read = statements.decode(body.encode())
        assert isinstance(read, Statement)
        assert within(json.loads(body), json.loads(msgspec.json.encode(read)))


def within(said: Any, read: Any) -> bool:
    """Whether all that was said was read; names that are not known are ignored."""
    if isinstance(said, dict):
        return all(within(v, read[k]) for k, v in said.items() if k in read)
    if isinstance(said, list):
        return len(said) == len(read) and all(map(within, said, read))
    return bool(said == read)


@pytest.mark.parametrize("edition", EDITIONS)
def test_what_was_unknown_stays_unknown_or_is_known_now(edition: int) -> None:
    """Never malformed: what an edition set aside is not refused by a later one, unless its
    version is the reader's own and a word is none of that version's."""
    for name, body in load(edition, "statements.json")["good"]["unknown"].items():
        if "unknown word" in name and json.loads(body)["v"] <= statements.EDITION:
            continue
        assert isinstance(statements.decode(body.encode()), Statement | Unknown)


@pytest.mark.parametrize("edition", [1])
def test_links_and_envelopes_of_an_edition_hash_as_they_did(edition: int) -> None:
    for form in load(edition, "envelope.json")["good"].values():
        if isinstance(form, dict) and {"json", "msgpack", "record_hash"} <= form.keys():
            for read in (
                envelope.decode_json(form["json"].encode()),
                envelope.decode(bytes.fromhex("".join(form["msgpack"]))),
            ):
                assert envelope.record_hash(read).hex() == "".join(form["record_hash"])
    good = load(edition, "chain.json")["good"]
    for link in good["links"]:
        assert chain.decode_link(bytes.fromhex(link["bytes"])).hash().hex() == link["hash"]
