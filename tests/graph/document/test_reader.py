"""What a workflow file may hold, and with what advice everything else is refused."""

import json
import re

import jsonschema
import pytest

from graph.base.errors import WorkflowError
from graph.document.json_text import MAX_BYTES, MAX_DEPTH
from graph.document.reader import SCHEMA_PATH, from_json, parse, read
from graph.document.workflow import Mode, Reference, SubworkflowInput, SubworkflowOutput
from graph.document.writer import to_json

FULL = {
    "jacquard": 1,
    "title": "Two cats",
    "description": "One above the other",
    "nodes": {
        "6": {
            "type": "CLIPTextEncode",
            "title": "Prompt",
            "position": [10, -20.5],
            "size": [200, 100],
            "inputs": {"text": "a cat", "clip": {"from": ["4", "CLIP"]}, "options": {"value": {"a": 1}}},
            "colour": "red",
        },
        "3": {"type": "KSampler", "mode": "muted", "inputs": {"seed": 7}, "seeds": {"seed": "randomize"}},
        "a b": {"type": "Reroute", "mode": "bypassed"},
    },
    "subworkflows": {
        "up": {
            "title": "Upscale",
            "description": "Twice as large",
            "inputs": [{"name": "picture", "title": "Picture", "to": [["1", "image"], ["2", "image"]], "colour": 1}],
            "outputs": [{"name": "IMAGE", "title": "Larger", "from": ["2", "IMAGE"], "colour": 2}],
            "nodes": {"1": {"type": "Add"}, "2": {"type": "@down", "inputs": {"image": {"from": ["1", "IMAGE"]}}}},
            "groups": [{"title": "Inside"}],
            "notes": [{"text": "Look"}],
            "colour": 3,
        }
    },
    "groups": [{"title": "Prompts"}],
    "notes": [{"text": "Hello"}],
    "app": {"inputs": ["6.text"]},
    "packs": {"some_pack": "1.0"},
    "models": {"checkpoints/x": "abc"},
    "zoom": 0.5,
}


def refusal(document):
    with pytest.raises(WorkflowError) as caught:
        parse(document) if isinstance(document, str | bytes) else from_json(document)
    assert all(problem.code and problem.message and problem.remedy for problem in caught.value.problems)
    return caught.value.problems


def with_node(**node):
    return {"jacquard": 1, "nodes": {"1": {"type": "Add", **node}}}


def with_input(value):
    return with_node(inputs={"x": value})


def test_everything_in_a_document_is_read():
    workflow = parse(json.dumps(FULL))
    prompt = workflow.nodes["6"]
    assert list(workflow.nodes) == ["6", "3", "a b"], "in the order of the file"
    assert prompt.inputs == {"text": "a cat", "clip": Reference("4", "CLIP"), "options": {"a": 1}}
    assert (prompt.title, prompt.position, prompt.size) == ("Prompt", (10, -20.5), (200, 100))
    assert (workflow.nodes["3"].mode, workflow.nodes["a b"].mode) == (Mode.MUTED, Mode.BYPASSED)
    assert workflow.nodes["3"].seeds == {"seed": "randomize"}
    assert (workflow.title, workflow.app, workflow.groups) == ("Two cats", FULL["app"], ({"title": "Prompts"},))
    assert (prompt.extra, workflow.extra) == ({"colour": "red"}, {"zoom": 0.5}), "what is not understood is kept"


def test_everything_in_a_subworkflow_is_read():
    inner = parse(json.dumps(FULL)).subworkflows["up"]
    assert (inner.title, inner.description) == ("Upscale", "Twice as large")
    assert inner.inputs == (SubworkflowInput("picture", (("1", "image"), ("2", "image")), "Picture", {"colour": 1}),)
    assert inner.outputs == (SubworkflowOutput("IMAGE", Reference("2", "IMAGE"), "Larger", {"colour": 2}),)
    assert inner.nodes["2"].type == "@down"
    assert inner.nodes["2"].inputs == {"image": Reference("1", "IMAGE")}
    assert (inner.groups, inner.notes) == (({"title": "Inside"},), ({"text": "Look"},))
    assert inner.extra == {"colour": 3}


