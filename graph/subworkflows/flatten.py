"""From a document with sub-workflows to a flat one, which graphs are built from.

Only problems of what the targets need are reported: a broken definition that no target needs is ignored. A document
that would become too large is refused whatever its targets, before anything is inlined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graph.base.errors import Problem, WorkflowError
from graph.document.workflow import INSIDE, INSTANCE, Mode, Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.node_type import REQUIRED
from graph.node_types.registry import Registry
from graph.subworkflows.inline import Inlined, Inliner
from graph.subworkflows.instance_types import interface
from graph.subworkflows.make_body import make_body
from graph.subworkflows.name_words import Instance, WordResolver
from graph.subworkflows.nesting import MAX_NESTING, MAX_NODES, Nesting, bodies_of, find_nesting, is_instance, size_of


@dataclass(frozen=True, slots=True)
class FlatWorkflow:
    """A flat document, the registry to check it against, and its targets."""

    workflow: Workflow
    registry: Registry
    """Knows the types of bypassed instances, too: what they pass through depends on their sockets."""
    targets: tuple[str, ...] | None
    problems: tuple[Problem, ...] = ()
    """Problems of the sub-workflows that the targets need. Nodes are named by path."""
    outputs: Mapping[str, Mapping[str, Reference]] = field(default_factory=dict)
    """Instance that is a target -> output name -> the inner node and output that it comes from."""
    bodies: tuple[Body, ...] = ()
    """The sub-workflows that nodes needed by the targets receive as values."""
    find_instances: Callable[[], Mapping[str, Instance]] = dict
    """The inlined instances, by path."""


def flatten(workflow: Workflow, registry: Registry, files: Files, targets: Iterable[str] | None = None) -> FlatWorkflow:
    """Inline all sub-workflows; a document without any is returned as it is, at no cost.

    Raises `WorkflowError` for a document that would become too large.
    """
    wanted = None if targets is None else tuple(dict.fromkeys(targets))
    if not workflow.subworkflows:
        return FlatWorkflow(workflow, registry, wanted)
    nesting = find_nesting(workflow, registry)
    in_use = _bodies_in_use(workflow, nesting, registry)
    _check_size(workflow, nesting, in_use)
    bodies: dict[str, Body] = {}
    inliner = Inliner(workflow.subworkflows, nesting, registry, bodies)
    inside: dict[str, list[Problem]] = {}
    beyond = _written_outside(workflow, registry)
    for name in in_use:
        bodies[name], found = make_body(name, workflow.subworkflows, inliner, registry, files, beyond)
        at = INSTANCE + name
        inside[name] = [replace(each, node=at + INSIDE + each.node if each.node else at) for each in found.problems]
    inlined = inliner.inline(workflow.nodes)
    flat_targets, outputs = _flat_targets(inlined, inliner, wanted)
    needed = _needed(inlined, flat_targets, wanted) if bodies or inlined.problems else set()
    needed_bodies = _bodies_of(inlined.nodes[node_id] for node_id in needed if node_id in inlined.nodes)
    problems = [
        *(problem for problem in inlined.problems if problem.node in needed),
        *(problem for body in needed_bodies for problem in inside[body.id]),
    ]
    return FlatWorkflow(
        replace(workflow, nodes=inlined.nodes, subworkflows={}),
        _with_bypassed(workflow, [inlined.nodes, *(body.nodes for body in needed_bodies)], registry),
        flat_targets,
        tuple(dict.fromkeys(problems)),
        outputs,
        tuple(needed_bodies),
        lambda: inliner.instances(inlined),
    )


def _written_outside(workflow: Workflow, registry: Registry) -> Callable[[str], Any]:
    """Return a function that finds the value of a word outside of all sub-workflows."""
    around: list[WordResolver] = []

    def value(word: str) -> Any:
        if not around:
            wider = Registry()
            wider.add_all(registry)
            used = {node.type[1:] for node in workflow.nodes.values() if node.type.startswith(INSTANCE)}
            wider.add_all(interface(name, workflow.subworkflows, registry) for name in used & {*workflow.subworkflows})
            around.append(WordResolver(workflow.nodes, wider))
        place = around[0].find("", word)
        found = around[0].value(place) if place is not None else REQUIRED
        return REQUIRED if isinstance(found, Reference) else found

    return value


def _check_size(workflow: Workflow, nesting: Nesting, bodies: Iterable[str]) -> None:
    sizes = nesting.sizes
    total = sum((sizes[name] for name in bodies), size_of(workflow.nodes, sizes))
    if total.fits():
        return
    instances = [node_id for node_id, node in workflow.nodes.items() if is_instance(node) and node.type[1:] in sizes]
    if total.levels > MAX_NESTING:
        message, remedy = f"sub-workflows are nested more than {MAX_NESTING} deep", "use fewer levels"
        worst = max(instances, key=lambda node_id: sizes[workflow.nodes[node_id].type[1:]].levels, default="")
    else:
        message = f"the workflow would become larger than {MAX_NODES:,} nodes once its sub-workflows are expanded"
        remedy = "use fewer instances inside of sub-workflows that are themselves used many times"
        worst = max(instances, key=lambda node_id: sizes[workflow.nodes[node_id].type[1:]].nodes, default="")
    node_type = workflow.nodes[worst].type if worst else ""
    raise WorkflowError([Problem("too_large", message, worst, node_type, remedy=remedy)])


def _bodies_in_use(workflow: Workflow, nesting: Nesting, registry: Registry) -> list[str]:
    """Return the definitions that some reachable node receives as a value, each after those nested in it."""
    usable = set(nesting.order)
    seen: set[str] = set()
    found: set[str] = set()
    pending = [workflow.nodes]
    while pending:
        for node in pending.pop().values():
            given = bodies_of(node, nesting.bodies, registry, usable)
            found.update(given)
            for name in [*given, node.type[1:]] if is_instance(node) else given:
                if name in usable and name not in seen:
                    seen.add(name)
                    pending.append(workflow.subworkflows[name].nodes)
    return [name for name in nesting.order if name in found]


def _flat_targets(
    inlined: Inlined, inliner: Inliner, targets: tuple[str, ...] | None
) -> tuple[tuple[str, ...] | None, dict[str, dict[str, Reference]]]:
    """Return the targets in the flat document: an instance stands for its outputs and side effects."""
    if targets is None:
        return None, {}
    flat: list[str] = []
    outputs: dict[str, dict[str, Reference]] = {}
    for target in targets:
        if target not in inlined.instances:
            flat.append(target)
            continue
        outputs[target] = inliner.outputs(target, inlined.instances[target], inlined)
        inside = target + INSIDE
        meant = [source.node for source in outputs[target].values()]
        meant += [node_id for node_id in inlined.effects if node_id.startswith(inside)]
        if not meant:
            message = "the sub-workflow gives nothing and saves nothing, so there is nothing to run"
            remedy = "give it an output, or name another target"
            inlined.problems.append(Problem("nothing_to_run", message, target, remedy=remedy))
        flat += meant
    return tuple(dict.fromkeys(flat)), outputs


def _needed(inlined: Inlined, targets: tuple[str, ...] | None, wanted: tuple[str, ...] | None) -> set[str]:
    """Return the nodes that the targets need, and the instances that these nodes are in."""
    seen: set[str] = set()
    pending = list(inlined.effects) if targets is None else [*targets, *(wanted or ())]
    while pending:
        node_id = pending.pop()
        if node_id in seen:
            continue
        seen.add(node_id)
        above = node_id
        while (above := above.rpartition(INSIDE)[0]) and above not in seen:
            seen.add(above)
        node = inlined.nodes.get(node_id)
        if node is not None and node.mode is not Mode.MUTED:
            pending += [value.node for value in node.inputs.values() if isinstance(value, Reference)]
    return seen


def _bodies_of(nodes: Iterable[Node]) -> list[Body]:
    """Return the bodies that some nodes receive, and those nested in these."""
    found: dict[str, Body] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        for value in node.inputs.values() if node.mode is Mode.ACTIVE else ():
            if isinstance(value, Body) and value.id not in found:
                found[value.id] = value
                pending += value.nodes.values()
    return list(found.values())


def _with_bypassed(workflow: Workflow, everywhere: Iterable[Mapping[str, Node]], registry: Registry) -> Registry:
    names = {
        node.type[1:]: None
        for nodes in everywhere
        for node in nodes.values()
        if node.mode is Mode.BYPASSED and node.type.startswith(INSTANCE) and node.type[1:] in workflow.subworkflows
    }
    if not names:
        return registry
    wider = Registry()
    wider.add_all(registry)
    for absent in registry.absent.values():
        wider.note_absent(absent)
    wider.add_all(interface(name, workflow.subworkflows, registry) for name in names)
    return wider
