"""The node type of the instances of a sub-workflow, with sockets of the types of its inner nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph.document.workflow import INSTANCE, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.registry import Registry
from graph.node_types.sockets import ANY
from graph.node_types.widgets import Label
from graph.subworkflows.nesting import MAX_NESTING

Definitions = Mapping[str, Subworkflow]


def type_of(node_type: str, definitions: Definitions, registry: Registry) -> NodeType | None:
    """Return the node type of a type name in a document, or the interface of a sub-workflow."""
    if node_type.startswith(INSTANCE) and node_type.removeprefix(INSTANCE) in definitions:
        return interface(node_type.removeprefix(INSTANCE), definitions, registry)
    return registry.get(node_type)


def interface(name: str, definitions: Definitions, registry: Registry) -> NodeType:
    """Return the node type of a definition's instances. It can be checked against, not called.

    An input is like the first inner input that it leads to; the value there is its default. Inputs that lead nowhere
    and outputs that come from nowhere have any type.
    """
    definition = definitions[name]
    return NodeType(
        id=INSTANCE + name,
        title=definition.title or name,
        category="",
        help=definition.description,
        inputs=tuple(_input(item, definition, definitions, registry) for item in definition.inputs),
        outputs=tuple(_output(item, definition, definitions, registry) for item in definition.outputs),
        function=_not_called,
    )


def _input(
    outer_input: SubworkflowInput, definition: Subworkflow, definitions: Definitions, registry: Registry
) -> Input:
    label = Label(outer_input.title)
    to = outer_input.to
    given: list[object] = []
    """Values of nested instances for the input, outermost first."""
    for _ in range(MAX_NESTING):
        node = definition.nodes.get(to[0][0]) if to else None
        if node is None:
            break
        inner = definitions.get(node.type.removeprefix(INSTANCE)) if node.type.startswith(INSTANCE) else None
        if inner is not None:
            given += [node.inputs[to[0][1]]] if to[0][1] in node.inputs else []
            definition, to = inner, next((item.to for item in inner.inputs if item.name == to[0][1]), ())
            continue
        node_type = registry.get(node.type)
        item = node_type.by_name.get(to[0][1]) if node_type else None
        if item is None:
            break
        written = given[0] if given else node.inputs.get(item.name, item.default)
        type_ = ANY if item.type.generic else item.type
        default = item.default if isinstance(written, Reference) else written
        return replace(item, name=outer_input.name, type=type_, label=label, default=default)
    return Input(outer_input.name, ANY, None, label=label)


def _output(
    outer_output: SubworkflowOutput, definition: Subworkflow, definitions: Definitions, registry: Registry
) -> Output:
    source: Reference | None = outer_output.source
    for _ in range(MAX_NESTING):
        node = definition.nodes.get(source.node) if source else None
        if node is None or source is None:
            break
        inner = definitions.get(node.type.removeprefix(INSTANCE)) if node.type.startswith(INSTANCE) else None
        if inner is not None:
            output = source.output
            definition, source = inner, next((item.source for item in inner.outputs if item.name == output), None)
            continue
        node_type = registry.get(node.type)
        index = node_type.output_index.get(source.output) if node_type else None
        if node_type is None or index is None:
            break
        item = node_type.outputs[index]
        return replace(item, name=outer_output.name, type=ANY if item.type.generic else item.type)
    return Output(outer_output.name, ANY)


def _not_called(**_: object) -> object:
    raise RuntimeError("a sub-workflow is unfolded before a run; nothing calls it")
