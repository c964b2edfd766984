"""What a bypassed node hands on: for each output, one of its connected inputs.

It is that of the same place if its type fits, else the first of exactly that type, else the first that fits.
"""

from __future__ import annotations

from graph.node_types import Input, NodeType
from graph.sockets import can_connect
from graph.workflow import Node, Reference


def bypass_source(node: Node, node_type: NodeType, output: str, item: Input) -> Reference | None:
    """Where what reads an output of a bypassed node gets its value from; None when nothing fits both."""
    index = node_type.output_index.get(output)
    if index is None:
        return None
    given = node_type.outputs[index].type
    connected = {
        each.name: ref for each in node_type.inputs if isinstance(ref := node.inputs.get(each.name), Reference)
    }
    fitting = [
        each
        for each in node_type.inputs
        if each.name in connected
        and each.type.generic == given.generic
        and can_connect(each.type, given).ok
        and can_connect(each.type, item.type).ok
    ]
    same_place = [each for each in fitting if node_type.inputs.index(each) == index]
    exact = [each for each in fitting if each.type.name == given.name]
    chosen = next(iter([*same_place, *exact, *fitting]), None)
    return connected[chosen.name] if chosen else None
