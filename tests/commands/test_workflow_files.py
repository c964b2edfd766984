"""A workflow is opened from a JSON file, or from the picture that it made."""

import io

import pytest
from PIL import Image

from commands.workflow_files import read_workflow
from graph.base.errors import WorkflowError
from graph.document.workflow import Node, Workflow
from graph.document.writer import dump, to_json
from nodes.picture_metadata import embed

WORKFLOW = Workflow({"1": Node("EmptyImage", {"width": 8})}, title="Small")


def picture(kind="PNG"):
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, kind)
    return file.getvalue()


def test_json_and_png_give_the_same(tmp_path):
    (tmp_path / "a.json").write_text(dump(WORKFLOW))
    (tmp_path / "a.png").write_bytes(embed(picture(), {"workflow": to_json(WORKFLOW), "run": {}}))
    assert read_workflow(tmp_path / "a.json") == read_workflow(tmp_path / "a.png") == WORKFLOW


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (picture(), "holds no workflow"),
        (picture("JPEG"), "is a picture of a kind that holds no workflow"),
        (embed(picture(), {"run": {}}), "holds no workflow"),
        (embed(picture(), {"workflow": {"nodes": {}}}), "it has no format version"),
        (embed(picture(), {"workflow": to_json(WORKFLOW)}).replace(b"Small", b"Smell"), "its checksum does not fit"),
        (b"not json", "is not valid JSON"),
    ],
)
def test_what_holds_no_workflow_is_refused_in_words(tmp_path, data, message):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(WorkflowError, match=message):
        read_workflow(tmp_path / "x")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WorkflowError, match=r"gone\.json cannot be read"):
        read_workflow(tmp_path / "gone.json")
    with pytest.raises(WorkflowError, match="is not a plain file"):
        read_workflow(tmp_path)
