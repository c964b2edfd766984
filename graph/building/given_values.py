"""Documents with values that were given from Python: what of them JSON can hold."""

from __future__ import annotations

from dataclasses import replace

from graph.document.workflow import Workflow
from graph.node_types.flow import GivenValue


def without_given(workflow: Workflow) -> Workflow:
    """Return the document without inputs that only Python can give; the same one where there are none."""
    given = {
        node_id: node.with_inputs({key: value for key, value in node.inputs.items() if type(value) is not GivenValue})
        for node_id, node in workflow.nodes.items()
        if any(type(value) is GivenValue for value in node.inputs.values())
    }
    return replace(workflow, nodes={**workflow.nodes, **given}) if given else workflow
