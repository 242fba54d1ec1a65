"""What can be asked, for programs (OpenAPI 3.1) and for people: one document, read from the questions themselves."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlencode

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from recommender import __version__
from recommender.dashboard.api.questions import QUESTIONS, Question

if TYPE_CHECKING:
    import jinja2

    from recommender.serving.recommender import Recommender

_SCHEMAS = "#/components/schemas/"


class Refused(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="What is wrong and what to do, in a sentence.")


_REFUSALS = {
    "400": "The question cannot be understood.",
    "404": "The model does not know this viewer or title, or there is no such model.",
    "429": "The server is busy: ask again after the seconds in Retry-After.",
    "503": "The model is being loaded: ask again after the seconds in Retry-After. Without these, it cannot be loaded.",
}


@cache
def openapi() -> dict[str, Any]:
    """The document of OpenAPI; addresses are relative to where it lies."""
    forms: list[type[BaseModel]] = [*(question.ANSWER for question in QUESTIONS.values()), Refused]
    mode: Literal["serialization"] = "serialization"
    _, schemas = models_json_schema([(form, mode) for form in forms], ref_template=_SCHEMAS + "{model}")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Matinee",
            "version": __version__,
            "description": "What the pages show, for programs: the same models, the same moments, the same numbers.",
        },
        "servers": [{"url": "../api"}],
        "paths": {f"/{name}": {"get": _operation(name, question)} for name, question in QUESTIONS.items()},
        "components": {"schemas": schemas["$defs"]},
    }


def _operation(name: str, question: type[Question]) -> dict[str, Any]:
    refusals = {status: _response(said, Refused) for status, said in _REFUSALS.items()}
    return {
        "operationId": name,
        "summary": question.__doc__,
        "parameters": _parameters(question),
        "responses": {"200": _response(str(question.ANSWER.__doc__), question.ANSWER), **refusals},
    }


def _response(said: str, form: type[BaseModel]) -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS + form.__name__}
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _parameters(question: type[Question]) -> list[dict[str, Any]]:
    """The fields of a question, those that must be given first, as parameters of an address."""
    schema = question.model_json_schema()
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "description": field["description"],
            "schema": _without_null(field),
        }
        for name, field in sorted(schema["properties"].items(), key=lambda item: item[0] not in required)
    ]


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter: one that need not be given is left out of an address, as there is no null in one."""
    kinds = [kind for kind in field.get("anyOf", [{}]) if kind.get("type") != "null"]
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "description", "title")}
    return {key: value for key, value in {**kinds[0], **rest}.items() if value is not None}


def page(recommender: "Recommender | None") -> str:
    """The same for people, as HTML.

    Args:
      recommender: whose viewers and titles the examples are of; None while there is none, and no example but one.
    """
    sections = [_section(name, methods["get"]) for name, methods in openapi()["paths"].items()]
    return _template().render(
        document=openapi(), sections=sections, examples=_examples(recommender), refusals=_REFUSALS
    )


class _Section(NamedTuple):
    """A question as the page shows it; of each field its name, its kind and what it is."""

    name: str
    summary: str
    takes: list[tuple[str, str, str]]
    answer: str
    answers: list[tuple[str, str, str]]


def _section(path: str, operation: dict[str, Any]) -> _Section:
    form = _form(operation["responses"]["200"]["content"]["application/json"]["schema"])
    fields = form["properties"]
    inner = _form(fields["items"]["items"])["properties"]
    answers = {name: field for name, field in fields.items() if name != "items"}
    answers |= {f"items[].{name}": field for name, field in inner.items()}
    return _Section(
        name=path.removeprefix("/"),
        summary=operation["summary"],
        takes=[(field["name"], _kind(field["schema"]), _said(field)) for field in operation["parameters"]],
        answer=form["description"],
        answers=[(name, _kind(field), field["description"]) for name, field in answers.items()],
    )


def _form(reference: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = openapi()["components"]["schemas"][reference["$ref"].removeprefix(_SCHEMAS)]
    return found


def _kind(schema: dict[str, Any]) -> str:
    """The kind of a field in words."""
    if "anyOf" in schema:
        return " or ".join(kind["type"] for kind in schema["anyOf"])
    if schema["type"] == "array":
        return "string, repeated"
    limits = f", {schema['minimum']} to {schema['maximum']}" if "maximum" in schema else ""
    return f"{schema['type']}{limits}"


def _said(parameter: dict[str, Any]) -> str:
    """What a parameter is, and what holds if it is not given."""
    said, usual = parameter["description"], parameter["schema"].get("default")
    if parameter["required"]:
        return f"{said} Must be given."
    return said if usual is None else f"{said} If not given: {json.dumps(usual)}."


def _examples(recommender: "Recommender | None") -> dict[str, str]:
    """Name of a question -> an address that asks it, relative to the page."""
    asked: dict[str, list[tuple[str, str]]] = {"recommend": [("k", "5")]}
    if recommender is not None:
        user, title = recommender.user_ids[0], recommender.titles[0]
        asked = {
            "recommend": [("user", user), ("k", "5")],
            "rate": [("user", user), ("titles", title)],
            "similar": [("title", title), ("k", "5")],
        }
    return {name: f"api/{name}?{urlencode(pairs)}" for name, pairs in asked.items()}


@cache
def _template() -> "jinja2.Template":
    import jinja2  # with the first look: a server whose page nobody opens starts without it

    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.get_template("page.html.jinja")
