"""What a template is tried with: texts in which each of its fields stands at least once. Pure.

    samples(template)      [pieces of a full form, of a bare one, of each choice that shows others]

A form's fields apply or not by what is answered and known (``when``). The samples are worlds in
which that differs: all is known; nothing that may be unknown is; one world for each value that a
condition compares with, and one for none of them. Where a fixed text names what a world does not
have, ``Unknown`` says so: on a tablet the document could not be issued.

>>> of_type("date"), of_type("number")
('2026年11月18日', '12')
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from protocol.cutting import Piece
from protocol.errors import Refused
from protocol.forms import FieldSpec, Template, holds
from protocol.printed import CELL_END, LINE_IN_CELL, PLACE, ROW_END, named_in

FACTS = frozenset(
    """
    agency.name agency.government agency.court agency.bank agency.hotline agency.address
    party.name party.id_code party.legal_rep party.address party.phone party.you
    item.name item.basis item.cause item.violated item.penalty_basis
    officers.names officers.lines place.text now today number
    """.split()
)
"""What is known of every case, or at least has a place in every document."""

_WORDS = {
    "text": "样张文字",
    "multiline": "样张文字第一段。\n第二段。",
    "money": "500元（大写：伍佰元整）",
    "number": "12",
    "date": "2026年11月18日",
    "datetime": "2026年11月18日9时12分",
    "names": "甲、乙",
}


class Unknown(Refused):
    """A fixed text that names what nobody knows."""


@dataclass(frozen=True)
class World:
    """What is answered and known: everything, or, ``bare``, only what always is; ``told`` are
    values that a condition asks for."""

    bare: bool = False
    told: dict[str, str] = field(default_factory=dict)


def samples(template: Template) -> list[list[Piece]]:
    """The texts, a full one first. Raises Unknown."""
    return [_text(template, world) for world in worlds(template)]


def worlds(template: Template) -> list[World]:
    """A full one, a bare one, one for each value of a condition, and one for other values."""
    wanted: dict[str, list[str]] = {}
    for one in template.fields:
        name, mark, value = _compared(one.when)
        if mark:
            wanted.setdefault(name, []).append(value)
    first = {name: "、".join(dict.fromkeys(values)) for name, values in wanted.items()}
    others = [
        World(told=first | {name: value})
        for name, values in wanted.items()
        for value in dict.fromkeys(values)
    ]
    if wanted:  # and none of the values
        others.append(World(told=dict.fromkeys(wanted, _WORDS["text"])))
    return [World(told=first), World(bare=True), *others]


def of_type(kind: str) -> str:
    """A sample answer of a field's type."""
    return _WORDS.get(kind, _WORDS["text"])


def _compared(when: str) -> tuple[str, str, str]:
    plain = when.removeprefix("!")
    for mark in "=~":
        name, found, value = plain.partition(mark)
        if found:
            return name, mark, value
    return plain, "", ""


def _text(template: Template, world: World) -> list[Piece]:
    asked = {one.name: one for one in template.fields if one.type != "fixed"}

    def known(name: str) -> bool:
        if name in world.told or name in FACTS:
            return True
        return asked[name].required if world.bare and name in asked else not world.bare

    def said(name: str) -> str:
        if name in world.told:
            return world.told[name]
        return _answer(asked[name]) if name in asked and known(name) else ""

    shown = [one for one in template.fields if holds(one.when, said, known)]
    by_name = {one.name: one for one in shown if one.type != "fixed"}
    placed = {name for one in shown for name in named_in(one)}
    names = {one.name for one in template.fields}
    made: list[Piece] = []
    for one in shown:
        if one.type == "fixed":
            made += _fixed(names, one, by_name)
        elif one.name not in placed and (one.required or not world.bare):
            made.append(Piece(one.name, said(one.name)))
    return made + list(_notice(template))


def _fixed(names: set[str], one: FieldSpec, by_name: dict[str, FieldSpec]) -> list[Piece]:
    made = []
    for place, part in enumerate(PLACE.split(one.text)):
        if place % 2 == 0:
            made.append(Piece(f"{one.name}#{place}", part))
        elif part in by_name:
            made.append(Piece(part, _answer(by_name[part])))
        elif part in FACTS or (part == one.when.removeprefix("!") and part not in names):
            made.append(Piece(f"{one.name}#{place}", _WORDS["text"]))
        else:
            raise Unknown(
                "the fixed text of {field} names {name}, which is not always known there; name a "
                "field that applies whenever this one does, or give both the same condition",
                field=one.name,
                name=part,
            )
    return [piece for piece in made if piece.text]


def _answer(one: FieldSpec) -> str:
    if one.type == "table":
        line = CELL_END.join(_answer(column).replace("\n", LINE_IN_CELL) for column in one.columns)
        return ROW_END.join([line, line])
    if one.type == "choice" and one.choices:
        return one.choices[0]
    return of_type(one.type)[: one.max_length]


def _notice(template: Template) -> Iterator[Piece]:
    for n, block in enumerate(template.notice):
        parts = (block.heading, block.text, block.clause, block.plain)
        yield from (Piece(f"notice#{4 * n + m}", part) for m, part in enumerate(parts))
