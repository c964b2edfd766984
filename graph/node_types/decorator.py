"""The decorator that makes a typed function a node type.

`@node` leaves the function callable as it is and hangs the type on it; nothing is registered behind the author's back
(see `graph.node_types.registry`).
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from graph.document.workflow import INSTANCE
from graph.node_types.digests import code_fingerprint
from graph.node_types.node_type import Lane, NodeDefinitionError, NodeType
from graph.node_types.signature import Signature, read_signature

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
    that does something besides returning (save, preview); such nodes are what a run aims for. `fingerprint` is called
    with the node's literal inputs, and with the `files` of the run if it takes them, and returns what else its result
    depends on (files named by `FileChoice` are counted without it). `cache=False` runs the node every time. `lane` says
    what it keeps busy: "device" nodes run one at a time, "cpu" and "io" nodes beside each other. `writes` is the kind
    of folder that the node writes new files into ("output", "temp"): that it can be written is checked before a run.
    `hands_on` names the input that the one output is, unchanged, so that what is written there is known before a run.

    Raises `NodeDefinitionError` when the signature does not say enough.
    """

    if not id or id.startswith(INSTANCE):
        raise NodeDefinitionError(f"{id!r} is no id for a node type; use one such as 'ImageBlur'")
    if lane not in typing.get_args(Lane):
        raise NodeDefinitionError(f"{id}: there is no lane {lane!r}; use one of {', '.join(typing.get_args(Lane))}")

    def decorate(function: Function) -> Function:
        signature = read_signature(function, id)
        if hands_on and (len(signature.outputs) != 1 or hands_on not in {item.name for item in signature.inputs}):
            raise NodeDefinitionError(f"{id}: hands_on names an input, and the node has one output")
        code = code_fingerprint(function)
        function.__node_type__ = NodeType(  # type: ignore[attr-defined]
            id=id,
            title=title or _words(id),
            category=category,
            help=inspect.cleandoc(function.__doc__ or ""),
            inputs=signature.inputs,
            outputs=signature.outputs,
            function=function,
            version=version,
            side_effect=side_effect,
            cache=cache,
            lane=lane,
            fingerprint=fingerprint,
            fingerprint_takes_files=_takes_files(fingerprint, signature),
            context_parameter=signature.context_parameter,
            returns_tuple=signature.returns_tuple,
            is_async=signature.is_async,
            code=code,
            module=function.__module__,
            aliases=aliases,
            experimental=experimental,
            deprecated=deprecated,
            writes=writes,
            hands_on=hands_on,
            recipe=f"{id}\0{version}\0{code}\0".encode(),
        )
        return function

    return decorate


def _takes_files(fingerprint: Callable[..., object] | None, signature: Signature) -> bool:
    if fingerprint is None or any(item.name == "files" for item in signature.inputs):
        return False
    return "files" in inspect.signature(fingerprint).parameters


def _words(identifier: str) -> str:
    """'ImageBlur' -> 'Image Blur', 'VAEDecode' -> 'VAE Decode'."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", identifier)
