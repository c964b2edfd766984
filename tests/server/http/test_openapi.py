"""The description for programs says what there is, and what there is fits it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema

from server import application
from server.http.openapi import describe
from tests.support.serving import Server, asynchronous

DESCRIBED = describe(application.ROUTES, "0.1.0")
SCHEMAS = DESCRIBED["components"]["schemas"]


def test_exactly_the_routes_of_the_api_are_described() -> None:
    described = {(method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods}
    registered = {
        (route.method, re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.path))
        for route in application.ROUTES
        if route.path.startswith("/api/")
    }
    assert described == registered
    operations = [operation["operationId"] for methods in DESCRIBED["paths"].values() for operation in methods.values()]
    assert len(operations) == len(set(operations))


def test_a_program_that_writes_clients_finds_names_and_types_of_all_parameters() -> None:
    for path, methods in DESCRIBED["paths"].items():
        for operation in methods.values():
            assert operation["operationId"].isidentifier()
            places = [(item["in"], item["name"]) for item in operation["parameters"]]
            assert len(places) == len(set(places))
            assert {name for place, name in places if place == "path"} == set(re.findall(r"\{(\w+)\}", path))
            for item in operation["parameters"]:
                jsonschema.Draft202012Validator.check_schema(item["schema"])
                assert item["schema"]["type"] in ("string", "integer", "boolean")
    assert all(name.isidentifier() for name in SCHEMAS)


def test_parameters_have_their_types_limits_and_defaults() -> None:
    (limit,) = [item for item in DESCRIBED["paths"]["/api/v1/runs"]["get"]["parameters"] if item["name"] == "limit"]
    assert limit == {
        "name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
    }  # fmt: skip
    (match,) = [
        item
        for item in DESCRIBED["paths"]["/api/v1/workflows/{path}"]["delete"]["parameters"]
        if item["in"] == "header"
    ]
    assert match["name"] == "If-Match"


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


def test_every_schema_is_sound_and_used() -> None:
    names = {reference.rsplit("/", 1)[1] for reference in _references(DESCRIBED)}
    assert names == set(SCHEMAS)
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def _strict(schema: Any) -> Any:
    """The same description of which everything that is not in it is refused; of what it leaves open nothing is."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _strict(part) for name, part in schema.items()}
    is_closed = schema.get("type") == "object" and "required" in schema
    return {"additionalProperties": False, **found} if is_closed else found


STRICT = {"schemas": {**_strict(SCHEMAS), "WorkflowDocument": SCHEMAS["WorkflowDocument"]}}
"""Of a document only the least is described: it is checked elsewhere."""


def fits(name: str, value: Any) -> None:
    """Raise when a value is not as the description says, or says more."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": STRICT}
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)


@asynchronous
async def test_answers_fit_their_description(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        assert await client.call("GET", "/openapi.json") == DESCRIBED
        await watch.worker(state="ready")
        body = {"workflow": {"jacquard": 1, "nodes": {"1": {"type": "Save"}, "2": {"type": "Fail"}}}}
        submitted = await client.call("POST", "/runs", 201, json=body)
        fits("Submission", body)
        fits("Submitted", submitted)
        run = submitted["run"]["id"]
        await watch.run(run)
        assert {message["type"] for message in watch.heard} > {"snapshot", "worker", "queue", "run", "events"}
        for message in watch.heard:
            fits("ServerMessage", message)
        fits("ErrorAnswer", await client.call("GET", "/runs/none", 404))
        fits("WorkflowSaved", await client.call("PUT", "/workflows/x", json=body["workflow"]))
        for path, name in {
            "/system": "SystemInfo", "/node-types": "Catalogue", "/choices/input": "Choices", "/models": "Models",
            "/templates": "Templates", "/workflows": "Workflows", "/workflows/x": "WorkflowOpened", "/runs": "Runs",
            "/workflows/x?versions=1": "WorkflowVersions",
            f"/runs/{run}?workflow=1": "RunDetail", f"/runs/{run}/events": "Events",
            f"/runs/{run}/explanation": "RunExplanation", "/outputs": "Outputs",
        }.items():  # fmt: skip
            fits(name, await client.call("GET", path))
        fits("RunAnswer", await client.call("POST", f"/runs/{run}/cancel"))
        fits("RunForgotten", await client.call("DELETE", f"/runs/{run}"))
        fits("WorkflowDeleted", await client.call("DELETE", "/workflows/x"))
