"""The description for programs says what there is, and what there is fits it."""

from __future__ import annotations

import re
from typing import Any

import jsonschema

from server import application
from server.http.openapi import describe
from server.http.schemas import SCHEMAS
from tests.support.serving import Server, asynchronous

DESCRIBED = describe(application.ROUTES, "0.1.0")


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
    is_closed = schema.get("type") == "object" and "required" in schema and "description" not in schema
    return {"additionalProperties": False, **found} if is_closed else found


STRICT = {"schemas": _strict(SCHEMAS)}


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
        fits("Error", await client.call("GET", "/runs/none", 404))
        fits("Saved", await client.call("PUT", "/workflows/x", json=body["workflow"]))
        for path, name in {
            "/system": "System", "/node-types": "NodeTypes", "/choices/input": "Choices", "/models": "Models",
            "/templates": "Templates", "/workflows": "Workflows", "/workflows/x": "Opened", "/runs": "Runs",
            "/workflows/x?versions=1": "Versions",
            f"/runs/{run}?workflow=1": "RunAndNodes", f"/runs/{run}/events": "Events",
            f"/runs/{run}/explanation": "Explanation", "/outputs": "Outputs",
        }.items():  # fmt: skip
            fits(name, await client.call("GET", path))
        fits("RunAnswer", await client.call("POST", f"/runs/{run}/cancel"))
        fits("Forgotten", await client.call("DELETE", f"/runs/{run}"))
        fits("Deleted", await client.call("DELETE", "/workflows/x"))
