"""What a saved workflow looks like, and that nothing is lost on the way to the file and back."""

import json
import math

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.document.reader import SCHEMA_PATH, parse
from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.document.writer import LINE_WIDTH, dump, to_json
from tests.support.examples import examples
from tests.support.toys import workflow_from_text

SCHEMA = jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf-8")))
KNOWN = {"jacquard", "title", "description", "nodes", "subworkflows", "groups", "notes", "app", "packs", "models"}
KNOWN_OF_SUBWORKFLOW = {"title", "description", "inputs", "outputs", "nodes", "groups", "notes"}
KNOWN_OF_NODE = {"type", "title", "mode", "position", "size", "inputs", "seeds"}

numbers = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
words = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, json_values, max_size=3)
ids = words.filter(lambda node_id: "/" not in node_id)
names = st.text(min_size=1, max_size=8)


def extras(known):
    return st.dictionaries(words.filter(lambda key: key not in known), json_values, max_size=2)


places = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)
pairs = st.none() | st.tuples(places, places)
nodes = st.builds(
    Node,
    type=st.text(min_size=1, max_size=8),
    inputs=st.dictionaries(words, json_values | st.builds(Reference, words, words), max_size=4),
    title=words,
    mode=st.sampled_from(Mode),
    position=pairs,
    size=pairs,
    seeds=st.dictionaries(words, words, max_size=2),
    extra=extras(KNOWN_OF_NODE),
)
boxes = st.lists(objects, max_size=2).map(tuple)
subworkflows = st.builds(
    Subworkflow,
    nodes=st.dictionaries(ids, nodes, max_size=2),
    title=words,
    description=words,
    inputs=st.lists(
        st.builds(
            SubworkflowInput,
            name=names,
            to=st.lists(st.tuples(words, words), max_size=2).map(tuple),
            title=words,
            extra=extras({"name", "title", "to"}),
        ),
        max_size=2,
    ).map(tuple),
    outputs=st.lists(
        st.builds(
            SubworkflowOutput,
            name=names,
            source=st.builds(Reference, words, words),
            title=words,
            extra=extras({"name", "title", "from"}),
        ),
        max_size=2,
    ).map(tuple),
    groups=boxes,
    notes=boxes,
    extra=extras(KNOWN_OF_SUBWORKFLOW),
)
workflows = st.builds(
    Workflow,
    nodes=st.dictionaries(ids, nodes, max_size=4),
    title=words,
    description=words,
    subworkflows=st.dictionaries(names, subworkflows, max_size=2),
    groups=boxes,
    notes=boxes,
    app=objects,
    packs=st.dictionaries(words, words, max_size=2),
    models=objects,
    extra=extras(KNOWN),
)


@examples(80)
@given(workflows)
def test_what_is_written_is_read_back_the_same_and_in_the_same_order(workflow):
    text = dump(workflow)
    back = parse(text)
    assert back == workflow
    assert list(back.nodes) == list(workflow.nodes)
    for node_id, node in workflow.nodes.items():
        assert list(back.nodes[node_id].inputs) == list(node.inputs)
    assert list(back.subworkflows) == list(workflow.subworkflows)
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


def test_a_subworkflow_is_written_after_the_nodes_with_its_sockets_before_what_is_in_it():
    inner = Subworkflow(
        {"1": Node("Add", {"number": 1}), "2": Node("Add", {"in0": Reference("1", "INT")})},
        title="Add two",
        inputs=(SubworkflowInput("number", (("1", "number"),)),),
        outputs=(SubworkflowOutput("INT", Reference("2", "INT")),),
    )
    text = dump(Workflow({"7": Node("@two", {"number": 5})}, subworkflows={"two": inner}, notes=({"text": "Hello"},)))
    assert text == (
        "{\n"
        '  "jacquard": 1,\n'
        '  "nodes": {"7": {"type": "@two", "inputs": {"number": 5}}},\n'
        '  "subworkflows": {\n'
        '    "two": {\n'
        '      "title": "Add two",\n'
        '      "inputs": [{"name": "number", "to": [["1", "number"]]}],\n'
        '      "outputs": [{"name": "INT", "from": ["2", "INT"]}],\n'
        '      "nodes": {\n'
        '        "1": {"type": "Add", "inputs": {"number": 1}},\n'
        '        "2": {"type": "Add", "inputs": {"in0": {"from": ["1", "INT"]}}}\n'
        "      }\n"
        "    }\n"
        "  },\n"
        '  "notes": [{"text": "Hello"}]\n'
        "}\n"
    )


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


@pytest.mark.long
def test_ten_thousand_nodes_are_written_and_read():
    chain = workflow_from_text(" -> ".join(f"n{number}" for number in range(10_000)))
    assert parse(dump(chain)) == chain
