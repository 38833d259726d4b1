"""A document's form as an agency may change it. Pure.

    expect_sound(template)                       raises BadForm, which names the field
    replaced(templates, template, version)       the templates with this one in its document's place

Each kind of document has one template, whose id stays: what was printed with a former version says
so by id and version, and the version only grows. What the trial cannot see is looked at here: that
each field can be filled in, in both languages, and that conditions are about something.

>>> replaced([], FORM, 3)[0].version
3
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from protocol.errors import Refused
from protocol.forms import FieldSpec, Template
from protocol.vocabulary import DocumentKind

MAX_FIELDS = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_CONDITION = re.compile(r"!?([^=~]*)")
OF_THE_CASE = frozenset(
    "evidence now number opened_at preserve_until seal seal_until site_manager today".split()
)
"""What conditions may be about besides the form's own fields and facts such as ``party.name``."""
FORM = Template(id="x", version=1, document=DocumentKind.SPOT_DECISION, title="x", source="")


class BadForm(Refused):
    """A form that nobody could fill in."""


def expect_sound(template: Template, known: Iterable[Template]) -> None:
    """Raises BadForm. ``known`` are the templates that stand."""
    standing = next((one for one in known if one.document == template.document), None)
    if standing is not None and standing.id != template.id:
        raise BadForm(
            "the template of this document is called {id}, got {got}; give it the same id",
            id=standing.id,
            got=template.id[:80],
        )
    if not template.readable:
        raise BadForm(
            "a field is of a type, or the form of an edition, that the tablets do not know; use "
            "the types of the other templates"
        )
    if not template.title.strip() or not template.fields:
        raise BadForm("expected a title and fields, got none; a document has both")
    if len(template.fields) > MAX_FIELDS:
        raise BadForm("expected at most {most} fields, got more; join some", most=MAX_FIELDS)
    _expect_fields(template.fields)
    asked = {one.name for one in template.fields} | OF_THE_CASE
    for one in template.fields:
        if one.type == "table":
            _expect_table(one)
        about = _CONDITION.match(one.when)
        name = about[1] if about else ""
        if one.when and "." not in name and name not in asked:
            raise BadForm(
                "the field {field} depends on {name}, which is no field of this form; correct it",
                field=one.name,
                name=name[:80],
            )
    words = [(block.heading, block.text, block.clause) for block in template.blocks]
    if not all(text.strip() for block in words for text in block):
        raise BadForm("a block of the notice lacks its heading, its text or its clause; add it")


def replaced(templates: Sequence[Template], template: Template, version: int) -> list[Template]:
    """The agency's templates with this one, of this version, in the place of its document's."""
    made = msgspec.structs.replace(template, version=version)
    found = [one.document for one in templates]
    if template.document not in found:
        return [*templates, made]
    return [made if one.document == template.document else one for one in templates]


def _expect_fields(fields: Sequence[FieldSpec]) -> None:
    seen: set[str] = set()
    for one in fields:
        if not _NAME.fullmatch(one.name):
            raise BadForm(
                "expected a field's name of small letters and digits, got {field}; correct it",
                field=one.name[:80],
            )
        if one.name in seen:
            raise BadForm("the field {field} stands twice; remove one", field=one.name)
        seen.add(one.name)
        if not one.label_zh.strip() or not one.label_en.strip():
            raise BadForm(
                "the field {field} lacks its label in one of the two languages; add it",
                field=one.name,
            )
        if one.type == "fixed" and not one.text.strip():
            raise BadForm("the fixed text {field} is empty; write it", field=one.name)
        if one.max_length < 1:
            raise BadForm(
                "the field {field} leaves no room for an answer; correct its max_length",
                field=one.name,
            )
        if one.type == "choice" and not all(text.strip() for text in one.choices or [""]):
            raise BadForm("the field {field} leaves nothing to choose; add choices", field=one.name)
        _expect_names_of_choices(one)
        if one.at_end and one.type not in ("date", "datetime"):
            raise BadForm(
                "the field {field} is answered by the time at which the text is fixed; make it a "
                "datetime",
                field=one.name,
            )
        if not set(one.denies_hearing) <= set(one.choices):
            raise BadForm(
                "the field {field} names in denies_hearing what is none of its choices; correct it",
                field=one.name,
            )


def _expect_names_of_choices(one: FieldSpec) -> None:
    """With two choices of one name, or a name too few, an officer chooses what he does not mean."""
    names = {name.strip() for name in one.choices_en} - {""}
    if one.choices_en and not len(names) == len(one.choices_en) == len(one.choices):
        raise BadForm(
            "the field {field} has {choices} choices; give each an English name of its own in "
            "choices_en, or none",
            field=one.name,
            choices=len(one.choices),
        )


def _expect_table(one: FieldSpec) -> None:
    if not one.columns:
        raise BadForm("the table {field} has no columns; add them", field=one.name)
    _expect_fields(one.columns)
    if any(column.type in ("table", "fixed", "party_acts") for column in one.columns):
        raise BadForm(
            "a column of the table {field} is of a type that no cell can hold; use text",
            field=one.name,
        )
