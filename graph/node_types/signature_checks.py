"""Checks of the definition of an input.

They run when the node is defined, because a user of the node could not fix its definition.
"""

from __future__ import annotations

from graph.files.folders import Files
from graph.node_types.body import BODY
from graph.node_types.node_type import REQUIRED, Input, NodeDefinitionError
from graph.node_types.sockets import BOOLEAN, COMBO, FLOAT, INT, STRING
from graph.node_types.value_checks import Refusal, admit_literal, can_be_written
from graph.node_types.widgets import Choice, FileChoice, Number, Seed, Slider, SubworkflowChoice

_PLAIN = {socket.name for socket in (INT, FLOAT, STRING, BOOLEAN, COMBO, BODY)}
_NO_FILES = Files()


def check_choice(widget: Choice | FileChoice, names: tuple[str, ...], where: str) -> None:
    """Raise `NodeDefinitionError` for a choice without options, or for an input that is no text."""
    if isinstance(widget, Choice) and not widget.options:
        raise NodeDefinitionError(f"{where}: there is nothing to choose from; give Choice(...) its options")
    if not {"STRING", "COMBO"} & set(names) and set(names) <= _PLAIN:
        raise NodeDefinitionError(f"{where}: a choice is a text; write Annotated[str, ...]")


def check_input(item: Input, where: str) -> None:
    """Raise `NodeDefinitionError` for a widget that cannot set the input, and for a default that would be refused."""
    widget = item.widget
    if isinstance(widget, Slider) and (widget.min is None or widget.max is None):
        raise NodeDefinitionError(f"{where}: a slider needs both limits; write Slider(0, 1)")
    limits = (widget.min, widget.max) if isinstance(widget, Number | Seed) else (None, None)
    if limits[0] is not None and limits[1] is not None and limits[0] > limits[1]:
        raise NodeDefinitionError(f"{where}: the limits {limits[0]} and {limits[1]} leave nothing between them")
    if isinstance(widget, Number) and widget.multiple_of is not None:
        _check_multiples(widget, where)
    sets = widget.sets if widget is not None else ()
    if sets and set(item.type.names) <= _PLAIN and not set(sets) & set(item.type.names):
        name, words = type(widget).__name__, " or ".join(sets)
        raise NodeDefinitionError(f"{where}: {name} sets {words}, and the input is of type {item.type.name}")
    _check_default(item, where)


def _check_multiples(widget: Number, where: str) -> None:
    factor = widget.multiple_of
    if not isinstance(factor, int) or factor < 1:
        raise NodeDefinitionError(f"{where}: multiple_of={factor!r} is no whole number of at least 1")
    for limit in (widget.min, widget.max):
        if limit is not None and limit % factor:
            raise NodeDefinitionError(f"{where}: the limit {limit} is not a multiple of {factor} itself")


def _check_default(item: Input, where: str) -> None:
    default = item.default
    if default is REQUIRED or (default is None and (item.optional or item.type.name == "*")):
        return
    if default is None:
        raise NodeDefinitionError(f"{where}: the default is None, which the input does not take; write '| None = None'")
    if not can_be_written(item):
        raise NodeDefinitionError(
            f"{where}: the default {default!r} could never be set, because this input is only connected; "
            f"write '| None = None', or give it a widget: Annotated[..., Number()]"
        )
    if isinstance(item.widget, FileChoice | SubworkflowChoice):
        return  # the choices are not known yet
    found = admit_literal(item, default, _NO_FILES)
    if isinstance(found, Refusal):
        raise NodeDefinitionError(f"{where}: the default {default!r} would be refused; use {found.expected}")
