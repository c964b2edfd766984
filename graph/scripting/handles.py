"""A node and an output of a workflow, as scripts hold them. The document itself is kept by their owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from graph.base.errors import NodeError, Problem
from graph.base.suggestions import did_you_mean, listed
from graph.building import problems
from graph.building.problems import NodeLocation
from graph.document.workflow import Mode, Node, Reference
from graph.node_types.flow import GivenValue
from graph.node_types.node_type import REQUIRED, NodeType
from graph.scripting.errors import UnknownNameError, UnknownOutputError

T_co = TypeVar("T_co", covariant=True)
FIELDS = ("title", "mode", "position")
"""What can be set of a node besides its inputs."""


class Owner(Protocol):
    """The workflow that nodes belong to."""

    def node_of(self, node_id: str) -> Node:
        """Return a node as it is in the document."""

    def type_of(self, node_id: str) -> NodeType | None:
        """Return the type of a node, or None where it is unknown."""

    def change_inputs(self, node_id: str, values: Mapping[str, object], without: tuple[str, ...] = ()) -> None:
        """Set some inputs of a node, and take others away. Raises `WorkflowError`."""

    def change_fields(self, node_id: str, values: Mapping[str, Any]) -> None:
        """Set title, mode or position of a node."""


class Output(Generic[T_co]):
    """One output of a node; `T_co` is the type of its values, for type checkers."""

    __slots__ = ("name", "node")

    def __init__(self, node: NodeHandle, name: str) -> None:
        self.node = node
        self.name = name

    @property
    def reference(self) -> Reference:
        """The output as documents name it."""
        return Reference(self.node.id, self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Output) and (self.node, self.name) == (other.node, other.name)

    def __hash__(self) -> int:
        return hash((self.node, self.name))

    def __repr__(self) -> str:
        return f"<{self.node.id}: {self.node.type}.{self.name}>"


class NodeHandle:
    """A node of a workflow.

    Outputs are attributes (`node.MODEL`), items (`node[0]`), or taken apart (`model, clip, vae = node`); inputs are in
    `node.inputs`. `title`, `mode` ("active", "muted", "bypassed") and `position` can be set.
    """

    __slots__ = ("id", "owner")

    def __init__(self, owner: Owner, node_id: str) -> None:
        object.__setattr__(self, "owner", owner)
        object.__setattr__(self, "id", node_id)

    if TYPE_CHECKING:
        owner: Owner
        id: str
        title: str
        mode: str
        position: tuple[float, float] | None

    @property
    def type(self) -> str:
        """The id of the node's type; `@id` for an instance of the sub-workflow `id`."""
        return self.owner.node_of(self.id).type

    @property
    def inputs(self) -> InputValues:
        """The inputs by name: read, set, or delete them to have the default again."""
        return InputValues(self)

    def set(self, **values: Any) -> NodeHandle:
        """Set several inputs; returns the node. Raises `WorkflowError`, and then sets none of them."""
        self.owner.change_inputs(self.id, values)
        return self

    @property
    def outputs(self) -> tuple[Output[Any], ...]:
        """The outputs in order; none for a node of an unknown type, of which `output_named` gives any."""
        found = self.owner.type_of(self.id)
        return tuple(Output(self, item.name) for item in found.outputs) if found else ()

    def output_named(self, name: str) -> Output[Any]:
        """Return the output of a name, also where an attribute has that name. Raises `UnknownOutputError`."""
        found = self.owner.type_of(self.id)
        if found is not None and name not in found.output_index:
            raise self._no_output(name, found)
        return Output(self, name)

    def only_output(self) -> Output[Any]:
        """Return the output of a node that has one; raises `NodeError` for other nodes."""
        outputs = self.outputs
        if len(outputs) != 1:
            has = listed([f"node.{item.name}" for item in outputs])
            remedy = f"write one of its outputs: {has}" if outputs else "take a node that gives something"
            raise NodeError(f"{self!r} does not stand for one output: it has {len(outputs) or 'none'}", remedy=remedy)
        return outputs[0]

    def __iter__(self) -> Iterator[Output[Any]]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int) -> Output[Any]:
        if not isinstance(index, int):
            raise TypeError(f"{self!r}[{index!r}]: outputs are counted from 0; inputs are in node.inputs[{index!r}]")
        outputs = self.outputs
        if not -len(outputs) <= index < len(outputs):
            raise self._no_output(index, self.owner.type_of(self.id))
        return outputs[index]

    if not TYPE_CHECKING:  # type checkers know the outputs from the stubs, and a wrong one shall be an error there

        def __getattr__(self, name: str) -> Any:
            if name in FIELDS:
                found = getattr(self.owner.node_of(self.id), name)
                return str(found) if name == "mode" else found
            if name.startswith("_"):
                raise AttributeError(name)
            return self.output_named(name)

        def __setattr__(self, name: str, value: Any) -> None:
            if name not in FIELDS:
                raise AttributeError(f"{self!r} has no {name!r} to set; write node.inputs[{name!r}] = ... for an input")
            if name == "title" and not isinstance(value, str):
                raise TypeError(f"the title of {self!r} is a text, not {type(value).__name__}")
            self.owner.change_fields(self.id, {name: Mode(value) if name == "mode" else value})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *FIELDS, *(item.name for item in self.outputs)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NodeHandle) and self.owner is other.owner and self.id == other.id

    def __hash__(self) -> int:
        return hash((id(self.owner), self.id))

    def __repr__(self) -> str:
        return f"<{self.id}: {self.type}>"

    def _no_output(self, name: str | int, node_type: NodeType | None) -> UnknownOutputError:
        known = node_type.output_index if node_type else ()
        remedy = did_you_mean(str(name), known) or f"it has the outputs {listed(known) or 'none at all'}"
        if node_type is not None and name in node_type.by_name:
            remedy = f"{name!r} is an input: write node.inputs[{name!r}]; {remedy}"
        return UnknownOutputError(
            [Problem("unknown_output", f"the node has no output {name!r}", self.id, self.type, remedy=remedy)]
        )


class InputValues(MutableMapping[str, Any]):
    """The inputs of a node: values as they are written, defaults, and `Output`s for connections."""

    def __init__(self, node: NodeHandle) -> None:
        self._node = node

    def __getitem__(self, name: str) -> Any:
        node, node_type = self._node.owner.node_of(self._node.id), self._node.owner.type_of(self._node.id)
        item = node_type.by_name.get(name) if node_type else None
        value = node.inputs.get(name, item.default if item else REQUIRED)
        if isinstance(value, Reference):
            return Output(NodeHandle(self._node.owner, value.node), value.output)
        if isinstance(value, GivenValue):
            return value.value
        if value is REQUIRED:
            at = NodeLocation(self._node.id, node.type)
            if item is None:
                raise UnknownNameError([problems.unknown_input(at, name, node_type.by_name if node_type else ())])
            raise UnknownNameError([at.problem("missing_input", "the input has no value", name)])
        return value

    def __setitem__(self, name: str, value: object) -> None:
        self._node.owner.change_inputs(self._node.id, {name: value})

    def __delitem__(self, name: str) -> None:
        if name not in self._node.owner.node_of(self._node.id).inputs:
            raise KeyError(name)
        self._node.owner.change_inputs(self._node.id, {}, (name,))

    def __iter__(self) -> Iterator[str]:
        written, node_type = self._node.owner.node_of(self._node.id).inputs, self._node.owner.type_of(self._node.id)
        known = node_type.inputs if node_type else ()
        defaults = [item.name for item in known if item.name in written or item.default is not REQUIRED]
        return iter(dict.fromkeys([*defaults, *written]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))