def test_a_file_is_read_with_and_without_a_byte_order_mark(tmp_path):
    for number, start in enumerate((b"", b"\xef\xbb\xbf")):
        path = tmp_path / f"{number}.json"
        path.write_bytes(start + json.dumps(FULL).encode())
        assert read(path).title == "Two cats"


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(WorkflowError, match=r"missing\.json cannot be read: No such file") as caught:
        read(tmp_path / "missing.json")
    assert caught.value.problems[0].code == "file_unreadable"


def with_sub(**inner):
    return {"jacquard": 1, "subworkflows": {"up": inner}}


# The parser and the published schema have to agree; `code` is what the parser says of a document that both refuse.
DOCUMENTS = [
    ("full", FULL, None),
    ("empty", {"jacquard": 1}, None),
    ("nothing where sections may be", {"jacquard": 1, "nodes": None, "title": None, "groups": None, "app": None}, None),
    ("unknown keys", {"jacquard": 1, "later": {"x": []}, "nodes": {"1": {"type": "Add", "later": False}}}, None),
    ("an id that is empty text", {"jacquard": 1, "nodes": {"": {"type": "Add"}}}, None),
    ("literals of every kind", with_node(inputs={"a": 1, "b": 0.5, "c": "", "d": None, "e": [{"x": 1}]}), None),
    ("a wrapped literal", with_input({"value": {"from": 1}}), None),
    ("a wrapped nothing", with_input({"value": None}), None),
    ("a reference", with_input({"from": ["2", "INT"]}), None),
    ("a far position", with_node(position=[-1e9, 10**9]), None),
    ("a position beyond all screens", with_node(position=[10**400, 0]), "wrong_shape"),
    ("version 1.0", {"jacquard": 1.0}, None),
    ("a list", [], "wrong_shape"),
    ("a number", 1, "wrong_shape"),
    ("nothing", None, "wrong_shape"),
    ("no version", {"nodes": {}}, "not_a_workflow"),
    ("version in words", {"jacquard": "1"}, "bad_version"),
    ("version true", {"jacquard": True}, "bad_version"),
    ("version 0", {"jacquard": 0}, "bad_version"),
    ("version 1.5", {"jacquard": 1.5}, "bad_version"),
    ("a newer version", {"jacquard": 2}, "newer_version"),
    ("title 5", {"jacquard": 1, "title": 5}, "wrong_shape"),
    ("description list", {"jacquard": 1, "description": []}, "wrong_shape"),
    ("nodes list", {"jacquard": 1, "nodes": [{"type": "Add"}]}, "wrong_shape"),
    ("groups object", {"jacquard": 1, "groups": {}}, "wrong_shape"),
    ("groups of text", {"jacquard": 1, "groups": ["x"]}, "wrong_shape"),
    ("notes of nothing", {"jacquard": 1, "notes": [None]}, "wrong_shape"),
    ("app list", {"jacquard": 1, "app": []}, "wrong_shape"),
    ("packs text", {"jacquard": 1, "packs": "x"}, "wrong_shape"),
    ("models list", {"jacquard": 1, "models": []}, "wrong_shape"),
    ("node text", {"jacquard": 1, "nodes": {"1": "Add"}}, "wrong_shape"),
    ("node nothing", {"jacquard": 1, "nodes": {"1": None}}, "wrong_shape"),
    ("node without type", {"jacquard": 1, "nodes": {"1": {}}}, "wrong_shape"),
    ("node with an empty type", {"jacquard": 1, "nodes": {"1": {"type": ""}}}, "wrong_shape"),
    ("node with type 5", {"jacquard": 1, "nodes": {"1": {"type": 5}}}, "wrong_shape"),
    ("unknown mode", with_node(mode="asleep"), "wrong_shape"),
    ("mode nothing", with_node(mode=None), "wrong_shape"),
    ("mode list", with_node(mode=["muted"]), "wrong_shape"),
    ("node title 5", with_node(title=5), "wrong_shape"),
    ("position of one", with_node(position=[1]), "wrong_shape"),
    ("position of three", with_node(position=[1, 2, 3]), "wrong_shape"),
    ("position of words", with_node(position=["1", "2"]), "wrong_shape"),
    ("position of booleans", with_node(position=[True, 2]), "wrong_shape"),
    ("position object", with_node(position={"x": 1, "y": 2}), "wrong_shape"),
    ("size text", with_node(size="large"), "wrong_shape"),
    ("inputs list", with_node(inputs=[]), "wrong_shape"),
    ("seeds list", with_node(seeds=[]), "wrong_shape"),
    ("an empty object", with_input({}), "bad_reference"),
    ("an object", with_input({"a": 1}), "bad_reference"),
    ("a reference by place", with_input({"from": ["2", 0]}), "bad_reference"),
    ("a reference by numbers", with_input({"from": [2, "INT"]}), "bad_reference"),
    ("half a reference", with_input({"from": ["2"]}), "bad_reference"),
    ("too much of a reference", with_input({"from": ["2", "INT", "x"]}), "bad_reference"),
    ("a reference as text", with_input({"from": "2"}), "bad_reference"),
    ("reference and value", with_input({"from": ["2", "INT"], "value": 1}), "bad_reference"),
    ("value and more", with_input({"value": 1, "x": 1}), "bad_reference"),
    ("a slash in an id", {"jacquard": 1, "nodes": {"1/2": {"type": "Add"}}}, "bad_id"),
    ("an empty sub-workflow", with_sub(), None),
    ("nothing where parts of a sub-workflow may be", with_sub(title=None, inputs=None, nodes=None, notes=None), None),
    ("no sub-workflows", {"jacquard": 1, "subworkflows": None}, None),
    ("an input that leads nowhere", with_sub(inputs=[{"name": "a", "to": []}]), None),
    ("unknown keys in a sub-workflow", with_sub(later=1, inputs=[{"name": "a", "to": [], "later": []}]), None),
    ("a slash in an output's name", with_sub(outputs=[{"name": "a/b", "from": ["1", "c/d"]}]), None),
    ("subworkflows list", {"jacquard": 1, "subworkflows": []}, "wrong_shape"),
    ("a sub-workflow without an id", {"jacquard": 1, "subworkflows": {"": {}}}, "bad_id"),
    ("a sub-workflow of text", {"jacquard": 1, "subworkflows": {"up": "x"}}, "wrong_shape"),
    ("a sub-workflow of nothing", {"jacquard": 1, "subworkflows": {"up": None}}, "wrong_shape"),
    ("sub-workflow title 5", with_sub(title=5), "wrong_shape"),
    ("sub-workflow inputs object", with_sub(inputs={}), "wrong_shape"),
    ("sub-workflow input without a name", with_sub(inputs=[{"to": []}]), "wrong_shape"),
    ("sub-workflow input with an empty name", with_sub(inputs=[{"name": "", "to": []}]), "wrong_shape"),
    ("sub-workflow input without a place", with_sub(inputs=[{"name": "a"}]), "wrong_shape"),
    ("sub-workflow input to half a place", with_sub(inputs=[{"name": "a", "to": [["1"]]}]), "wrong_shape"),
    ("sub-workflow input to a number", with_sub(inputs=[{"name": "a", "to": [[1, "x"]]}]), "wrong_shape"),
    ("sub-workflow input title 5", with_sub(inputs=[{"name": "a", "to": [], "title": 5}]), "wrong_shape"),
    ("sub-workflow output of text", with_sub(outputs=["a"]), "wrong_shape"),
    ("sub-workflow output without a source", with_sub(outputs=[{"name": "a"}]), "wrong_shape"),
    ("sub-workflow output by place", with_sub(outputs=[{"name": "a", "from": ["1", 0]}]), "wrong_shape"),
    ("sub-workflow nodes list", with_sub(nodes=[]), "wrong_shape"),
    ("a slash in an inner id", with_sub(nodes={"1/2": {"type": "Add"}}), "bad_id"),
    ("an inner node without a type", with_sub(nodes={"1": {}}), "wrong_shape"),
    ("an inner bad reference", with_sub(nodes={"1": {"type": "Add", "inputs": {"x": {}}}}), "bad_reference"),
    ("sub-workflow notes of text", with_sub(notes=["x"]), "wrong_shape"),
]  # fmt: skip


