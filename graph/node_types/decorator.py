"""The decorator that makes a typed function a node type.

`@node` leaves the function callable as it is and attaches the node type to it. It registers nothing: the author, or the
loader of packs, adds node types to a registry (`graph.node_types.registry`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from graph.node_types.make_node_type import check_id_and_lane, make_node_type
from graph.node_types.node_type import Lane
from graph.node_types.signature import read_signature

Function = TypeVar("Function", bound=Callable[..., Any])


def node(
    id: str,  # noqa: A002 - the field's word for it
    *,
    title: str = "",
    category: str,
    version: int = 1,
    side_effect: bool = False,
    cache: bool = True,
    lane: Lane = "cpu",
    fingerprint: Callable[..., object] | None = None,
    aliases: tuple[str, ...] = (),
    experimental: bool = False,
    deprecated: bool = False,
    writes: str = "",
    hands_on: str = "",
) -> Callable[[Function], Function]:
    """Make a function a node type.

    `version` is part of the cache key: raise it when the same inputs give another output. `side_effect` marks a node
    that does something besides returning (save, preview); a run without named targets runs these nodes. `fingerprint`
    is called with the node's literal inputs, and with the `files` of the run if it takes them, and returns what else
    its result depends on (files chosen by a `FileChoice` are part of the key anyway). With `cache=False` the node runs
    every time. `lane` says which resource the node uses: "device" nodes run one at a time, "cpu" and "io" nodes in
    parallel. `writes` is the kind of folder that the node writes new files into ("output", "temp"); before a run it is
    checked that this folder can be written. `hands_on` names the input that the one output returns unchanged, so that
    a value written there is known before the run.

    Raises `NodeDefinitionError` when the signature does not say enough.
    """
    check_id_and_lane(id, lane)

    def decorate(function: Function) -> Function:
        signature = read_signature(function, id)
        function.__node_type__ = make_node_type(  # type: ignore[attr-defined]
            function,
            id=id,
            inputs=signature.inputs,
            outputs=signature.outputs,
            category=category,
            title=title,
            help=function.__doc__ or "",
            version=version,
            side_effect=side_effect,
            cache=cache,
            lane=lane,
            fingerprint=fingerprint,
            context_parameter=signature.context_parameter,
            returns_tuple=signature.returns_tuple,
            aliases=aliases,
            experimental=experimental,
            deprecated=deprecated,
            writes=writes,
            hands_on=hands_on,
        )
        return function

    return decorate
