"""Links and journals: exact bytes, and a name for every way of not following."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import chain
from protocol.chain import EMPTY, Head, Link
from protocol.errors import BrokenChain, Fork, Gap, Malformed, Rewrite
from tests.protocol.vectors import load, raised

VECTORS = load("chain")
GOOD, BAD = VECTORS["good"], VECTORS["bad"]
BYTES = [bytes.fromhex(one["bytes"]) for one in GOOD["links"]]
LINKS = [chain.decode_link(data) for data in BYTES]


def fields(link: Link) -> dict[str, object]:
    """As the vectors show them."""
    return {n: v.hex() if isinstance(v, bytes) else v for n, v in link._asdict().items()}


# ── one link ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("good", [*GOOD["links"], GOOD["highest"]], ids=lambda g: g["hash"][:8])
def test_a_link_is_its_153_bytes(good: dict[str, object]) -> None:
    data = bytes.fromhex(str(good["bytes"]))
    link = chain.decode_link(data)
    assert fields(link) == good["fields"]
    assert link.encode() == data
    assert link.hash().hex() == good["hash"]


@pytest.mark.parametrize("name", BAD["link"])
def test_a_bad_link_is_refused(name: str) -> None:
    bad = BAD["link"][name]
    with pytest.raises(raised(bad["error"])):
        chain.decode_link(bytes.fromhex(bad["bytes"]))


def test_every_flipped_bit_is_refused_or_makes_another_link() -> None:
    for place in range(chain.LINK_SIZE):
        for bit in range(8):
            broken = bytearray(BYTES[1])
            broken[place] ^= 1 << bit
            try:
                link = chain.decode_link(bytes(broken))
            except Malformed:
                continue
            assert link.hash() != LINKS[1].hash()
            assert link.encode() == broken


@pytest.mark.parametrize(
    "changed",
    [
        {"journal": bytes(15)},
        {"previous": bytes(33)},
        {"record": bytes(31)},
        {"case_tag": b""},
        {"boot": bytes(17)},
        {"sequence": -1},
        {"sequence": 1 << 63},
        {"wall_at": -1},
        {"wall_at": 1 << 62},
        {"monotonic": 1 << 64},
        {"previous": chain.ZERO_HASH},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_are_not_cut_to_fit(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        LINKS[1]._replace(**changed).encode()


@given(st.binary(max_size=200))
def test_bytes_of_another_length_are_no_link(data: bytes) -> None:
    if len(data) != chain.LINK_SIZE:
        with pytest.raises(Malformed):
            chain.decode_link(data)


@given(st.binary(min_size=chain.LINK_SIZE - 1, max_size=chain.LINK_SIZE - 1))
def test_arbitrary_bytes_are_a_link_to_the_byte_or_malformed(data: bytes) -> None:
    try:
        assert chain.decode_link(b"\x01" + data).encode() == b"\x01" + data
    except Malformed:
        return


def test_a_case_tag_is_that_of_its_vector() -> None:
    good = GOOD["case_tag"]
    made = chain.case_tag(bytes.fromhex(good["salt"]), bytes.fromhex(good["opening_record"]))
    assert made.hex() == good["tag"]
    assert LINKS[0].case_tag == made
    assert LINKS[3].case_tag == chain.NO_CASE


# ── journals ─────────────────────────────────────────────────────────────────────────────


def test_a_good_journal_leads_to_its_head() -> None:
    head = chain.follow(LINKS)
    assert (head.length, head.hash.hex()) == (GOOD["head"]["length"], GOOD["head"]["hash"])
    assert chain.follow(LINKS[2:], chain.follow(LINKS[:2])) == head
    assert chain.follow([]) == EMPTY


@pytest.mark.parametrize("name", BAD["journal"])
def test_links_that_do_not_follow_are_refused_by_name(name: str) -> None:
    bad = BAD["journal"][name]
    links = [chain.decode_link(bytes.fromhex(data)) for data in bad["links"]]
    with pytest.raises(raised(bad["error"])):
        chain.follow(links)


def journal(records: list[bytes]) -> list[Link]:
    """A good journal over these record hashes."""
    links: list[Link] = []
    previous = chain.ZERO_HASH
    for record in records:
        link = LINKS[0]._replace(sequence=len(links), previous=previous, record=record)
        links.append(link)
        previous = link.hash()
    return links


records = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=12)


@given(records, st.data())
def test_no_link_can_be_left_out_but_at_the_end(made: list[bytes], data: st.DataObject) -> None:
    links = journal(made)
    place = data.draw(st.integers(0, len(links) - 1))
    left = links[:place] + links[place + 1 :]
    if place == len(links) - 1:
        assert chain.follow(left).length == place
    else:
        with pytest.raises(Gap):
            chain.follow(left)


@given(records, st.data())
def test_no_link_can_be_exchanged(made: list[bytes], data: st.DataObject) -> None:
    """Whatever is changed in one link, the next one does not follow it; the last shows in the
    head."""
    links = journal(made)
    place = data.draw(st.integers(0, len(links) - 1))
    changed = links[place]._replace(wall_at=links[place].wall_at + 1)
    altered = [*links[:place], changed, *links[place + 1 :]]
    if place == len(links) - 1:
        assert chain.follow(altered).hash != chain.follow(links).hash
    else:
        with pytest.raises(Fork):
            chain.follow(altered)


@given(st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_every_place_has_one_answer(length: int, sequence: int, right: bool) -> None:
    """Past the end: gap; at the end: the next or a fork; last: fork; before that: rewrite."""
    head = Head(length, b"h" * 32 if length else chain.ZERO_HASH)
    previous = head.hash if right else b"x" * 32
    if sequence == 0:
        previous = chain.ZERO_HASH
    link = LINKS[0]._replace(sequence=sequence, previous=previous)
    if sequence == length and previous == head.hash:
        assert chain.advance(head, link) == Head(length + 1, link.hash())
        return
    if sequence > length:
        expected: type[BrokenChain] = Gap
    else:
        expected = Fork if sequence >= length - 1 else Rewrite
    with pytest.raises(expected):
        chain.advance(head, link)


# ── forks ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", GOOD["forks"])
def test_two_links_that_contradict_each_other_prove_a_fork(name: str) -> None:
    """In whichever order they are shown."""
    good = GOOD["forks"][name]
    one, other = (bytes.fromhex(data) for data in good["links"])
    assert chain.check_fork(one, other) == chain.check_fork(other, one) == good["place"]


@pytest.mark.parametrize("name", BAD["fork"])
def test_two_links_that_may_be_of_one_history_prove_nothing(name: str) -> None:
    bad = BAD["fork"][name]
    one, other = (bytes.fromhex(data) for data in bad["links"])
    for two in ((one, other), (other, one)):
        with pytest.raises(raised(bad["error"])):
            chain.check_fork(*two)


@pytest.mark.parametrize("name", [n for n in BAD["journal"] if "of another journal" not in n])
def test_whoever_refuses_a_link_carries_what_shows_why(name: str) -> None:
    """A gap carries the link at hand; of a fork the two links prove it to anybody, but where the
    same link merely came again, or what it contradicts lies before what was seen."""
    links = [chain.decode_link(bytes.fromhex(data)) for data in BAD["journal"][name]["links"]]
    with pytest.raises(BrokenChain) as caught:
        chain.follow(links)
    evidence = caught.value.evidence
    assert evidence[0] in [link.encode() for link in links]
    if isinstance(caught.value, Gap):
        assert len(evidence) == 1
    elif evidence[0] != evidence[1]:
        assert chain.check_fork(*evidence) == caught.value.facts["got"]


few = st.lists(st.binary(min_size=32, max_size=32), max_size=6)


@given(few, records, records, st.randoms())
def test_two_branches_in_any_interleaving_are_caught_and_nothing_is_lost(
    shared: list[bytes], one: list[bytes], other: list[bytes], chance: Any
) -> None:
    """Whoever takes links from two copies of a device, in any order, ends with one unbroken
    branch, and with proof of the other as soon as it differs; each link is in the journal, or
    refused by name."""
    branches = [journal(shared + one), journal(shared + other)]
    held: dict[int, Link] = {}
    head, refused = EMPTY, []
    while any(branches):
        link = chance.choice([branch for branch in branches if branch]).pop(0)
        if held.get(link.sequence) == link:
            continue
        try:
            head = chain.advance(head, link, lambda at: held[at].encode())
        except BrokenChain as fault:
            refused.append((link, fault))
            continue
        held[link.sequence] = link
    assert chain.follow(held.values()) == head
    for link, fault in refused:
        assert fault.evidence[0] == link.encode()
        assert isinstance(fault, Gap) or chain.check_fork(*fault.evidence) == link.sequence
    same = one[: len(other)] == other[: len(one)]
    assert same == (not refused)


def test_what_a_closed_journal_lacks_is_linked_again_in_the_next() -> None:
    """The same records at the same times in the same order; only their places are new."""
    good = GOOD["relinked"]
    again = list(chain.relink(bytes.fromhex(good["journal"]), LINKS[good["from"] :]))
    assert [link.encode().hex() for link in again] == [one["bytes"] for one in good["links"]]
    assert chain.follow(again).length == len(again)


def test_an_adopted_branch_has_the_journal_of_its_vector() -> None:
    good = GOOD["adopted_journal"]
    made = chain.adopted_journal(bytes.fromhex(good["export"]), bytes.fromhex(good["journal"]))
    assert made.hex() == good["id"]


@given(few, few)
def test_links_follow_whatever_stands_in_the_next_journal(
    before: list[bytes], moved: list[bytes]
) -> None:
    first = journal(before)
    again = list(chain.relink(b"\7" * 16, journal(moved), chain.follow(first)))
    assert [link.record for link in again] == moved
    assert chain.follow(again, chain.follow(first)).length == len(before) + len(moved)
