"""Any statement that can be made can be read again, and what is not known of it harms nothing."""

import json
import types
import typing

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import envelope, statements
from protocol.blobnames import blobs_in, blobs_wanted
from protocol.errors import Malformed
from protocol.keys import Ed25519Signer
from protocol.statements import BlobRef, Statement, Unknown
from protocol.vocabulary import Term

SIGNER = Ed25519Signer(bytes(32))
KINDS = {str(kind.__struct_config__.tag): kind for kind in statements.KINDS}

# ── any value of a field's type, within its bounds ───────────────────────────────────────

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
PATTERNS = {
    r"^[0-9a-f]{64}\Z": st.binary(min_size=32, max_size=32).map(bytes.hex),
    r"^[0-9a-f]{32}\Z": st.binary(min_size=16, max_size=16).map(bytes.hex),
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z": st.dates().map(str),
    r"^(typed|chosen|gps)\Z": st.sampled_from(["typed", "chosen", "gps"]),
}


def of_type(hint: object) -> st.SearchStrategy[object]:
    """Values of a type as a Struct declares it."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return of_bounded(arguments[0], arguments[1])
    if origin in (typing.Union, types.UnionType):
        return st.one_of([of_type(one) for one in arguments])
    if origin is list:
        return st.lists(of_type(arguments[0]), max_size=3)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return of_struct(hint)
    if isinstance(hint, type) and issubclass(hint, Term):
        return st.sampled_from(list(hint))
    return {
        bool: st.booleans(),
        bytes: st.binary(max_size=40),
        type(None): st.none(),
        msgspec.UnsetType: st.just(msgspec.UNSET),
    }[typing.cast("type", hint)]


def of_bounded(hint: type, bound: msgspec.Meta) -> st.SearchStrategy[object]:
    if bound.pattern is not None:
        return PATTERNS[bound.pattern]
    if hint is str:
        return TEXT
    if typing.get_origin(hint) is list:
        return of_type(hint)
    low, high = bound.ge or 0, bound.le
    if hint is int:
        return st.integers(int(low), int(high or 0))
    return st.floats(float(low), float(high or 0), allow_nan=False)


def of_struct(kind: type[msgspec.Struct]) -> st.SearchStrategy[msgspec.Struct]:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = {name: of_type(hints[name]) for name in kind.__struct_fields__ if name != "v"}
    return st.builds(kind, **fields)


ANY = {tag: of_struct(kind) for tag, kind in KINDS.items()}
of_any_kind = st.sampled_from(sorted(KINDS)).flatmap(ANY.__getitem__)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_made_from_its_types(kind: str) -> None:
    """The strategies cover what they say: no kind is left out of the properties below."""

    @settings(max_examples=5)
    @given(ANY[kind])
    def made(statement: msgspec.Struct) -> None:
        assert isinstance(statement, KINDS[kind])

    made()


# ── properties ───────────────────────────────────────────────────────────────────────────


@given(of_any_kind)
def test_any_statement_is_read_as_it_was_made(statement: Statement) -> None:
    """With the least ``v`` that has its words, and the same bytes when it is written again."""
    body = statements.encode(statement)
    read = statements.decode(body)
    assert isinstance(read, Statement)
    assert msgspec.structs.replace(read, v=1) == statement
    assert read.v == statements.edition_of(statement)
    assert statements.encode(read) == body


names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).map("x_".__add__)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 53), 1 << 53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
extra = st.dictionaries(names, values, min_size=1, max_size=4)


def with_more(value: object, more: dict[str, object]) -> object:
    """The same value with names that nobody knows, in every object."""
    if isinstance(value, dict):
        return {name: with_more(one, more) for name, one in value.items()} | more
    if isinstance(value, list):
        return [with_more(one, more) for one in value]
    return value


@given(of_any_kind)
def test_a_body_in_anothers_hand_says_the_same(statement: Statement) -> None:
    body = statements.encode(statement)
    spaced = json.dumps(json.loads(body), indent=2, ensure_ascii=False).encode()
    turned = json.dumps(dict(reversed(json.loads(body).items()))).encode()
    read = statements.decode(body)
    assert statements.decode(spaced) == statements.decode(turned) == read


@given(of_any_kind)
def test_a_name_that_stands_twice_is_refused_in_any_place(statement: Statement) -> None:
    body = statements.encode(statement)
    twice = body[:-1] + b',"salt":"%b"}' % statement.salt.encode()
    with pytest.raises(Malformed, match="twice"):
        statements.decode(twice)


@given(of_any_kind, extra, st.booleans())
def test_names_that_nobody_knows_change_nothing_and_stay(
    statement: Statement, more: dict[str, object], deep: bool
) -> None:
    """Read as the same statement; the envelope carries them to the byte, in both forms."""
    plain = statements.encode(statement)
    known = json.loads(plain)
    wider = with_more(known, more) if deep else known | more
    body = json.dumps(wider, ensure_ascii=False).encode()
    assert statements.decode(body) == statements.decode(plain)
    made = envelope.sign(envelope.STATEMENT_TYPE, body, [SIGNER])
    again = envelope.decode_json(envelope.encode_json(envelope.decode(envelope.encode(made))))
    assert again.body == body
    assert envelope.record_hash(again) == envelope.record_hash(made)


@given(of_any_kind)
def test_an_old_reader_finds_the_same_blobs_as_a_new_one(statement: Statement) -> None:
    """A kind that is not known names its blobs like all others."""
    body = statements.encode(statement)
    future = json.dumps(json.loads(body) | {"kind": "never_a_kind"}).encode()
    unknown = statements.decode(future)
    assert isinstance(unknown, Unknown)
    found = {one.sha256: one for one in blobs_wanted(unknown, future)}
    assert found == {one.sha256: one for one in statements.blobs_of(statement)}


@given(values)
def test_only_whole_references_name_a_blob(value: object) -> None:
    """A hash that is too short, or a name too many, names nothing."""
    reference = {"sha256": "ab" * 32, "size": 1, "media_type": "image/png"}
    for wrong in (
        reference | {"sha256": "ab" * 31},
        reference | {"size": -1},
        reference | {"more": 1},
    ):
        assert blobs_in(json.dumps({"kind": "k", "a": [wrong, value]}).encode()) == []
    found = blobs_in(json.dumps({"kind": "k", "a": [reference, value]}).encode())
    assert found == [msgspec.convert(reference, BlobRef)]


@pytest.mark.parametrize("number", ["1e999999", "-1e999999", "9" * 5000, "1" + "0" * 400 + ".5"])
def test_a_number_beyond_all_bounds_hides_no_blob(number: str) -> None:
    """In a name that nobody knows it is passed over, as all else there is."""
    reference = json.dumps({"sha256": "ab" * 32, "size": 1, "media_type": "image/png"})
    head = f'"agency":"a","at":1,"salt":"{"ab" * 16}"'
    body = f'{{"kind":"never_a_kind",{head},"far":{number},"seen":{reference}}}'.encode()
    unknown = statements.decode(body)
    assert [one.sha256 for one in blobs_wanted(unknown, body)] == ["ab" * 32]


def test_how_deep_a_body_is_read_does_not_depend_on_who_reads_it() -> None:
    """A hundred levels, whatever stands in texts; on a deep stack as on a shallow one."""
    head = f'"kind":"never_a_kind","agency":"a","at":1,"salt":"{"ab" * 16}"'

    def body(levels: int) -> bytes:
        inner = "[" * (levels - 1) + json.dumps('[{"\\' * 200) + "]" * (levels - 1)
        return f'{{{head},"deep":{inner},"wide":{[[]] * 300}}}'.encode()

    def below(levels: int, stack: int) -> object:
        if stack:
            return below(levels, stack - 1)
        try:
            return blobs_wanted(statements.decode(body(levels)), body(levels))
        except Malformed:
            return "malformed"

    for stack in (0, 400):
        assert below(100, stack) == []
        assert below(101, stack) == below(950, stack) == "malformed"


@given(of_any_kind, st.integers(1, 3))
def test_what_a_later_edition_writes_is_unknown_whatever_it_says(
    statement: Statement, ahead: int
) -> None:
    later = json.loads(statements.encode(statement)) | {"v": statements.EDITION + ahead}
    read = statements.decode(json.dumps(later).encode())
    assert isinstance(read, Unknown)
    assert (read.kind, read.case) == (statements.kind_of(statement), statement.case)