@pytest.fixture(scope="module")
def schema():
    """The published schema, which is a sound one."""
    found = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize(("document", "code"), [item[1:] for item in DOCUMENTS], ids=[item[0] for item in DOCUMENTS])
def test_the_parser_and_the_published_schema_agree(schema, document, code):
    accepted = schema.is_valid(document)
    assert accepted is (code is None)
    if accepted:
        from_json(document)
    else:
        assert {problem.code for problem in refusal(document)} == {code}


def test_all_problems_are_told_at_once():
    problems = refusal(
        {
            "jacquard": 1,
            "title": 5,
            "nodes": {"1": {}, "2": {"type": "Add", "mode": "x", "inputs": {"a": {}}}, "3": 4},
            "groups": [1, 2],
        }
    )
    assert [(problem.code, problem.node, problem.socket) for problem in problems] == [
        ("wrong_shape", "1", ""),
        ("wrong_shape", "2", ""),
        ("bad_reference", "2", "a"),
        ("wrong_shape", "3", ""),
        ("wrong_shape", "", ""),
        ("wrong_shape", "", ""),
        ("wrong_shape", "", ""),
    ]


def test_problems_inside_a_subworkflow_name_it_and_the_node():
    problems = refusal(
        with_sub(title=5, nodes={"1": {"type": "Add", "inputs": {"x": {}}}, "2": {}, "a/b": {"type": "Add"}})
    )
    assert [(problem.code, problem.node, problem.socket) for problem in problems] == [
        ("bad_id", "@up/a/b", ""),
        ("bad_reference", "@up/1", "x"),
        ("wrong_shape", "@up/2", ""),
        ("wrong_shape", "@up", ""),
    ]


