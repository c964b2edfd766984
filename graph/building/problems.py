"""The messages about a graph that cannot run: what was expected, what was found, what to do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from graph.base.errors import Problem
from graph.base.suggestions import MOST_CHARACTERS, did_you_mean, listed
from graph.document.workflow import Reference
from graph.files.folders import FileNameError
from graph.node_types.generics import Clash
from graph.node_types.node_type import Input, NodeType, Output
from graph.node_types.registry import MissingPack, Registry
from graph.node_types.sockets import Fit, in_words
from graph.node_types.value_checks import Refusal
from graph.node_types.widgets import FileChoice

_WORDS = "name a node by its title or type, and one of its inputs, as in %KSampler.seed%; or write a lone % only"


@dataclass(frozen=True, slots=True)
class NodeLocation:
    """The node of a problem."""

    node: str
    node_type: str

    def problem(
        self, code: str, message: str, socket: str = "", expected: str = "", got: str = "", remedy: str = ""
    ) -> Problem:
        """Return a problem of this node."""
        return Problem(code, message, self.node, self.node_type, socket, expected, got, remedy)


@dataclass(frozen=True, slots=True)
class EdgeProblem(Problem):
    """A problem of an edge. `got` names the value; the source is added when it is known which nodes a person sees."""

    source: str = ""
    """The path of the feeding node."""
    giver: str = ""
    """The feeding output as a person knows it (`KSampler.LATENT`), unless it is inside a node on the canvas."""


def unknown_target(target: str, known: Collection[str]) -> Problem:
    """A target is no node of the workflow."""
    remedy = did_you_mean(target, known) or "name the id of a node of this workflow"
    return Problem("unknown_target", f"there is no node {target!r}", target, remedy=remedy)


def bypassed_target(at: NodeLocation) -> Problem:
    """A target is bypassed."""
    message, remedy = "a bypassed node cannot be a target", "activate it, or name the node that feeds it"
    return at.problem("bypassed_target", message, remedy=remedy)


def unknown_type(at: NodeLocation, close: str | None, absent: MissingPack | None = None) -> Problem:
    """A node has an unknown type; `close` is a similar known one, `absent` a pack that may have it."""
    if absent is not None:
        where = f"{absent.place}: " if absent.place else ""
        because = "because" if at.node_type in absent.node_ids else "and of the packs that the workflow names"
        message = f"there is no node type {at.node_type!r} here, {because} pack {absent.pack!r} was left out"
        remedy = f"fix the pack {absent.pack!r}, or mute the node"
        return at.problem("unknown_node_type", f"{message} ({where}{absent.error})", remedy=remedy)
    remedy = f"did you mean {close!r}?" if close else "install the pack that has it, or mute the node"
    return at.problem("unknown_node_type", f"there is no node type {at.node_type!r} here", remedy=remedy)


def left_out(problem: Problem) -> str:
    """Return the problem of a node that is left out of a run, as a sentence."""
    return f"it was left out: {problem.message}; {problem.remedy}"


def unknown_input(at: NodeLocation, name: str, known: Collection[str]) -> Problem:
    """A value is set for an input that the node does not have."""
    remedy = did_you_mean(name, known) or f"remove it; the node has the inputs {listed(known) or 'none at all'}"
    return at.problem("unknown_input", f"the node has no input {name!r}", name, remedy=remedy)


def missing_input(at: NodeLocation, item: Input, registry: Registry) -> Problem:
    """A required input has no value."""
    expected, remedy = (item.type.describe or item.type.name), "give it a value"
    if isinstance(item.widget, FileChoice):
        expected, remedy = f"a file in {item.widget.folder}/", "choose a file; if there is none, put it there"
    if item.widget is None and item.type.name == "*":
        expected, remedy = "a connection", "connect an output of any type"
    elif item.widget is None:
        makers = " or ".join(registry.makers_of(item.type.name)[:2])
        expected = f"a connection from an output of type {in_words(item.type)}"
        remedy = f"connect a node such as {makers}" if makers else f"connect an output of type {in_words(item.type)}"
    return at.problem("missing_input", "a required input is missing", item.name, expected, "nothing", remedy)


def refused(at: NodeLocation, item: Input, refusal: Refusal) -> Problem:
    """A value is refused."""
    return at.problem(refusal.code, refusal.message, item.name, refusal.expected, refusal.got, refusal.remedy)


def unknown_word(at: NodeLocation, item: Input, word: str, close: str) -> Problem:
    """A word in a file name is unknown; `close` is the most similar known one."""
    remedy = f"did you mean %{close}%?" if close else _WORDS
    expected = "words such as %date:yyyy-MM-dd% or %KSampler.seed%"
    shown = word if len(word) <= MOST_CHARACTERS else word[:60] + "..."
    message = f"the word {shown} in the file name means nothing here"
    return at.problem("unknown_word", message, item.name, expected, shown, remedy)


def cannot_write(at: NodeLocation, node_type: NodeType, refusal: FileNameError, place: PurePosixPath) -> Problem:
    """A node could not write to a folder."""
    socket = node_type.named[0].name if node_type.named else ""
    got = f"{node_type.writes}/{place}" if place.parts else f"{node_type.writes}/"
    expected = "a folder that can be written"
    return at.problem("cannot_write", str(refusal), socket, expected, got, refusal.remedy)


def dangling(at: NodeLocation, item: Input, source: Reference) -> Problem:
    """An edge comes from a node that does not exist."""
    remedy, got = "connect the input to a node that exists", f"a reference to node {source.node!r}"
    return at.problem("dangling_reference", "the node that feeds this input is not there", item.name, "", got, remedy)


def unknown_output(at: NodeLocation, item: Input, source: Reference, source_type: NodeType) -> Problem:
    """An edge comes from an output that the node does not have."""
    outputs = listed(source_type.output_index) or "none"
    expected = f"one of the outputs of node {source.node} ({source_type.id}): {outputs}"
    remedy = did_you_mean(source.output, source_type.output_index) or f"connect one of: {outputs}"
    message = f"node {source.node} has no output {source.output!r}"
    return at.problem("unknown_output", message, item.name, expected, repr(source.output), remedy)


def wrong_edge(at: NodeLocation, item: Input, source: NodeLocation, output: Output, fit: Fit) -> Problem:
    """An edge joins sockets that do not fit."""
    kind = f"a list of {in_words(output.type)}" if output.is_list else in_words(output.type)
    wanted = in_words(item.type)
    remedy = fit.remedy or f"connect an output of type {wanted}, or put a node between that converts it"
    return _of_edge(at, fit.reason, item.name, wanted, kind, remedy, source, f"{source.node_type}.{output.name}")


def clash_of_types(at: NodeLocation, clash: Clash, source: NodeLocation | None) -> Problem:
    """Two inputs with one type variable have different types; `source` feeds the second."""
    kin = f"inputs {clash.other} and {clash.input} are of one type"
    message = f"{kin}, and {clash.got} does not fit {clash.expected}"
    remedy = f"connect {clash.expected} here too, or put a node between that converts it"
    if source is None:
        return at.problem("wrong_socket_type", message, clash.input, clash.expected, clash.got, remedy)
    return _of_edge(at, message, clash.input, clash.expected, clash.got, remedy, source, source.node_type)


def _of_edge(
    at: NodeLocation, message: str, socket: str, expected: str, got: str, remedy: str, source: NodeLocation, giver: str
) -> EdgeProblem:
    where = at.node, at.node_type, socket, expected, got, remedy
    return EdgeProblem("wrong_socket_type", message, *where, source=source.node, giver=giver)


def bypassed_circle(at: NodeLocation, item: Input, path: Iterable[str]) -> Problem:
    """Bypassed nodes feed each other in a cycle."""
    message = f"bypassed nodes feed each other in a circle: {' -> '.join(path)}"
    return at.problem("cycle", message, item.name, remedy="remove one of the connections on this path")


def nothing_handed_on(at: NodeLocation, item: Input, bypassed: str) -> Problem:
    """A bypassed node has nothing to pass through."""
    message = f"the bypassed node {bypassed} has nothing of this type to hand on"
    remedy = "activate the bypassed node, or connect this input to another node"
    return at.problem("missing_input", message, item.name, in_words(item.type), "nothing", remedy)


def circle(path: list[NodeLocation]) -> Problem:
    """Nodes feed each other in a cycle."""
    named = " -> ".join(f"{at.node} ({at.node_type})" for at in [*path, path[0]])
    message = f"the nodes feed each other in a circle: {named}"
    remedy = "remove one of the connections on this path"
    return path[0].problem("cycle", message, "", "a graph without circles", named, remedy)


def nothing_to_run(muted: Iterable[str]) -> Problem:
    """No target can run; `muted` nodes are the cause, if there are any."""
    names = sorted(set(muted))
    if names:
        message = f"nothing would run: every target needs a muted node ({', '.join(names)})"
        return Problem("nothing_to_run", message, names[0], remedy="activate the muted node")
    message = "nothing in this workflow saves or shows anything, so there is nothing to run"
    return Problem("no_targets", message, remedy="add a node such as SaveImage or PreviewImage, or name a target")
