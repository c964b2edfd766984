"""Write the editor's types of what the server says and takes: `web/src/api/types.ts`, from the OpenAPI document.

python tools/typescript_types.py           # write the file
python tools/typescript_types.py --check   # fail when it is not what would be written
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "web" / "src" / "api" / "types.ts"
HEAD = """/** The shapes of what the server says and takes. From `server/shapes`, by `make types`. */

export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json }
"""
WIDTH = 110
"""Letters of a line, as `web/biome.json` has it."""
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME = re.compile(r"[A-Za-z_]\w*")
Schema = Mapping[str, Any]


def types_of(schemas: Mapping[str, Schema]) -> str:
    """The text of the file for some schemas by name."""
    parts = [HEAD]
    for name, schema in schemas.items():
        if (schema.get("type") == "object" and "additionalProperties" not in schema) or schema.get("properties"):
            parts.append("\n".join(_interface(name, schema)))
        else:
            parts.append("\n".join([*_comment(schema.get("description", ""), ""), *_alias(name, schema)]))
    return "\n".join(parts)


def _interface(name: str, schema: Schema) -> Iterator[str]:
    yield from _comment(schema.get("description", ""), "")
    properties = schema.get("properties", {})
    yield f"export interface {name} {{"
    for field, inner in properties.items():
        yield from _comment(inner.get("description", ""), "  ")
        mark = "" if field in schema.get("required", ()) else "?"
        yield from _wrapped(f"  {_key(field)}{mark}: ", _type(inner), "  ")
    if isinstance(more := schema.get("additionalProperties"), dict):
        others = dict.fromkeys([_type(more), *map(_type, properties.values())])
        yield f"  [key: string]: {' | '.join(others)}"
    yield "}\n"


def _alias(name: str, schema: Schema) -> Iterator[str]:
    yield from _wrapped(f"export type {name} = ", _type(schema), "")
    yield ""


def _wrapped(head: str, kind: str, indent: str) -> Iterator[str]:
    """A line; a union that is too long for it has a line for each part."""
    if len(head) + len(kind) <= WIDTH or " | " not in kind or "<" in kind:
        yield head + kind
        return
    yield head.rstrip()
    yield from (f"{indent}  | {part}" for part in kind.split(" | "))


def _type(schema: Schema) -> str:
    """The type of what fits a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(map(_type, schema["anyOf"])))
    if "enum" in schema:
        return " | ".join(_literal(value) for value in schema["enum"])
    kind = schema.get("type")
    if kind == "array":
        item = _type(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        return _record(schema)
    return _PLAIN[kind] if kind else "Json"


def _record(schema: Schema) -> str:
    value = _type(schema.get("additionalProperties") or {})
    names = schema.get("propertyNames")
    return f"Partial<Record<{_type(names)}, {value}>>" if names else f"Record<string, {value}>"


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else json.dumps(value)


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) else f"'{name}'"


def _comment(text: str, indent: str) -> Iterator[str]:
    if text:
        yield f"{indent}/** {text} */"


def current() -> str:
    """The text that the file should have."""
    sys.path.insert(0, str(ROOT))
    from server.application import ROUTES
    from server.http.openapi import describe
    from server.shapes.schema import is_declared_here

    schemas = describe(ROUTES, "")["components"]["schemas"]
    for name, schema in schemas.items():
        if not is_declared_here(name):  # a word less in a docstring of the engine does not make this file old
            schema.pop("description", None)
    return types_of(schemas)


def main() -> int:
    """Write the file, or check it."""
    text = current()
    if "--check" not in sys.argv:
        PLACE.write_text(text, encoding="utf-8")
        return 0
    if PLACE.read_text(encoding="utf-8") == text:
        return 0
    print("web/src/api/types.ts is old; write it anew with 'make types'.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