def test_a_document_whose_parts_do_not_fit_together_still_opens():
    """A definition that is missing, circles, names given twice: what is open in the editor may be half finished."""
    document = {
        "jacquard": 1,
        "nodes": {"1": {"type": "@gone"}},
        "subworkflows": {
            "up": {
                "inputs": [{"name": "a", "to": [["9", "x"]]}, {"name": "a", "to": []}],
                "outputs": [{"name": "b", "from": ["9", "y"]}],
                "nodes": {"1": {"type": "@up"}},
            }
        },
    }
    assert to_json(from_json(document)) == document


def test_a_bad_reference_says_where_it_is_and_what_was_expected():
    (problem,) = refusal(with_input({"from": ["2", 0]}))
    assert (problem.node, problem.node_type, problem.socket) == ("1", "Add", "x")
    assert problem.expected == '{"from": [node id, output name]}, both text, or {"value": ...}'
    assert problem.got == '{"from": ["2", 0]}'
    assert "wrap a literal object in 'value'" in problem.remedy


def test_a_file_that_was_cut_off_anywhere_is_refused_and_says_where():
    text = json.dumps(FULL, indent=1)
    for end in range(len(text)):
        (problem,) = refusal(text[:end])
        assert problem.code == "not_json"
        assert "is empty" in problem.message or re.search(r"line \d+, column \d+", problem.message)


