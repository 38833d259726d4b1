"""What is read together is what each item is by itself: of whatever comes, whoever altered it.

``intake.verify`` judges one item and is the measure; ``stretch.together`` reads many by steps and
has to say the same of them, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from protocol import envelope as dsse
from protocol import keys, statements
from protocol.chain import Link, decode_link
from protocol.envelope import STATEMENT_TYPE, Envelope, Signature
from protocol.errors import Uncheckable
from protocol.keys import Signer, Sm2Signer, Suite, Verifier
from protocol.messages import PushItem
from protocol.registry.registry import Registry
from protocol.statements import IdentityShown, Place
from protocol.vocabulary import Step
from sync_server.log import stretch
from sync_server.log.intake import Checked, verify
from sync_server.log.stretch import Stretch, together
from tests.cast import seeded
from tests.later import later
from tests.simulation import records
from tests.simulation.records import joined
from tests.worlds import World

WORLD = World()
SHEN, LU = WORLD.shen.signer, WORLD.lu.signer
SM2 = Sm2Signer(bytes(31) + b"\7")
STRANGER = seeded("nobody that this log knows")
KEYS: list[Verifier] = [
    *(one.signer.verifier for one in (WORLD.shen, WORLD.lu, WORLD.device)),
    SM2.verifier,
]
REGISTRY = Registry(version=7, keys={key.key_id: key for key in KEYS})

RECORDS = [one for one in WORLD.inspection().records if one.link.journal == WORLD.device.journal]
ITEMS = [PushItem(link=one.link.encode(), statement=dsse.encode(one.envelope)) for one in RECORDS]
BODIES = [one.envelope.body for one in RECORDS]


def judged(items: Sequence[PushItem], registry: Registry = REGISTRY) -> Stretch | None:
    """What the items come to one by one."""
    return joined([verify(item, registry) for item in items], registry.version)


def compared(items: Sequence[PushItem]) -> Stretch | None:
    """Both ways come to the same."""
    found = together(items, REGISTRY)
    assert found == judged(items)
    return found


def relinked(envelopes: Sequence[Envelope]) -> list[PushItem]:
    """The same places in the journal, for other envelopes."""
    items, previous = [], decode_link(ITEMS[0].link).previous
    for item, envelope in zip(ITEMS, envelopes, strict=False):
        record = dsse.record_hash(envelope)
        link = decode_link(item.link)._replace(previous=previous, record=record)
        previous = link.hash()
        items.append(PushItem(link=link.encode(), statement=dsse.encode(envelope)))
    return items


def signed(body: bytes, *by: Signer, kind: str = STATEMENT_TYPE) -> Envelope:
    return dsse.sign(kind, body, by or (SHEN,))


def unsorted(envelope: Envelope) -> Envelope:
    return msgspec.structs.replace(envelope, signatures=envelope.signatures[::-1])


def unsigned(envelope: Envelope) -> Envelope:
    return msgspec.structs.replace(envelope, signatures=())


def named_for_another(envelope: Envelope) -> Envelope:
    (made,) = envelope.signatures
    other = Signature(LU.verifier.key_id, made.signature)
    return msgspec.structs.replace(envelope, signatures=(other,))


def forged(envelope: Envelope, which: int) -> Envelope:
    """One of its signatures is not over these bytes."""
    made = [*envelope.signatures]
    made[which] = Signature(made[which].key_id, bytes(64))
    return msgspec.structs.replace(envelope, signatures=tuple(made))


def twice(envelope: Envelope) -> Envelope:
    return msgspec.structs.replace(envelope, signatures=envelope.signatures * 2)


BODY = BODIES[1]
SHOWN = IdentityShown(
    **WORLD.said("22" * 32), step=Step.MEASURE, cards=[], to_whom="店长", place=Place(text="店堂")
)
MEASURE = statements.encode(SHOWN)
NAMING = next(one for one in RECORDS if statements.blobs_of(one.statement))
OTHERS = msgspec.structs.replace(NAMING.statement, agency="another", case="33" * 32)
OF_OTHERS = statements.encode(OTHERS)
WORDS_OF_THREE = BODY.replace(b'"v":1', b'"v":3')
AS_THEY_COME: dict[str, Callable[[], Envelope]] = {
    "as it is": lambda: signed(BODY),
    "two signatures": lambda: signed(BODY, SHEN, LU),
    "two in disorder": lambda: unsorted(signed(BODY, SHEN, LU)),
    "three, one of another suite": lambda: signed(BODY, SHEN, LU, SM2),
    "none": lambda: unsigned(signed(BODY)),
    "two, the first forged": lambda: forged(signed(BODY, SHEN, LU), 0),
    "two, the last forged": lambda: forged(signed(BODY, SHEN, LU), -1),
    "of another agency and case": lambda: signed(OF_OTHERS),
    "a stranger's": lambda: signed(BODY, STRANGER),
    "a stranger's beside": lambda: signed(BODY, SHEN, STRANGER),
    "in another's name": lambda: named_for_another(signed(BODY)),
    "a type that nobody knows": lambda: signed(BODY, kind="application/x-later"),
    "white space": lambda: signed(BODY.replace(b'":', b'" :', 1)),
    "a name twice": lambda: signed(BODY[:-1] + b',"v":1}'),
    "a name more": lambda: signed(BODY[:-1] + b',"light":"day"}'),
    "a kind that nobody knows": lambda: signed(BODY.replace(b'"kind":"', b'"kind":"x', 1)),
    "a later edition": lambda: signed(BODY.replace(b'"v":1', b'"v":9')),
    "an edition more than its words need": lambda: signed(WORDS_OF_THREE),
    "escapes": lambda: signed(BODY.replace(b"a", b"\\u0061", 1)),
    "no statement": lambda: signed(b"{}"),
    "no text": lambda: signed(b"\xff" + BODY),
    "one signature twice": lambda: twice(signed(BODY)),
    "a word of a later edition than it names": lambda: signed(MEASURE.replace(b'"v":2', b'"v":1')),
    "the same of the edition that it names": lambda: signed(MEASURE),
    "a word of who is who": lambda: signed(WORLD.registrations[-1].envelope.body),
    "an agency's own word": lambda: WORLD.registrations[0].envelope,
}


def test_an_inspection_is_a_stretch() -> None:
    """Of all kinds that it has, with their blobs, cases and words."""
    found = compared(ITEMS)
    assert found is not None
    assert found.cases
    assert found.blobs
    assert len(found.kinds) == 8


@pytest.mark.parametrize("way", AS_THEY_COME)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_is_out_of_the_ordinary(way: str, place: int) -> None:
    """First, in the middle or last, whoever signed it."""
    envelopes = [signed(body) for body in BODIES[:3]]
    envelopes[place] = AS_THEY_COME[way]()
    compared(relinked(envelopes))


def test_which_of_them_are_ordinary() -> None:
    """The others are judged one by one."""
    taken = {
        way
        for way, make in AS_THEY_COME.items()
        if compared(relinked([signed(BODIES[0]), make()])) is not None
    }
    assert taken == {
        "as it is",
        "two signatures",
        "of another agency and case",
        "two in disorder",
        "three, one of another suite",
        "an edition more than its words need",
        "the same of the edition that it names",
        "white space",
        "escapes",
        "a name more",
    }


def test_a_kind_that_this_program_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As programs of before do not."""
    monkeypatch.delitem(statements.READERS, "identity_shown")
    assert compared(ITEMS) is None


