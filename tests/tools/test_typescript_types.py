"""TypeScript from JSON Schemas: interfaces, unions, lists, and what may be left out."""

from __future__ import annotations

from tools.typescript_types import types_of

REF = {"$ref": "#/components/schemas/Colour"}


def written(**schemas: object) -> str:
    return types_of(schemas).split("\n\n", 2)[2]  # type: ignore[arg-type]


def test_an_object_is_an_interface_with_its_texts() -> None:
    schema = {
        "type": "object", "description": "A cat.", "required": ["name"],
        "properties": {"name": {"type": "string", "description": "Its name."}, "lives": {"type": "integer"}},
    }  # fmt: skip
    assert written(Cat=schema) == (
        "/** A cat. */\nexport interface Cat {\n  /** Its name. */\n  name: string\n  lives?: number\n}\n"
    )


def test_words_null_lists_and_maps() -> None:
    properties = {
        "kind": {"enum": ["a", "b"]},
        "maybe": {"anyOf": [REF, {"type": "null"}]},
        "all": {"type": "array", "items": {"anyOf": [REF, {"type": "null"}]}},
        "by": {"type": "object", "additionalProperties": {"type": "array", "items": REF}},
        "few": {"type": "object", "propertyNames": REF, "additionalProperties": {"type": "boolean"}},
        "any": {},
    }
    text = written(A={"type": "object", "required": [*properties], "properties": properties})
    for line in (
        "kind: 'a' | 'b'", "maybe: Colour | null", "all: (Colour | null)[]", "by: Record<string, Colour[]>",
        "few: Partial<Record<Colour, boolean>>", "any: Json",
    ):  # fmt: skip
        assert f"  {line}\n" in text


def test_a_union_that_is_too_long_for_a_line_has_a_line_for_each_part() -> None:
    names = [f"A{'x' * 40}{number}" for number in range(3)]
    text = written(All={"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]})
    assert text == "export type All =\n" + "".join(f"  | {name}\n" for name in names)


def test_an_object_with_further_fields_of_one_kind_has_an_index() -> None:
    text = written(
        M={"type": "object", "properties": {"left": {"type": "string"}}, "additionalProperties": {"type": "number"}}
    )
    assert "  left?: string\n  [key: string]: number | string\n" in text