@pytest.mark.parametrize("text", ['{"jacquard": 1', '{"jacquard": 1,', '{"jacquard": 1, "title": "A ca', '{"a": [1, '])
def test_a_file_that_was_cut_off_is_told_from_one_with_a_mistake(text):
    assert "cut off" in refusal(text)[0].remedy


@pytest.mark.parametrize("text", ['{"jacquard": 1 "title": "A cat"}', '{"jacquard": "\\q", "title": "A cat"}'])
def test_a_mistake_before_a_whole_text_is_none_of_a_file_that_was_cut_off(text):
    assert "correct the file at" in refusal(text)[0].remedy


def test_a_mistake_in_a_file_is_located():
    (problem,) = refusal('{\n  "jacquard": 1,\n  "nodes": {,}\n}')
    assert "line 3, column 13" in problem.message
    assert "line 3, column 13" in problem.remedy


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "not_json"),
        (" \n", "not_json"),
        (b"\xff\xfe\x00", "not_text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_text"),
        ('{"jacquard": 1, "nodes": {"1": {"type": "A"}, "1": {"type": "B"}}}', "duplicate_name"),
        ('{"jacquard": 1, "nodes": {"1": {"type": "A", "inputs": {"x": 1, "x": 2}}}}', "duplicate_name"),
        ('{"jacquard": 1, "nodes": {"1": {"type": "A", "inputs": {"x": ' + "9" * 5000 + "}}}}", "number_too_large"),
        ('{"jacquard": 1, "x": ' + "[" * 200 + "]" * 200 + "}", "too_deep"),
        ("[" * 100_000 + "]" * 100_000, "too_deep"),
        ("{" * 100_000, "not_json"),
        ('{"a": ' * 100_000, "too_deep"),
    ],
    ids=["empty", "blank", "utf-16", "png", "two nodes", "two inputs", "digits", "deep", "deeper", "braces", "open"],
)
def test_what_is_no_sound_json_is_refused(data, code):
    assert [problem.code for problem in refusal(data)] == [code]


def test_a_document_may_be_as_deep_as_the_limit_and_not_deeper():
    def nested(depth):
        return '{"jacquard": 1, "x": ' + "[" * (depth - 1) + "]" * (depth - 1) + "}"

    parse(nested(MAX_DEPTH))
    assert refusal(nested(MAX_DEPTH + 1))[0].code == "too_deep"


def test_a_file_beyond_all_measure_is_not_looked_at():
    assert refusal(b" " * (MAX_BYTES + 1))[0].code == "too_large"


def test_a_duplicate_is_named():
    assert "'seed'" in refusal('{"jacquard": 1, "seed": 1, "seed": 2}')[0].message


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e400", "-1E+999"])
def test_a_number_that_json_cannot_give_back_is_refused_with_its_node_and_place(word):
    (problem,) = refusal('{"jacquard": 1,\n "nodes": {"1": {"type": "A", "inputs": {"x": [0, ' + word + "]}}}}")
    assert (problem.node, problem.socket) == ("1", "x")
    assert word in problem.message
    assert "line 2, column 51" in problem.message


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"nodes": [{"id": 1}], "links": []}, "a graph file of another tool"),
        ({"3": {"class_type": "KSampler", "inputs": {}}}, "an API prompt of another tool"),
        ({"prompt": {}}, "an API prompt of another tool"),
        ({"name": "package"}, "no Jacquard workflow"),
        ({}, "no Jacquard workflow"),
        ({"jacquard": None}, "no Jacquard workflow"),
    ],
)
def test_a_foreign_file_is_recognised(document, what):
    (problem,) = refusal(document)
    assert problem.code == "not_a_workflow"
    assert what in problem.message
    assert '"jacquard": 1' in problem.remedy


def test_a_newer_file_is_left_alone():
    (problem,) = refusal({"jacquard": 99, "nodes": "in a shape of its own"})
    assert "format 99" in problem.message
    assert "update Jacquard" in problem.remedy
