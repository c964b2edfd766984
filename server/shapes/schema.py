"""Makes JSON Schemas of structs: for the OpenAPI document, and for the types of the editor.

A text below a field is its description.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from server.shapes import events, explanations, messages, node_types, problems, runs, system, workflows

REFERENCE = "#/components/schemas/{name}"
ALIASES: Mapping[str, Any] = {
    "RunEvent": events.RunEvent,
    "ServerMessage": messages.ServerMessage,
    "WorkflowOpened": workflows.WorkflowOpened,
    "Widget": node_types.Widget,
    "RunStatus": runs.RunStatus,
    "NodePhase": runs.NodePhase,
    "NodeOutcome": explanations.NodeOutcome,
    "WorkerPhase": system.WorkerPhase,
}
"""Unions and lists of words with a name of their own."""
_ALWAYS = (
    problems.ErrorAnswer,
    messages.Hello,
    messages.Preview,
    workflows.WorkflowDocument,
    workflows.WorkflowVersions,
)
"""Structs that no route names: errors, messages, and parts of bodies."""


def components(shapes: Iterable[Any]) -> dict[str, Any]:
    """Returns the schemas of structs, and of all that they refer to, by name."""
    roots = [*_ALWAYS, *ALIASES.values(), *shapes]
    own, found = msgspec.json.schema_components(roots, ref_template=REFERENCE)
    aliases = dict(zip(ALIASES, own[len(_ALWAYS) :], strict=False))
    for kind in _structs(roots):
        _require_what_is_sent(kind, found[kind.cls.__name__])
    named = {name: _with_aliases(schema, aliases) for name, schema in found.items()}
    for name, schema in named.items():
        _describe(name, schema)
    return dict(sorted({**named, **aliases}.items()))


def is_declared_here(name: str) -> bool:
    """Whether a struct is declared in this folder, and not made from a record of the engine."""
    return name in _descriptions()


def reference(shape: Any) -> dict[str, Any]:
    """Returns the schema that refers to a struct."""
    for name, named in ALIASES.items():
        if shape is named:
            return {"$ref": REFERENCE.format(name=name)}
    ((schema,), _) = msgspec.json.schema_components([shape], ref_template=REFERENCE)
    return dict(schema)


def described(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Returns the schema of one struct, with descriptions."""
    (_, found) = msgspec.json.schema_components([shape], ref_template=REFERENCE)
    schema: dict[str, Any] = found[shape.__name__]
    _describe(shape.__name__, schema)
    return schema


def _structs(roots: Iterable[Any]) -> Iterable[inspect.StructType]:
    """Returns every struct in types, once."""
    seen: set[type[Any]] = set()
    waiting: list[Any] = list(inspect.multi_type_info(roots))
    while waiting:
        match waiting.pop():
            case inspect.StructType() as kind if kind.cls not in seen:
                seen.add(kind.cls)
                waiting += [field.type for field in kind.fields]
                yield kind
            case inspect.UnionType() as union:
                waiting += union.types
            case inspect.ListType() as items:
                waiting.append(items.item_type)
            case inspect.DictType() as pairs:
                waiting.append(pairs.value_type)
            case inspect.Metadata() as more:
                waiting.append(more.type)


def _require_what_is_sent(kind: inspect.StructType, schema: dict[str, Any]) -> None:
    """A field with a default may be missing in received data; sent data has it always."""
    config = kind.cls.__struct_config__
    if config.omit_defaults or config.forbid_unknown_fields:
        return
    may_lack = {name for name, default in _defaults(kind.cls) if default is msgspec.UNSET}
    always = schema["properties"].keys() - may_lack
    schema["required"] = [name for name in schema["properties"] if name in always]
    for name in always:
        schema["properties"][name].pop("default", None)


def _defaults(shape: type[msgspec.Struct]) -> Iterable[tuple[str, Any]]:
    return [(field.encode_name, field.default) for field in msgspec.structs.fields(shape)]


def _with_aliases(value: Any, aliases: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_with_aliases(each, aliases) for each in value]
    if not isinstance(value, dict):
        return value
    for name, schema in aliases.items():
        if value == schema:
            return {"$ref": REFERENCE.format(name=name)}
    return {name: _with_aliases(each, aliases) for name, each in value.items()}


def _describe(name: str, schema: dict[str, Any]) -> None:
    schema.pop("title", None)
    for field, text in _descriptions().get(name, {}).items():
        if field in schema.get("properties", {}):
            schema["properties"][field]["description"] = text


@cache
def _descriptions() -> dict[str, dict[str, str]]:
    """Shape -> field -> the text below it, of all shapes that are declared in this folder."""
    found: dict[str, dict[str, str]] = {}
    bases: dict[str, list[str]] = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name] = dict(_fields_with_texts(node))
                bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
    return {
        name: {**{field: text for base in bases[name] for field, text in found.get(base, {}).items()}, **own}
        for name, own in found.items()
    }


def _fields_with_texts(node: ast.ClassDef) -> Iterable[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
        ):
            yield field.target.id, str(below.value.value)
