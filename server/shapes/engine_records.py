"""Makes structs from the engine's dataclasses, so that a new field is validated, described and typed at once.

The engine imports only the standard library and networkx, so its records are converted here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

Types = Mapping[Any, Any]
"""Type of a field in the engine -> type in the struct."""


def shape_of(
    record: type[Any],
    types: Types,
    *,
    name: str = "",
    tag: tuple[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
    left_out: Collection[str] = (),
    optional: Collection[str] | None = None,
    strict: bool = True,
    named: Types | None = None,
) -> type[msgspec.Struct]:
    """Returns a struct with the fields of a dataclass.

    `tag` is a field that says of which kind it is, and its value. `more` are further fields, `left_out` those that are
    not sent, `named` types of fields by their names. Fields in `optional` may be missing and are left out where they
    hold their default; without it, all those that have a default.
    """
    hints = get_type_hints(record)
    declared: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for item in fields(record):
        if item.name in left_out:
            continue
        outside = (named or {}).get(item.name) or translated(hints[item.name], types)
        may_lack = item.default is not MISSING and (optional is None or item.name in optional)
        default = [] if item.default == () else item.default
        declared.append((item.name, outside, default) if may_lack else (item.name, outside))
    declared += list((more or {}).items())
    return msgspec.defstruct(
        name or record.__name__,
        declared,
        tag_field=tag[0] if tag else None,
        tag=tag[1] if tag else None,
        kw_only=True,
        omit_defaults=True,
        forbid_unknown_fields=strict,
        namespace={"__doc__": (record.__doc__ or "").strip().split("\n")[0]},
        module=__name__,
    )


def translated(hint: Any, types: Types) -> Any:
    """Returns the type in a struct for a type in the engine: tuples become lists, records become structs."""
    if hint in types:
        return types[hint]
    parts = get_args(hint)
    if get_origin(hint) is tuple and len(parts) == 2 and parts[1] is ...:
        return list[translated(parts[0], types)]  # type: ignore[misc]
    if type(None) in parts and len(parts) == 2:
        other = next(part for part in parts if part is not type(None))
        return translated(other, types) | None
    raise TypeError(f"a record of the engine has a field of type {hint}, which has no shape")
