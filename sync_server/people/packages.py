"""A document template as a package that people hand on: its form as JSON, its print as Typst.

    spot_decision.zip
        template.json       the form: id, document, title, fields, notice (``protocol/forms.py``)
        template.typ        how it is printed, whole; it begins with what all documents share

    read(data) → Template       raises BadPackage, which names the file and the line or the place
    write(template) → bytes     the same package for the same template

Who changes one takes the package that stands, edits it, and sends it back. The version is the
office's to give; what the file says of it is not believed.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Any

import msgspec

from protocol.errors import Refused
from protocol.forms import FieldSpec, NoticeText, Template
from sync_server.people.unpacking import TooBig, unpacked

FORM, PRINT = "template.json", "template.typ"
MAX_BYTES = 1 << 20
MAX_PARTS = 1_600_000
"""Bytes of both files."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BadPackage(Refused):
    """A file that is no package of a template."""


def read(data: bytes) -> Template:
    """The template of a package, with version 1. Raises BadPackage."""
    parts = _parts(data)
    source = _text(PRINT, parts[PRINT])
    form = _form(_text(FORM, parts[FORM]))
    try:
        return msgspec.convert(form | {"source": source, "version": 1}, Template)
    except msgspec.ValidationError as fault:
        raise BadPackage(
            "{file}: {fault}; correct it and send it again", file=FORM, fault=str(fault)[:300]
        ) from None


def write(template: Template) -> bytes:
    """The package of a template."""
    form = msgspec.to_builtins(template)
    source = form.pop("source")
    form["fields"] = [_short(one) for one in form["fields"]]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in (
            (FORM, json.dumps(form, ensure_ascii=False, indent=1) + "\n"),
            (PRINT, source),
        ):
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), text)
    return out.getvalue()


def _parts(data: bytes) -> dict[str, bytes]:
    if len(data) > MAX_BYTES:
        raise BadPackage(
            "expected a package of at most {most} bytes, got {size}", most=MAX_BYTES, size=len(data)
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            found = sorted(packed.namelist())
            if found != [FORM, PRINT]:
                raise BadPackage(
                    "expected {form} and {print} in the package and nothing else, got {got}",
                    form=FORM,
                    print=PRINT,
                    got=", ".join(found)[:200],
                )
            return unpacked(packed, MAX_PARTS)
    except TooBig:
        raise BadPackage(
            "expected files of at most {most} bytes, got more", most=MAX_PARTS
        ) from None
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        raise BadPackage(
            "expected a package: a zip file of {form} and {print}; begin with the one that stands",
            form=FORM,
            print=PRINT,
        ) from None


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadPackage("expected {file} in UTF-8; save it anew", file=name) from None


def _form(text: str) -> dict[str, Any]:
    try:
        form = json.loads(text)
        json.dumps(form, ensure_ascii=False).encode()  # half a character (\\ud800) is no text
    except UnicodeEncodeError:
        raise BadPackage("expected {file} in UTF-8; save it anew", file=FORM) from None
    except (ValueError, RecursionError) as fault:
        line = getattr(fault, "lineno", 0)
        raise BadPackage(
            "line {line} of {file} is no JSON: {fault}; correct it",
            line=line,
            file=FORM,
            fault=getattr(fault, "msg", "too deep"),
        ) from None
    if not isinstance(form, dict):
        raise BadPackage("expected one object in {file}; begin with the one that stands", file=FORM)
    _expect_names("", form, Template)
    for place, one in enumerate(_list(form, "fields")):
        _expect_names(f"fields[{place}]", one, FieldSpec)
        for column, each in enumerate(_list(one, "columns") if isinstance(one, dict) else ()):
            _expect_names(f"fields[{place}].columns[{column}]", each, FieldSpec)
    for name in ("notice", "plain"):
        for place, one in enumerate(_list(form, name)):
            _expect_names(f"{name}[{place}]", one, NoticeText)
    return form


def _list(form: dict[str, Any], name: str) -> list[Any]:
    found = form.get(name, [])
    return found if isinstance(found, list) else []


def _expect_names(place: str, one: Any, kind: type[msgspec.Struct]) -> None:
    """A name that means nothing is a mistake, here where it can still be corrected."""
    strange = sorted(set(one) - set(kind.__struct_fields__)) if isinstance(one, dict) else []
    if strange:
        raise BadPackage(
            "{file}: {place} means nothing; correct its name, or remove it",
            file=FORM,
            place=f"{place}.{strange[0]}".removeprefix(".")[:100],
        )


def _short(field: dict[str, Any]) -> dict[str, Any]:
    """A field without what it does not say."""
    bare = msgspec.to_builtins(FieldSpec(name="", label_zh="", label_en="", type=""))
    kept = {name: value for name, value in field.items() if value != bare[name] or name == "name"}
    if "columns" in kept:
        kept["columns"] = [_short(one) for one in kept["columns"]]
    return kept
