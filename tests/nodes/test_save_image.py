"""Saving: numbered files that are whole, keep the workflow, and overwrite nothing; previews that litter nothing."""

import os
from dataclasses import replace

import pytest
import torch
from PIL import Image

from graph.api import CancelledError, NodeError, NumberedNames
from nodes import picture_metadata
from nodes.load_image import load_image
from nodes.save_image import preview_image, save_image

GREY = torch.full((1, 4, 6, 3), 0.5)


def names(files, folder="output"):
    root = files.root(folder)
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_files_are_numbered_and_shown(ctx, files):
    save_image(images=GREY.expand(2, -1, -1, -1), filename_prefix="cat", ctx=ctx)
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    expected = ["cat_00001_.png", "cat_00002_.png", "cat_00003_.png"]
    assert names(files) == expected
    assert [(artifact.folder, artifact.name) for artifact in ctx.artifacts] == [("output", name) for name in expected]


def test_numbers_go_on_after_what_is_there_and_nothing_is_overwritten(ctx, files):
    (files.root("output") / "cat_00041_.png").write_text("mine")
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    (files.root("output") / "cat_00043_.png").write_text("mine too")
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    assert names(files) == ["cat_00041_.png", "cat_00042_.png", "cat_00043_.png", "cat_00044_.png"]
    assert (files.root("output") / "cat_00041_.png").read_text() == "mine"
    assert (files.root("output") / "cat_00043_.png").read_text() == "mine too"


def test_pictures_of_a_run_that_was_killed_before_it_could_tell_are_not_saved_twice(ctx, files, monkeypatch):
    """The next process tries the run again. Equal pictures stay as many as they were; another run saves its own."""
    expected = ["cat_00001_.png", "cat_00002_.png"]
    for _ in range(2):
        monkeypatch.setattr(save_image.__module__ + "._numbers", NumberedNames())
        ctx.artifacts.clear()
        save_image(images=GREY.expand(2, -1, -1, -1), filename_prefix="cat", ctx=ctx)
        assert names(files) == [artifact.name for artifact in ctx.artifacts] == expected
    monkeypatch.setattr(save_image.__module__ + "._numbers", NumberedNames())
    save_image(images=GREY, filename_prefix="cat", ctx=replace(ctx, record=replace(ctx.record, run_id="run-2")))
    assert names(files) == [*expected, "cat_00003_.png"]


def test_the_folder_is_not_scanned_again_for_every_picture(ctx, files, monkeypatch):
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)

    def scanned(*_):
        raise AssertionError("the folder was listed again")

    monkeypatch.setattr(os, "scandir", scanned)
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    monkeypatch.undo()
    assert names(files) == ["cat_00001_.png", "cat_00002_.png"]


def test_a_prefix_makes_folders_and_counts_the_batch(ctx, files):
    ctx.words = {"KSampler.seed": 77}
    save_image(
        images=GREY.expand(2, -1, -1, -1), filename_prefix="%width%x%height%/seed %KSampler.seed% %batch_num%", ctx=ctx
    )
    assert names(files) == ["6x4/seed 77 0_00001_.png", "6x4/seed 77 1_00001_.png"]
    assert ctx.artifacts[0].name == "6x4/seed 77 0_00001_.png"


def test_the_workflow_and_its_run_are_inside(ctx, files):
    save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    record = picture_metadata.read((files.root("output") / "cat_00001_.png").read_bytes())
    assert record["workflow"] == ctx.record.workflow()
    assert record["run"] == {"run_id": "run-1", **ctx.record.details()}


def test_a_saved_picture_loads_as_it_was(ctx):
    levels = torch.arange(256).view(1, 16, 16, 1).expand(-1, -1, -1, 3) / 255
    save_image(images=levels, filename_prefix="ramp", ctx=ctx)
    image, _ = load_image(image="ramp_00001_.png [output]", ctx=ctx)
    assert torch.equal(image, levels)


def test_transparency_is_saved(ctx, files):
    save_image(images=torch.full((1, 2, 2, 4), 0.2), filename_prefix="clear", ctx=ctx)
    assert Image.open(files.root("output") / "clear_00001_.png").getpixel((0, 0)) == (51, 51, 51, 51)


@pytest.mark.parametrize(
    "images",
    [
        torch.zeros(0, 4, 4, 3),
        torch.zeros(1, 0, 4, 3),
        torch.stack([*GREY, *GREY, *(GREY * torch.nan)]),
        torch.full((1, 2, 2, 3), torch.inf),
    ],
    ids=["no picture", "no pixels", "the third is NaN", "infinite"],
)
def test_pictures_that_cannot_be_saved_are_refused_before_anything_is_written(ctx, files, images):
    with pytest.raises(NodeError) as caught:
        save_image(images=images, filename_prefix="cat", ctx=ctx)
    assert caught.value.input == "images"
    assert caught.value.remedy
    assert names(files) == []


@pytest.mark.parametrize("prefix", ["../cat", "/tmp/cat", "a/../../cat"])  # noqa: S108 - that nothing goes there is the point
def test_nothing_leaves_the_output_folder(ctx, files, prefix):
    with pytest.raises(NodeError) as caught:
        save_image(images=GREY, filename_prefix=prefix, ctx=ctx)
    assert caught.value.input == "filename_prefix"
    assert names(files) == []


def test_a_link_in_the_output_folder_leads_nowhere_else(ctx, files, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (files.root("output") / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NodeError, match="leads out"):
        save_image(images=GREY, filename_prefix="link/cat", ctx=ctx)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_disk_that_fills_up_leaves_only_whole_files(ctx, files, monkeypatch):
    writes = []

    def full_at_the_third(descriptor):
        writes.append(descriptor)
        if len(writes) >= 5:  # each file is synced twice: itself and its folder
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_at_the_third)
    with pytest.raises(NodeError, match=r"^nothing could be saved in output/: no space left on device$"):
        save_image(images=GREY.expand(4, -1, -1, -1), filename_prefix="cat", ctx=ctx)
    monkeypatch.undo()
    assert names(files) == ["cat_00001_.png", "cat_00002_.png"]
    for name in names(files):
        Image.open(files.root("output") / name).load()


def test_a_cancelled_run_saves_nothing(ctx, files):
    ctx.token.cancel()
    with pytest.raises(CancelledError):
        save_image(images=GREY, filename_prefix="cat", ctx=ctx)
    assert names(files) == []


def test_a_preview_goes_to_the_temp_folder_with_its_workflow(ctx, files):
    preview_image(images=GREY, ctx=ctx)
    preview_image(images=GREY, ctx=ctx)
    assert names(files) == []
    assert names(files, "temp") == [artifact.name for artifact in ctx.artifacts]
    assert len({artifact.name for artifact in ctx.artifacts}) == 2
    assert {artifact.folder for artifact in ctx.artifacts} == {"temp"}
    assert picture_metadata.read((files.root("temp") / ctx.artifacts[0].name).read_bytes())["run"]["run_id"] == "run-1"


@pytest.mark.parametrize("save", [save_image, preview_image])
def test_pictures_say_that_they_are_srgb(ctx, files, save):
    save(images=torch.full((1, 4, 4, 3), 0.5), ctx=ctx)
    (shown,) = ctx.artifacts
    with Image.open(files.root(shown.folder) / shown.name) as picture:
        assert picture.info["srgb"] is not None
        assert picture.info["gamma"] == pytest.approx(0.45455)
