"""The type of a node is found by its path, however deep, and in whatever a document may be."""

from __future__ import annotations

from typing import Any

import pytest

from server.runs.node_lookup import node_type, visible

DOCUMENT: dict[str, Any] = {
    "nodes": {"3": {"type": "KSampler"}, "7": {"type": "@outer"}, "8": {"type": "@gone"}, "9": 5},
    "subworkflows": {
        "outer": {"nodes": {"1": {"type": "Blur"}, "2": {"type": "@inner"}}},
        "inner": {"nodes": {"4": {"type": "Save"}}},
    },
}


@pytest.mark.parametrize(
    ("node", "found"),
    [
        ("3", "KSampler"), ("7", "@outer"), ("7/1", "Blur"), ("7/2", "@inner"), ("7/2/4", "Save"), ("7/5", ""),
        ("3/1", ""), ("8/1", ""), ("9", ""), ("nowhere", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_path_leads_through_instances(node: str, found: str) -> None:
    assert node_type(DOCUMENT, node) == found


@pytest.mark.parametrize("document", [{}, {"nodes": []}, {"nodes": {"7": {"type": "@outer"}}, "subworkflows": [1]}])
def test_a_document_of_any_shape_has_no_such_node(document: dict[str, Any]) -> None:
    assert node_type(document, "7/1") == ""


def test_what_is_seen_is_the_node_of_the_document() -> None:
    assert (visible("7/2/4"), visible("3")) == ("7", "3")
