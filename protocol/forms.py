"""The forms of documents: which fields there are, what each asks for, and the words beside them.

    Template                 one document or notice: its form, its fixed words, how it is printed
      fields: FieldSpec      one field; the columns of a table are fields too
      notice: NoticeText     what a rights notice says, printed block by block
      plain: NoticeText      what a legal passage of another document means, shown beside it

A form is data that the agency signs (``reference.py``). One that a later program wrote is kept as
it came and not used by a program that cannot fill it in.

>>> FieldSpec(name="fine", label_zh="罚款", label_en="Fine", type="money").required
True
"""

import re
from collections.abc import Callable
from typing import Annotated, Literal, get_args

import msgspec

from protocol.statements import Long, Short
from protocol.vocabulary import DocumentKind, Ground, PartyClass

__all__ = [
    "FIELD_TYPES",
    "FORM_EDITION",
    "Cut",
    "FieldSpec",
    "FieldType",
    "NoticeText",
    "Template",
    "holds",
]

FieldType = Literal[
    "text",
    "multiline",
    "choice",
    "money",
    "number",
    "date",
    "datetime",
    "names",
    "table",
    "party_acts",
    "fixed",
]
FIELD_TYPES = frozenset(get_args(FieldType))
"""The types of fields that this program can fill in and print."""

FORM_EDITION = 2
"""The edition of the language of forms that this program reads. 1: the first. 2: tables, lists of
names, several sources of a first answer (``a|b``), ``when`` with ``~``."""

FINISHED = "finished"
Cut = Literal["whole", "sentences", "name", "address"]
_TEST = re.compile("([=~])")
Source = Annotated[str, msgspec.Meta(max_length=200_000)]


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a form.

    ``type`` is one of ``FIELD_TYPES``; one that a later program invented is kept as it came, and
    the form it stands in is not used here (``Template.readable``).
    ``carried_from`` names where its first answer comes from (``party.name``, ``item.cause``,
    ``doc.prior_notice.facts``; ``a|b``: the first that is known), so that nobody types anything
    twice; ``finished`` is the time at which the text is fixed, unless somebody typed one before.
    ``choices`` are the answers that can be chosen, as they are kept and printed;
    ``choices_en`` what an officer who reads English is shown for each (``offered``);
    ``denies_hearing`` those of them that deny the party a right to a hearing (HR-1).
    ``columns`` are the fields of a table's rows. ``cut`` says how its text is committed to
    (``cutting.py``). ``ground`` says why it is never published, for parties of the classes
    ``ground_for`` (all when empty). ``when`` names the answer or fact without which the field
    is left out of form and print (``!name``: with which; ``name=value``: with another value;
    ``name~value``: without that in it).
    ``text`` of a fixed field holds ``{places}`` for answers and facts; an answer that a fixed
    text names is printed there. ``text`` of another field is its first answer.
    """

    name: Short
    label_zh: Short
    label_en: Short
    type: Short
    required: bool = True
    help_zh: Short = ""
    help_en: Short = ""
    phrases: list[Short] = []
    choices: list[Short] = []
    choices_en: list[Short] = []
    denies_hearing: list[Short] = []
    columns: list["FieldSpec"] = []
    carried_from: Short = ""
    text: Long = ""
    when: Short = ""
    max_length: int = 4000
    cut: Cut = "whole"
    ground: Ground | None = None
    ground_for: list[PartyClass] = []

    @property
    def at_end(self) -> bool:
        """Whether its answer is the time at which the text is fixed, and need not be typed. A form
        from before there was ``finished`` began its end with ``now``, the time it was opened at.

        >>> end = FieldSpec(name="ended_at", label_zh="结束时间", label_en="Ended at",
        ...     type="datetime", carried_from="now")
        >>> end.at_end, msgspec.structs.replace(end, name="began_at").at_end
        (True, False)
        """
        older = self.name == "ended_at" and self.carried_from == "now"
        return older or self.carried_from == FINISHED

    @property
    def offered(self) -> list[tuple[str, str]]:
        """Each choice as it is kept and printed, and its English name. A form that does not name
        them one for one, such as one from before there were names, shows what it prints.

        >>> FieldSpec(name="sex", label_zh="性别", label_en="Sex", type="choice",
        ...     choices=["男", "女"], choices_en=["Male", "Female"]).offered
        [('男', 'Male'), ('女', 'Female')]
        """
        names = self.choices_en if len(self.choices_en) == len(self.choices) else self.choices
        return list(zip(self.choices, names, strict=True))


class NoticeText(msgspec.Struct, frozen=True, kw_only=True):
    """One block of a text that is read out to the party: what the clause says, and the same in
    plain words."""

    heading: Short
    text: Long
    clause: Short
    plain: Long = ""
    kind: Literal["right", "duty"] = "right"
    heading_en: Short = ""
    text_en: Long = ""
    clause_en: Short = ""
    plain_en: Long = ""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A document or notice: its form, its fixed words and the Typst source that prints it.

    ``notice`` is part of the text and is printed; ``plain`` is shown beside the form and to the
    party and is no part of it. ``edition`` is the least ``FORM_EDITION`` that a reader must have.
    """

    id: Short
    version: int
    document: DocumentKind
    title: Short
    source: Source
    fields: list[FieldSpec] = []
    notice: list[NoticeText] = []
    plain: list[NoticeText] = []
    edition: int = 1

    @property
    def blocks(self) -> list[NoticeText]:
        """What is explained to the party in plain words, printed or not."""
        return [*self.notice, *self.plain]

    @property
    def readable(self) -> bool:
        """Whether this program can fill in and print the form."""
        asked = [column for field in self.fields for column in (field, *field.columns)]
        return self.edition <= FORM_EDITION and all(one.type in FIELD_TYPES for one in asked)


def holds(when: str, said: Callable[[str], str], known: Callable[[str], bool]) -> bool:
    """Whether a field applies: ``said`` gives an answer's or a fact's text, ``known`` whether there
    is one.

    >>> holds("!seal", str, bool), holds("penalty~罚款", lambda _: "警告、罚款", bool)
    (False, True)
    """
    if not when:
        return True
    name, *test = _TEST.split(when.removeprefix("!"), maxsplit=1)
    if not test:
        return known(name) != when.startswith("!")
    how, value = test
    found = value in said(name) if how == "~" else said(name) == value
    return found != when.startswith("!")
