"""`workflow.py`: what scripts import. The rooms behind it are tested by themselves."""

import pytest
import torch
from PIL import Image

from commands.scripting import ScriptSession
from graph.document.workflow import Workflow as Document
from tests.support.documents import document, subworkflow
from workflow import Workflow, pictures


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    session = ScriptSession(home, home / "models", home / "packs", disk_cache=False)
    yield session
    session.close()


@pytest.fixture
def w(session):
    return Workflow("Test", session=session)


def test_a_workflow_has_a_title_and_is_shown_by_it(w):
    assert repr(w) == "<Workflow 'Test': 0 nodes>"
    assert w.document == Document(title="Test")


def test_pictures_go_in_and_come_out_as_pictures_of_pillow(w):
    picture = Image.new("RGB", (4, 2), "red")
    (found,) = pictures(w.run(w.ImageInvert(image=picture)))
    assert found.getpixel((0, 0)) == (0, 255, 255)
    assert found.size == (4, 2)


def test_the_same_picture_is_not_worked_on_twice_whatever_it_came_in(w):
    w.run(w.ImageInvert(image=Image.new("RGB", (4, 2), "blue")))
    assert w.outcome.ran
    bytes_of_it = torch.tensor([0, 0, 255], dtype=torch.uint8).expand(2, 4, 3)
    w.run(w.ImageInvert(image=bytes_of_it))
    assert w.outcome.ran == ()


def test_a_script_may_change_what_it_got_and_later_runs_give_what_they_gave(w):
    node = w.ImageInvert(image=Image.new("RGB", (4, 2), "red"))
    w.run(node).zero_()
    assert w.run(node)[0, 0, 0].tolist() == [0, 1, 1]


def test_a_saved_picture_opens_as_its_workflow_without_what_python_gave(w, session):
    given = w.ImageInvert(image=Image.new("RGB", (4, 2), "red"))
    (path,) = w.run(w.SaveImage(images=given))
    opened = Workflow.open(path, session=session)
    assert opened.title == "Test"
    assert opened["ImageInvert"].inputs.get("image") is None
    opened["ImageInvert"].inputs["image"] = opened.MaskToImage(mask=opened.ImageToMask(image=Image.new("L", (4, 2))))
    opened.run()
    opened.remove(opened["ImageToMask"])
    opened.save(path.with_suffix(".json"))
    again = Workflow.open(path.with_suffix(".json"), session=session)
    assert again.to_json() == opened.to_json() == Workflow.from_json(again.to_json(), session=session).to_json()


def test_values_of_runs_are_inputs_elsewhere(w):
    latent = w.run(w.EmptyLatentImage(width=64, height=64))
    assert w.run(w.LatentUpscaleBy(samples=latent, scale_by=2.0))["samples"].shape == (1, 4, 16, 16)


def test_sub_workflows_stay_and_take_given_pictures(session):
    inner = subworkflow({"image": "a.image"}, {"inverted": "@a.IMAGE"}, a=("ImageInvert", {}))
    before = document(subworkflows={"flip": inner}, x=("@flip", {}))
    w = Workflow.from_document(before, session=session)
    w["x"].inputs["image"] = torch.zeros(2, 4, 3)
    (picture,) = w.run(w["x"].inverted)
    assert picture.min() == 1
    again = w.add("@flip", image=w["x"].inverted)
    assert w.run(again).max() == 0
    assert w.document.subworkflows == {"flip": inner}


def test_streams_run_once_for_each_item_and_lists_are_collected(w):
    line, _ = w.ForEachLine(text="a\nb")
    assert w.run(line) == ["a", "b"]
    white = w.ListToBatch(images=[Image.new("RGB", (2, 2)), Image.new("RGB", (2, 2), "white")])
    assert w.run(white).shape == (2, 2, 2, 3)
