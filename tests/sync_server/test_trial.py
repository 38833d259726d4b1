"""A template is tried before it goes out: what a tablet could not print is named by its line."""

from __future__ import annotations

import io
import json
import zipfile

import msgspec
import pytest

from protocol.forms import FieldSpec, Template
from sync_server.catalogue import load_catalogue
from sync_server.documents.samples import Unknown, samples
from sync_server.documents.trial import BadTemplate, trial
from sync_server.office import templates
from sync_server.office.templates import BadForm
from sync_server.people import packages
from sync_server.people.packages import FORM, PRINT, BadPackage

ALL = load_catalogue()[0]
SPOT = next(one for one in ALL if one.id == "spot_decision")
LAST = len(SPOT.source.splitlines())


def with_source(added: str) -> Template:
    return msgspec.structs.replace(SPOT, source=f"{SPOT.source}\n{added}")


def with_field(**fields: object) -> Template:
    named = FieldSpec(name="more", label_zh="更多", label_en="More", type="text")
    more = msgspec.structs.replace(named, **fields)
    return msgspec.structs.replace(SPOT, fields=[*SPOT.fields, more])


def test_the_sample_of_a_template_is_a_pdf_and_has_each_of_its_fields() -> None:
    """In one world or another: a form's fields never apply all at once."""
    assert trial(SPOT).startswith(b"%PDF")
    for one in ALL:
        texts = samples(one)
        shown = {piece.name.partition("#")[0] for text in texts for piece in text}
        assert {field.name for field in one.fields} <= shown, one.id


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("#nothing-of-this-name", "unknown variable"),
        ("🧿", "🧿"),
        ('#image("x.png", alt: "x")', "file not found;"),
        ('#import "x.typ": *', "import"),
        ("#if true {", "unclosed delimiter"),
        ("#let f(n) = f(n + 1)\n#f(1)", "maximum function call depth"),
    ],
)
def test_what_a_tablet_could_not_print_is_named_by_its_line(source: str, said: str) -> None:
    with pytest.raises(BadTemplate, match=said) as refused:
        trial(with_source(source))
    assert refused.value.facts["line"] in (LAST + 1, LAST + 2)


def test_what_never_ends_is_stopped() -> None:
    endless = "#for i in range(9999) { for j in range(9999) { for k in range(9999) { } } }"
    with pytest.raises(BadTemplate, match="never ends"):
        trial(with_source(endless), limit_s=0.3)


def test_what_takes_all_memory_is_stopped() -> None:
    with pytest.raises(BadTemplate, match="want of memory"):
        trial(with_source('#let s = "a" * 3000000000'))


def test_conditions_on_very_many_values_are_not_tried() -> None:
    more = [
        FieldSpec(name="a", label_zh="甲", label_en="A", type="text", when=f"outcome={at}")
        for at in range(50)
    ]
    with pytest.raises(BadTemplate, match="more than 40"):
        trial(msgspec.structs.replace(SPOT, fields=[*SPOT.fields, *more]))


@pytest.mark.parametrize(
    ("call", "said"), [("#signatures()", "signatures"), ("#mark()", "code to verify")]
)
def test_a_document_without_hands_or_code_is_refused(call: str, said: str) -> None:
    """Nothing that is committed to lacks, and a party would sign nowhere."""
    bare = msgspec.structs.replace(SPOT, source=SPOT.source.replace(call, ""))
    with pytest.raises(BadTemplate, match=said):
        trial(bare)


def test_a_field_that_is_not_printed_is_refused() -> None:
    with pytest.raises(BadTemplate, match="the text more is not printed"):
        trial(with_field())


def test_a_fixed_text_that_names_what_nobody_knows_is_refused() -> None:
    with pytest.raises(Unknown, match="weather"):
        trial(with_field(type="fixed", text="天气{weather}"))


@pytest.mark.parametrize(
    "wrong",
    [
        with_field(type="hologram"),
        with_field(name="fine"),
        with_field(name="Fine!"),
        with_field(label_en=""),
        with_field(type="fixed"),
        with_field(type="choice"),
        with_field(type="choice", choices=["甲", " "]),
        with_field(type="choice", choices=["甲", "乙"], choices_en=["A"]),
        with_field(type="choice", choices=["甲", "乙"], choices_en=["A", " "]),
        with_field(type="choice", choices=["甲", "乙"], choices_en=["A", "A"]),
        with_field(type="choice", choices=["甲", "乙"], denies_hearing=["丙"]),
        with_field(type="text", carried_from="finished"),
        with_field(max_length=0),
        with_field(when="no_such_field=甲"),
        with_field(type="table"),
        msgspec.structs.replace(SPOT, title=" "),
        msgspec.structs.replace(SPOT, id="another"),
    ],
)
def test_a_form_that_nobody_could_fill_in_is_refused(wrong: Template) -> None:
    with pytest.raises(BadForm):
        templates.expect_sound(wrong, ALL)


def packed(form: object, source: str = SPOT.source, *more: str) -> bytes:
    """A package of this form."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(FORM, form if isinstance(form, str) else json.dumps(form))
        made.writestr(PRINT, source)
        for name in more:
            made.writestr(name, "x")
    return out.getvalue()


def test_a_package_is_read_as_it_was_written_and_its_version_is_not_believed() -> None:
    for one in ALL:
        again = packages.read(packages.write(one))
        assert again == msgspec.structs.replace(one, version=1)
        templates.expect_sound(again, ALL)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"no zip", "expected a package", id="no zip"),
        # A name of its own: by its bytes, in which the time stands, workers called it differently.
        pytest.param(packed({})[:60], "expected a package", id="half a zip"),
        (packed({}, "", "../../etc/passwd"), "nothing else"),
        (packed("{\n\n,}"), "line 3"),
        (packed("[]"), "one object"),
        (packed({"id": "x"}), "document"),
        (packed({"id": "x", "colour": "red"}), "colour"),
        (packed({"fields": [{"name": "a", "lable_zh": "甲"}]}), r"fields\[0\].lable_zh"),
        (packed({"title": "\ud800"}), "UTF-8"),
        (packed({"\ud800": ""}), "UTF-8"),
        (packed({}, "甲" * 600_000), "at most"),
    ],
)
def test_a_file_that_is_no_package_is_told_what_it_lacks(data: bytes, said: str) -> None:
    with pytest.raises(BadPackage, match=said):
        packages.read(data)
