"""What a saved workflow looks like, and that nothing is lost on the way to the file and back."""

import json
import math

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.workflow import Mode, Node, Reference, Workflow
from graph.workflow_reader import SCHEMA_PATH, parse
from graph.workflow_writer import LINE_WIDTH, dump, to_json
from tests.support.toys import workflow_from_text

SCHEMA = jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
KNOWN = {"jacquard", "title", "description", "nodes", "groups", "notes", "app", "packs", "models"}
KNOWN_OF_NODE = {"type", "title", "mode", "position", "size", "inputs", "seeds"}

numbers = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, json_values, max_size=3)
pairs = st.none() | st.tuples(numbers, numbers)
nodes = st.builds(
    Node,
    type=st.text(min_size=1, max_size=8),
    inputs=st.dictionaries(words, json_values | st.builds(Reference, words, words), max_size=4),
    title=words,
    mode=st.sampled_from(Mode),
    position=pairs,
    size=pairs,
    seeds=st.dictionaries(words, words, max_size=2),
    extra=st.dictionaries(words.filter(lambda key: key not in KNOWN_OF_NODE), json_values, max_size=2),
)
workflows = st.builds(
    Workflow,
    nodes=st.dictionaries(words, nodes, max_size=4),
    title=words,
    description=words,
    groups=st.lists(objects, max_size=2).map(tuple),
    notes=st.lists(objects, max_size=2).map(tuple),
    app=objects,
    packs=st.dictionaries(words, words, max_size=2),
    models=objects,
    extra=st.dictionaries(words.filter(lambda key: key not in KNOWN), json_values, max_size=2),
)


@settings(max_examples=80, deadline=None)
@given(workflows)
def test_what_is_written_is_read_back_the_same_and_in_the_same_order(workflow):
    text = dump(workflow)
    back = parse(text)
    assert back == workflow
    assert list(back.nodes) == list(workflow.nodes)
    for node_id, node in workflow.nodes.items():
        assert list(back.nodes[node_id].inputs) == list(node.inputs)
    assert dump(back) == text, "saving again changes nothing"
    assert SCHEMA.is_valid(json.loads(text)), "what we write fits the schema that we publish"


def test_unknown_keys_are_kept_even_when_they_are_false_or_empty():
    document = {
        "jacquard": 1,
        "nodes": {"1": {"type": "Add", "folded": False, "rank": 0, "later": None, "tags": []}},
        "locked": False,
        "later": {},
    }
    assert to_json(parse(json.dumps(document))) == document


def test_what_is_empty_or_usual_is_left_out():
    assert to_json(Workflow({"1": Node("Add")})) == {"jacquard": 1, "nodes": {"1": {"type": "Add"}}}


def test_inputs_that_are_false_or_empty_are_kept():
    inputs = {"a": 0, "b": "", "c": None, "d": False, "e": []}
    assert to_json(Workflow({"1": Node("Add", inputs)}))["nodes"]["1"]["inputs"] == inputs


def test_a_literal_object_is_wrapped_and_a_reference_is_not():
    node = Node("Add", {"a": {"from": ["2", "INT"]}, "b": Reference("2", "INT")})
    assert to_json(Workflow({"1": node}))["nodes"]["1"]["inputs"] == {
        "a": {"value": {"from": ["2", "INT"]}},
        "b": {"from": ["2", "INT"]},
    }


def test_what_is_short_goes_on_one_line():
    text = dump(
        Workflow(
            {
                "4": Node("Load", {"file": "cat.png"}, position=(10, 20)),
                "5": Node("Blur", {"image": Reference("4", "IMAGE"), "text": "x" * LINE_WIDTH}, title="Soft"),
            },
            title="Two nodes",
        )
    )
    assert text == (
        "{\n"
        '  "jacquard": 1,\n'
        '  "title": "Two nodes",\n'
        '  "nodes": {\n'
        '    "4": {"type": "Load", "position": [10, 20], "inputs": {"file": "cat.png"}},\n'
        '    "5": {\n'
        '      "type": "Blur",\n'
        '      "title": "Soft",\n'
        '      "inputs": {\n'
        '        "image": {"from": ["4", "IMAGE"]},\n'
        f'        "text": "{"x" * LINE_WIDTH}"\n'
        "      }\n"
        "    }\n"
        "  }\n"
        "}\n"
    )


def test_the_document_itself_is_always_opened_up():
    assert dump(Workflow()) == '{\n  "jacquard": 1,\n  "nodes": {}\n}\n'


def test_changing_one_input_changes_one_line():
    workflow = workflow_from_text("a -> b -> c, a -> d")
    before, after = (dump(item).splitlines() for item in (workflow, workflow.with_input("c", "number", 7)))
    assert len([1 for old, new in zip(before, after, strict=True) if old != new]) == 1


def test_words_of_all_languages_are_readable_in_the_file():
    assert "猫 ü 🐈" in dump(Workflow(title="猫 ü 🐈"))


def test_half_a_character_stays_an_escape_so_that_the_file_can_be_written():
    text = dump(Workflow(title="a\ud83d", description="\udc08\\"))
    assert text.encode()
    assert (parse(text).title, parse(text).description) == ("a\ud83d", "\udc08\\")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1, [math.nan]]])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="JSON compliant"):
        dump(Workflow({"1": Node("Add", {"x": value})}))


def test_ten_thousand_nodes_are_written_and_read():
    chain = workflow_from_text(" -> ".join(f"n{number}" for number in range(10_000)))
    assert parse(dump(chain)) == chain
