"""The text of a stub file for type checkers and editors, from node types: a method for each, with its inputs.

A value of a socket type is a class of the stub (`IMAGE` is a tensor, `INT` an int); `Output[IMAGE]` is an output that
gives one. A node with one output stands for it; one with several is a tuple of them, with their names as attributes.
Types that nobody declared are empty classes: their values come from `run` alone.
"""

from __future__ import annotations

import keyword
import math
import re
import textwrap
from collections.abc import Iterable

from graph.node_types.node_type import Input, Missing, NodeType, Output
from graph.node_types.widgets import Choice
from graph.scripting.handles import FIELDS, NodeHandle

PLAIN = {"INT": "int", "FLOAT": "float", "STRING": "str", "COMBO": "str", "BOOLEAN": "bool", "*": "Any", "BODY": "str"}
"""Socket types whose values are Python's own."""
_PYTHON = frozenset(PLAIN.values())
DECLARED = {"IMAGE": "Tensor", "MASK": "Tensor", "SIGMAS": "Tensor", "LATENT": "dict[str, Any]"}
"""Socket types whose values are of a class that others know."""
TAKEN = {"IMAGE": "Picture", "MASK": "Picture", "LATENT": "Tensor", "CONDITIONING": "list[Any]"}
"""What else an input of a type takes."""
_WIDTH = 116
_TAKEN_NAMES = frozenset({*dir(NodeHandle), *FIELDS, "count", "index"})
"""Attributes that are no outputs, though an output may have such a name."""


def stub_text(node_types: Iterable[NodeType], head: str, members: str) -> str:
    """Return the stub: `head`, the classes of socket types and nodes, and `members` of the class `Workflow` followed by
    a method for each node type whose id can be written in Python, sorted by id."""
    known = sorted((each for each in node_types if _is_name(each.id)), key=lambda each: each.id)
    parts = [head.rstrip()]
    parts += [_socket_class(name) for name in _socket_names(known)]
    parts += [f"_{name}: TypeAlias = {name}" for name in _socket_names(known)]
    parts += sorted({_one_class(each.outputs[0]) for each in known if len(each.outputs) == 1})
    parts += [_node_class(each) for each in known if len(each.outputs) > 1]
    methods = "\n\n".join(_method(each) for each in known)
    parts.append(f"{members.rstrip()}\n\n{methods}")
    return "\n\n".join(parts) + "\n"


def _socket_names(node_types: list[NodeType]) -> list[str]:
    sockets = [item.type for each in node_types for item in each.inputs]
    sockets += [item.type for each in node_types for item in each.outputs]
    names = {name for socket in sockets for name in (*socket.names, *socket.converts)}
    return sorted(name for name in names if name not in PLAIN and _is_name(name))


def _socket_class(name: str) -> str:
    base = f"({DECLARED[name]})" if name in DECLARED else ""
    return f'class {name}{base}:\n    """A value of the socket type {name}."""'


def _node_class(node_type: NodeType) -> str:
    kinds = ", ".join(f"Output[{_value(output)}]" for output in node_type.outputs)
    lines = [f"class {_class_name(node_type)}(tuple[{kinds}], NodeHandle):  # type: ignore[misc]"]
    lines.append(f'    """The outputs of {node_type.id}."""')
    for output in node_type.outputs:
        lines += _attribute(output)
        lines += [f"    {_quoted(output.tooltip)}"] if output.tooltip else []
    return "\n".join(lines)


def _one_class(output: Output) -> str:
    lines = [f"class {_one_name(output)}(OneOutput[{_value(output)}]):", '    """A node with one output."""']
    return "\n".join([*lines, *_attribute(output)])


def _one_name(output: Output) -> str:
    kind = re.sub(r"\W+", "Or", _value(output))
    return f"{output.name if _is_name(output.name) else ''}_{kind}_Node"


def _attribute(output: Output) -> list[str]:
    """Return the line of an output: of a class in which `IMAGE` is an attribute, `_IMAGE` is the type."""
    if not _is_name(output.name) or output.name in _TAKEN_NAMES:
        return []
    kind = " | ".join(name if name in _PYTHON else f"_{name}" for name in _value(output).split(" | "))
    return [f"    {output.name}: Output[{kind}]"]


def _class_name(node_type: NodeType) -> str:
    return f"{node_type.id}Node"


def _method(node_type: NodeType) -> str:
    inputs = [item for item in node_type.inputs if _is_name(item.name)]
    others = len(inputs) < len(node_type.inputs) or bool(node_type.named)
    ordered = sorted(inputs, key=lambda item: not _is_needed(item))
    lines = [f"    def {node_type.id}("]
    lines.append("        self," + (" *," if ordered else ""))
    lines += [f"        {item.name}: {_taken(item)}{_default(item)}," for item in ordered]
    lines += ["        **others: Any,"] if others else []
    lines.append(f"    ) -> {_given(node_type)}:")
    lines += textwrap.indent(_doc(node_type), " " * 8).splitlines()
    return "\n".join(lines)


def _given(node_type: NodeType) -> str:
    if not node_type.outputs:
        return "NodeHandle"
    return _one_name(node_type.outputs[0]) if len(node_type.outputs) == 1 else _class_name(node_type)


def _value(output: Output) -> str:
    if output.type.generic:
        return "Any"
    return " | ".join(dict.fromkeys(map(_python, output.type.names)))


def _python(name: str) -> str:
    return PLAIN.get(name) or (name if _is_name(name) else "Any")


def _taken(item: Input) -> str:
    """Return the type of a parameter: values, and outputs that may feed it."""
    names = dict.fromkeys([*item.type.names, *item.type.converts])
    if item.type.generic or "*" in names:
        return "Any"
    values = dict.fromkeys(map(_python, item.type.names))
    if isinstance(item.widget, Choice) and item.widget.options:
        values = dict.fromkeys([f"Literal[{', '.join(map(repr, item.widget.options))}]"])
    values |= dict.fromkeys(TAKEN[name] for name in item.type.names if name in TAKEN)
    linked = f"Link[{' | '.join(dict.fromkeys(map(_python, names)))}]"
    found = [*values, *(f"list[{value}]" for value in values if item.collects), linked]
    return " | ".join([*found, *(["None"] if item.optional else [])])


def _is_needed(item: Input) -> bool:
    return isinstance(item.default, Missing) and not item.optional


def _default(item: Input) -> str:
    if _is_needed(item):
        return ""
    value = item.default
    is_short = (
        value is None or isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))
    )
    return f" = {value!r}" if is_short and len(repr(value)) < 60 else " = ..."


def _doc(node_type: NodeType) -> str:
    lines = [f"{node_type.title}. {node_type.help}", ""]
    for item in node_type.inputs:
        if item.tooltip:
            lines += textwrap.wrap(f"{item.name}: {item.tooltip}", _WIDTH - 8, subsequent_indent="    ")
    return _quoted("\n".join(lines).strip() + ("\n" if len(lines) > 2 else ""))


def _quoted(text: str) -> str:
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''") + '"""'


def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
