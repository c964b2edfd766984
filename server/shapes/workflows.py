"""Saved workflows, their versions, and the example workflows. A document itself is checked by `graph.document`."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from server.shapes.files import LeftOut


class WorkflowDocument(msgspec.Struct, kw_only=True):
    """The document of a workflow; docs/workflow-format.md describes its other fields."""

    jacquard: int
    nodes: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


Workflow = Annotated[Any, msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/WorkflowDocument"})]
"""A document as it was received or stored. `graph.document` reads it; unknown keys are kept."""


class SavedWorkflow(msgspec.Struct, kw_only=True):
    """A saved workflow in the list of all."""

    path: str
    title: str
    modified: float
    bytes: int


class Workflows(msgspec.Struct, kw_only=True):
    """All saved workflows, and the files that are left out."""

    workflows: list[SavedWorkflow]
    left_out: list[LeftOut]


class WorkflowVersion(msgspec.Struct, kw_only=True):
    """An earlier version of a saved workflow."""

    id: str
    modified: float
    bytes: int


class WorkflowVersions(msgspec.Struct, kw_only=True):
    """The earlier versions of a saved workflow, newest first."""

    versions: list[WorkflowVersion]


class WorkflowSaved(msgspec.Struct, kw_only=True):
    """A workflow that was saved."""

    path: str
    etag: str
    """Identifies this version: send it as `If-Match` with the next save."""
    modified: float


class WorkflowDeleted(msgspec.Struct, kw_only=True):
    """A workflow that was moved to its versions."""

    path: str


class TemplateNeed(msgspec.Struct, kw_only=True):
    """A model file that an example needs and that does not come with Jacquard."""

    what: str
    """For persons: checkpoint of Stable Diffusion XL."""
    place: str
    """The folder that it goes into."""
    such_as: list[str]
    """What such files are usually called."""
    there: list[str]
    """The files there that would do, the first of which is chosen when the example is opened."""


class TemplateInfo(msgspec.Struct, kw_only=True):
    """An example workflow."""

    name: str
    title: str
    description: str
    node_types: list[str]
    thumbnail: str | None
    needs: list[TemplateNeed] = []


class Templates(msgspec.Struct, kw_only=True):
    """The example workflows."""

    templates: list[TemplateInfo]


WorkflowOpened = Annotated[
    Any,
    msgspec.Meta(
        extra_json_schema={
            "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("WorkflowDocument", "WorkflowVersions")]
        }
    ),
]
"""A document, or its versions if they were requested."""
