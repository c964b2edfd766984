"""Makes a `Body` of a definition: inlines it, and computes an identity of what its result depends on.

The identity is a digest of the nodes that outputs and side effects need, chained like cache keys: node types with their
code, literals, chosen files, fingerprints of authors, modes and edges. Ids, titles, positions and notes do not count.
If a part has no identity (a node that runs every time, a file that is chosen only at run time), the body has none:
unknown means "do not reuse". A loop over such a body is expanded anew in each run; its iterations are still cached one
by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graph.base.topological_order import topological_order
from graph.document.workflow import Mode, Node, Reference, Subworkflow
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.digests import digest, encode, file_identity
from graph.node_types.external_state import external_state_part
from graph.node_types.node_type import NodeType
from graph.node_types.registry import Registry
from graph.node_types.value_checks import Refusal, admit_literal
from graph.node_types.widgets import FileChoice, Seed
from graph.subworkflows.body_bypass import step_through
from graph.subworkflows.inline import Inlined, Inliner
from graph.subworkflows.instance_types import type_of
from graph.subworkflows.name_words import WordResolver, find_words, with_words

BodyInputs = Mapping[str, tuple[tuple[str, str], ...]]


def make_body(
    name: str,
    definitions: Mapping[str, Subworkflow],
    inliner: Inliner,
    registry: Registry,
    files: Files,
    beyond: Callable[[str], Any],
) -> tuple[Body, Inlined]:
    """Return the body and the result of inlining; problems name nodes as in the definition.

    `beyond` returns the value of a word in a file name that means something outside the definition.
    """
    definition = definitions[name]
    found = inliner.inline(definition.nodes)
    outputs = inliner.outputs("", name, found)
    found.nodes, inputs, outputs, hands_on = step_through(
        found.nodes, inliner.inner_inputs(definition), outputs, lambda type_: type_of(type_, definitions, registry)
    )
    words = list(find_words(WordResolver(found.nodes, registry, lambda: inliner.instances(found)), beyond))
    found.nodes = dict(with_words(found.nodes, words))
    inputs = {
        name: (*to, *((each.node, each.word) for each in words if each.place in to)) for name, to in inputs.items()
    }
    chosen = [
        (node_id, item, value)
        for node_id, node in found.nodes.items()
        if node.mode is Mode.ACTIVE and (node_type := registry.get(node.type)) is not None
        for item in node_type.inputs
        if isinstance(item.widget, Seed | FileChoice)
        and not isinstance(value := node.inputs.get(item.name, item.default), Reference)
    ]
    body = Body(
        id=name,
        nodes=found.nodes,
        inputs=inputs,
        outputs=outputs,
        hands_on=hands_on,
        effects=tuple(found.effects),
        identity=_identity(found, inputs, outputs, hands_on, registry, files),
        seeds={f"{node_id}.{item.name}": value for node_id, item, value in chosen if isinstance(item.widget, Seed)},
        files=tuple(
            dict.fromkeys(
                (item.widget.folder, value)
                for _, item, value in chosen
                if isinstance(item.widget, FileChoice) and isinstance(value, str)
            )
        ),
    )
    return body, found


def _identity(
    found: Inlined,
    inputs: BodyInputs,
    outputs: Mapping[str, Reference],
    hands_on: Mapping[str, str],
    registry: Registry,
    files: Files,
) -> bytes:
    nodes = _needed(found.nodes, [*(source.node for source in outputs.values()), *found.effects])
    order, cycles = topological_order({node_id: _sources(node) for node_id, node in nodes.items()})
    if cycles:
        return b""
    entering: dict[str, dict[str, list[str]]] = {}
    for name, places in inputs.items():
        for node_id, socket in places:
            entering.setdefault(node_id, {}).setdefault(socket, []).append(name)
    digests: dict[str, bytes] = {}
    try:
        for node_id in order:
            node_type = registry.get(nodes[node_id].type)
            entering_inputs = entering.get(node_id, {})
            digests[node_id] = _digest(nodes[node_id], node_type, entering_inputs, digests, files)
        given = [(name, digests[source.node], source.output) for name, source in outputs.items()]
        effects = sorted(digests[node_id] for node_id in found.effects)
        return digest(b"body", encode([*inputs]), encode(given), encode(hands_on), encode(effects))
    except Exception:  # noqa: BLE001 - a missing file, a value that no file can hold: unknown
        return b""


def _digest(
    node: Node,
    node_type: NodeType | None,
    entering_inputs: Mapping[str, list[str]],
    digests: Mapping[str, bytes],
    files: Files,
) -> bytes:
    if node.mode is Mode.MUTED:
        return digest(b"muted")
    if node_type is not None and node.mode is Mode.ACTIVE and not node_type.cache:
        raise TypeError("the node is to run every time")
    dependencies = node_type.dependencies if node_type is not None else None
    if dependencies is not None and dependencies.unknown_because:
        raise TypeError(dependencies.unknown_because)
    parts = [encode(node.type), encode(str(node.mode)), node_type.recipe if node_type else b""]
    for name in sorted({*node.inputs, *entering_inputs}):
        parts += [encode(name), encode(entering_inputs.get(name, [])), _value(node, name, digests)]
    for item in node_type.inputs if node_type else ():
        if isinstance(item.widget, FileChoice):
            if item.name in entering_inputs or isinstance(value := node.inputs.get(item.name, item.default), Reference):
                raise TypeError("which file it is is not known yet")
            if value is not None:
                parts.append(encode(file_identity(files.path(item.widget.folder, value))))
    if node_type is not None and node.mode is Mode.ACTIVE and node_type.fingerprint is not None:
        parts.append(_outside(node, node_type, entering_inputs, files))
    return digest(*parts)


def _outside(node: Node, node_type: NodeType, entering_inputs: Mapping[str, list[str]], files: Files) -> bytes:
    """Return the author's `fingerprint` for a node with its literals. May raise anything."""
    if entering_inputs:
        raise TypeError("what the node is given is not known yet")
    written = {item.name: node.inputs.get(item.name, item.default) for item in node_type.inputs}
    literals = {
        name: admit_literal(node_type.by_name[name], value, files)
        for name, value in written.items()
        if not isinstance(value, Reference)
    }
    if any(isinstance(value, Refusal) for value in literals.values()):
        raise TypeError("what the node is given does not fit")
    return external_state_part(node_type, literals, files)


def _value(node: Node, name: str, digests: Mapping[str, bytes]) -> bytes:
    if name not in node.inputs:
        return b"absent"
    value: Any = node.inputs[name]
    if isinstance(value, Reference):
        return b"from" + digests.get(value.node, b"nowhere") + encode(value.output)
    return encode(value)


def _needed(nodes: Mapping[str, Node], ends: list[str]) -> dict[str, Node]:
    seen: dict[str, Node] = {}
    pending = ends
    while pending:
        node_id = pending.pop()
        if node_id in nodes and node_id not in seen:
            seen[node_id] = nodes[node_id]
            pending += _sources(nodes[node_id])
    return seen


def _sources(node: Node) -> list[str]:
    if node.mode is Mode.MUTED:
        return []
    return [value.node for value in node.inputs.values() if isinstance(value, Reference)]
