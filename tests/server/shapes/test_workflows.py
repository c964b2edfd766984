"""Saved workflows: a document is handed on as it is, and what is told of it says where it lies and which version."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from server.shapes.encoding import encode
from server.shapes.schema import components, reference
from server.shapes.workflows import (
    SavedWorkflow,
    TemplateInfo,
    WorkflowDocument,
    WorkflowOpened,
    Workflows,
    WorkflowSaved,
    WorkflowVersions,
)  # fmt: skip

SAVED: dict[str, Any] = {"path": "cats/a", "title": "", "modified": 1.5, "bytes": 20}
TEMPLATE: dict[str, Any] = {
    "name": "a",
    "title": "A",
    "description": "",
    "node_types": ["Blur"],
    "needs": [],
    "thumbnail": None,
}


def test_a_document_needs_its_version_and_may_have_more() -> None:
    read = msgspec.convert({"jacquard": 1, "app": {"kept": True}}, WorkflowDocument)
    assert json.loads(encode(read)) == {"jacquard": 1}
    assert msgspec.convert({"jacquard": 1, "nodes": {"1": None}}, WorkflowDocument).nodes == {"1": None}
    schema = components([WorkflowDocument])["WorkflowDocument"]
    assert schema["required"] == ["jacquard"]
    assert "additionalProperties" not in schema


@pytest.mark.parametrize("document", [{"jacquard": 1, "later": [1]}, {"versions": []}, 3, None])
def test_what_is_opened_is_handed_on_whatever_it_is(document: Any) -> None:
    assert msgspec.convert(document, WorkflowOpened) == document


def test_what_is_opened_is_described_as_a_document_or_its_versions() -> None:
    assert reference(WorkflowOpened) == {"$ref": "#/components/schemas/WorkflowOpened"}
    assert [each["$ref"].rpartition("/")[2] for each in components([WorkflowSaved])["WorkflowOpened"]["anyOf"]] == [
        "WorkflowDocument", "WorkflowVersions"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "shape", "path"),
    [
        ({"jacquard": "1"}, WorkflowDocument, "$.jacquard"),
        ({"jacquard": 1, "nodes": []}, WorkflowDocument, "$.nodes"),
        ({"jacquard": 1, "nodes": None}, WorkflowDocument, "$.nodes"),
        ({**SAVED, "bytes": None}, SavedWorkflow, "$.bytes"),
        ({"workflows": [SAVED, {}], "left_out": []}, Workflows, "$.workflows[1]"),
        ({"workflows": [SAVED], "left_out": [{"name": "b"}]}, Workflows, "$.left_out[0]"),
        ({"versions": [{"id": 1, "modified": 1.0, "bytes": 2}]}, WorkflowVersions, "$.versions[0].id"),
        ({**TEMPLATE, "node_types": None}, TemplateInfo, "$.node_types"),
    ],
)
def test_another_type_or_a_missing_field_is_refused_where_it_is(data: dict[str, Any], shape: Any, path: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(data, shape)
    assert path in str(caught.value)


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        ({"workflows": [SAVED], "left_out": [{"name": "b", "reason": "a link"}]}, Workflows),
        ({"versions": []}, WorkflowVersions),
        ({"path": "a", "etag": '"x"', "modified": 1.0}, WorkflowSaved),
        (TEMPLATE, TemplateInfo),
    ],
)
def test_everything_is_told_also_what_there_is_none_of(data: dict[str, Any], shape: Any) -> None:
    assert json.loads(encode(msgspec.convert(data, shape))) == data
