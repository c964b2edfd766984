"""`run` and `check` on a workflow with sub-workflows: what lies inside is named, saved and reported."""

import json

import pytest
from PIL import Image

from nodes import picture_metadata

SAVING = {
    "title": "Invert and save",
    "inputs": [{"name": "picture", "to": [["1", "image"]]}],
    "nodes": {
        "1": {"type": "ImageInvert"},
        "2": {
            "type": "SaveImage",
            "title": "Keep it",
            "inputs": {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "inverted %LoadImage.image%"},
        },
    },
}
WORKFLOW = {
    "jacquard": 1,
    "nodes": {
        "5": {"type": "LoadImage", "inputs": {"image": "cat.png"}},
        "7": {"type": "@save", "title": "Saving", "inputs": {"picture": {"from": ["5", "IMAGE"]}}},
        "8": {"type": "ImageInvert"},
    },
    "subworkflows": {"save": SAVING},
}


@pytest.fixture
def workflow(tmp_path):
    (tmp_path / "input").mkdir()
    Image.new("RGB", (8, 6), (255, 0, 0)).save(tmp_path / "input" / "cat.png")
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(WORKFLOW))
    return file


def test_run_names_inner_nodes_with_the_way_to_them(command, workflow):
    answer = command("run", workflow)
    assert answer.code == 0
    assert "Saving (7) / Keep it (2)" in answer.out
    assert "Saving (7) / ImageInvert (1)" in answer.out


def test_a_saved_picture_holds_the_document_with_its_subworkflows(command, workflow):
    (saved,) = command("run", workflow).pictures
    assert saved.name == "inverted cat.png_00001_.png"
    assert picture_metadata.read(saved.read_bytes())["workflow"] == WORKFLOW


def test_an_instance_may_be_the_target(command, workflow):
    answer = command("run", workflow, "--target", "7", "--json")
    assert answer.lines[-1]["ran"] == ["5", "7/1", "7/2"]


def test_check_counts_what_is_inside_and_says_what_is_not_needed(command, workflow):
    answer = command("check", workflow)
    assert "3 nodes would run" in answer.out
    assert "not needed by any target: ImageInvert (8)" in answer.out


@pytest.mark.parametrize("prefix", ["%Project.value%", "%Project.value%/%Project.value%"])
def test_a_node_that_is_only_named_in_the_name_of_a_file_is_needed(command, workflow, prefix):
    document = json.loads(workflow.read_text())
    document["nodes"]["9"] = {"type": "PrimitiveString", "title": "Project", "inputs": {"value": "alpha"}}
    document["subworkflows"]["save"]["nodes"]["2"]["inputs"]["filename_prefix"] = prefix
    workflow.write_text(json.dumps(document))
    assert command("check", workflow, "--json").lines[0]["unused"] == ["8"]


def test_check_says_what_is_wrong_inside(command, workflow):
    wrong = json.loads(json.dumps(WORKFLOW))
    wrong["subworkflows"]["save"]["nodes"]["2"]["inputs"]["filename_prefix"] = 5
    del wrong["nodes"]["7"]["inputs"]
    workflow.write_text(json.dumps(wrong))
    answer = command("check", workflow, "--json")
    assert answer.code == 2
    found = [(item["code"], item["node"], item.get("inner"), item["socket"]) for item in answer.lines[0]["problems"]]
    assert found == [("wrong_type", "7", "2", "filename_prefix"), ("missing_input", "7", None, "picture")]


def test_set_reaches_inside(command, workflow):
    (saved,) = command("run", workflow, "--set", "Saving/Keep it.filename_prefix=mine").pictures
    assert saved.name.startswith("mine_")
