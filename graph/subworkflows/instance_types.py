"""The node type of the instances of a sub-workflow, with sockets of the types of its inner nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graph.document.workflow import INSTANCE, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput
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

    An input is like the first inner input that it leads to and that is there; the value there is its default. Inputs
    that lead nowhere and outputs that come from nowhere have any type. `tests/cases/instance-types.json` holds the
    editor to the same.
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
    current = outer_input
    titles = [current.title]
    given: list[object] = []
    """Values of nested instances for the input, outermost first."""
    for _ in range(MAX_NESTING):
        place = _first_known(current, definition, definitions, registry)
        if place is None:
            break
        node, found = place
        if isinstance(found, SubworkflowInput):
            given += [node.inputs[found.name]] if found.name in node.inputs else []
            definition, current = definitions[node.type.removeprefix(INSTANCE)], found
            titles.append(current.title)
            continue
        written = given[0] if given else node.inputs.get(found.name, found.default)
        return replace(
            found,
            name=outer_input.name,
            type=ANY if found.type.generic else found.type,
            label=Label(next(filter(None, titles), found.title)),
            default=found.default if isinstance(written, Reference) else written,
        )
    return Input(outer_input.name, ANY, None, label=Label(next(filter(None, titles), current.name)))


def _first_known(
    outer_input: SubworkflowInput, definition: Subworkflow, definitions: Definitions, registry: Registry
) -> tuple[Node, Input | SubworkflowInput] | None:
    """The first place that an input leads to and that is there: the node, and its input."""
    for node_id, socket in outer_input.to:
        node = definition.nodes.get(node_id)
        if node is None:
            continue
        found: Input | SubworkflowInput | None = None
        if node.type.startswith(INSTANCE) and (inner := definitions.get(node.type.removeprefix(INSTANCE))):
            found = next((item for item in inner.inputs if item.name == socket), None)
        elif (node_type := registry.get(node.type)) is not None:
            found = node_type.by_name.get(socket)
        if found is not None:
            return node, found
    return None


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
    raise RuntimeError("a sub-workflow is inlined before a run; nothing calls it")
