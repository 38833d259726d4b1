"""The description of the public addresses (OpenAPI 3.1), made from the types that they answer with.

    described("https://gs.yunxi.example", {"decisions": DecisionPage, …})

A page number past the end answers with an empty page, a value that no filter knows with none.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from protocol.vocabulary import ActKind, PenaltyKind

_TITLES = {
    "decisions": "Decisions on display",
    "officers": "The roster of officers",
    "items": "The items of enforcement",
}
_JSON, _CSV, _ATOM = "application/json", "text/csv", "application/atom+xml"


def described(address: str, pages: Mapping[str, type[msgspec.Struct]]) -> dict[str, Any]:
    """The whole description; ``pages`` are the types of the JSON answers by the list's name."""
    schemas, components = msgspec.json.schema_components(
        pages.values(), ref_template="#/components/schemas/{name}"
    )
    by_name = dict(zip(pages, schemas, strict=True))
    paths: dict[str, Any] = {}
    for name, schema in by_name.items():
        paths[f"/{name}.json"] = _get(name, _asked(name, paged=True), _JSON, schema)
        paths[f"/{name}.csv"] = _get(name, _asked(name, paged=False), _CSV, {"type": "string"})
    feed = _get("decisions", _asked("decisions", paged=False), _ATOM, {"type": "string"})
    paths["/decisions.atom"] = feed
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fujie, public lists",
            "version": "1",
            "description": "What a county publishes of its enforcement of the law: the same words "
            "as its pages show, without what is masked. Free to read, copy and compare.",
        },
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": components},
    }


def _get(
    name: str, parameters: list[dict[str, Any]], media_type: str, schema: dict[str, Any]
) -> dict[str, Any]:
    form = media_type.rpartition("/")[2].partition("+")[0]
    return {
        "get": {
            "operationId": f"{name}_{form}",
            "summary": f"{_TITLES[name]} ({form})",
            "parameters": parameters,
            "responses": {
                "200": {"description": _TITLES[name], "content": {media_type: {"schema": schema}}}
            },
        }
    }


def _asked(name: str, *, paged: bool) -> list[dict[str, Any]]:
    words = {"type": "string", "maxLength": 100}
    known: dict[str, dict[str, dict[str, Any]]] = {
        "decisions": {
            "q": words,
            "agency": {"type": "string", "maxLength": 40},
            "act": {"type": "string", "enum": [one.value for one in ActKind]},
            "year": {"type": "string", "pattern": "^[0-9]{4}$"},
            "penalty": {"type": "string", "enum": [one.value for one in PenaltyKind]},
        },
        "officers": {"q": words, "unit": words, "category": words, "region": words},
        "items": {},
    }
    made = [
        {"name": one, "in": "query", "required": False, "schema": schema}
        for one, schema in known[name].items()
    ]
    if paged:
        number = {"type": "integer", "minimum": 1, "maximum": 99999, "default": 1}
        made.append({"name": "page", "in": "query", "required": False, "schema": number})
    return made