def test_an_envelope_in_a_longer_form() -> None:
    """One envelope is one string."""
    short = ITEMS[1].statement or b""
    long = short.replace(b"\xc4\x40", b"\xc5\x00\x40", 1)
    assert msgspec.msgpack.decode(long, type=Envelope) == dsse.decode(short)
    assert compared([ITEMS[0], msgspec.structs.replace(ITEMS[1], statement=long)]) is None


def test_a_name_for_a_key_is_not_a_key() -> None:
    """A list that has the wrong key under a name."""
    wrong = Registry(version=7, keys={LU.verifier.key_id: SHEN.verifier})
    items = relinked([named_for_another(signed(BODY))])
    assert together(items, wrong) is None
    (one,) = [verify(item, wrong) for item in items]
    assert isinstance(one, Checked)
    assert one.reasons


def test_a_suite_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside one that is, it counts for nobody and refuses nothing: said of each, not of many."""
    items = relinked([signed(BODIES[0]), signed(BODY, SHEN, SM2)])
    lacking = Suite(keys.SUITES[keys.SM2].expect_key, _lacking, lambda: False)
    monkeypatch.setattr(keys, "SUITES", {**keys.SUITES, keys.SM2: lacking})
    assert together(items, REGISTRY) is None
    assert judged(items) is not None


def _lacking(key: bytes, data: bytes, signature: bytes) -> bool:
    raise Uncheckable("expected OpenSSL with SM2, got none; install fujie[sm]")


def test_what_is_absent_or_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """No items, no statement, one that many links name, more than a row may have."""
    assert compared([]) is None
    assert compared([ITEMS[0], msgspec.structs.replace(ITEMS[1], statement=None)]) is None
    assert compared([ITEMS[0], msgspec.structs.replace(ITEMS[1], statement=b"")]) is None
    size = sum(len(one.statement or b"") for one in ITEMS)
    for most in (size, size - 1):
        monkeypatch.setattr(stretch, "MOST_BYTES", most)
        monkeypatch.setattr(records, "MOST_BYTES", most)
        assert (compared(ITEMS) is None) == (most < size)


def test_links_that_do_not_follow() -> None:
    """A gap, one twice, the same place, another predecessor, another journal, another record."""
    first, second, third = ITEMS[:3]
    link = decode_link(second.link)
    for other in (
        third,
        first,
        _linked(second, link._replace(sequence=5)),
        _linked(second, link._replace(previous=b"\1" * 32)),
        _linked(second, link._replace(journal=bytes(16))),
        _linked(second, link._replace(record=b"\1" * 32)),
        msgspec.structs.replace(second, link=second.link[:-1]),
    ):
        assert compared([first, other]) is None


def _linked(item: PushItem, link: Link) -> PushItem:
    return msgspec.structs.replace(item, link=link.encode())


def test_a_program_of_later_reads_the_same() -> None:
    """Two editions on, with a kind more and words more."""
    with later():
        assert compared(ITEMS) is not None
        for make in AS_THEY_COME.values():
            compared(relinked([signed(BODIES[0]), make(), signed(BODIES[2])]))


@settings(max_examples=300)
@given(st.data())
def test_any_byte_that_is_altered(data: st.DataObject) -> None:
    """Of a link or a statement, on its way: another byte, one less, one more. What a last link says
    is told by its own hash, in the device's inventory; so that is not the one."""
    items = ITEMS[:4]
    place = data.draw(st.integers(0, len(items) - 2))
    name = data.draw(st.sampled_from(["link", "statement"]))
    old = getattr(items[place], name)
    at = data.draw(st.integers(0, len(old) - 1))
    new = data.draw(
        st.one_of(
            st.integers(0, 255).map(lambda byte: old[:at] + bytes([byte]) + old[at + 1 :]),
            st.just(old[:at] + old[at + 1 :]),
            st.binary(min_size=1, max_size=3).map(lambda more: old[:at] + more + old[at:]),
            st.just(old[:at]),
        )
    )
    items[place] = msgspec.structs.replace(items[place], **{name: new})
    found = compared(items)
    assert (found is not None) == (new == old)
    event("altered" if new != old else "as it was")


SIGNS = [bytes([one]) for one in b'"{}[],: \\0-\xe4\n']
PARTS = [b'"v":9,', b'"v":2,', b'"kind":"x",', b'"light":[[{}]],', b'"case":null,']


@settings(max_examples=300)
@given(st.data())
def test_any_byte_that_is_altered_before_it_is_signed(data: st.DataObject) -> None:
    """What an officer's key signed, and a link names, however it is written."""
    old = data.draw(st.sampled_from(BODIES))
    at = data.draw(st.integers(0, len(old) - 1))
    part = data.draw(st.sampled_from([*SIGNS, *PARTS]))
    until = data.draw(st.integers(at, min(at + 2, len(old))))
    body = old[:at] + part + old[until:]
    found = compared(relinked([signed(BODIES[0]), signed(body), signed(BODIES[2])]))
    event("read" if found else "not read")
