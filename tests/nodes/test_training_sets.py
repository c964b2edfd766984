"""Folders as sets to train on: batches, captions as prompts, repeats, buckets; and what is refused before it starts."""

import pytest
import torch
from PIL import Image

import diffusion
from graph.api import NodeError
from nodes.training_sets import load_image_set, load_image_text_set
from tests.support.documents import document

RED, LIME, BLUE = [1, 0, 0], [0, 1, 0], [0, 0, 1]


@pytest.fixture
def album(files):
    """Two pictures of one size with captions."""
    folder = files.root("input") / "album"
    folder.mkdir()
    for name, colour, text in (("2", "lime", "a lime"), ("10", "red", "a rose")):
        Image.new("RGB", (16, 8), colour).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(text)
    return folder


@pytest.fixture
def warned(ctx):
    told = []
    ctx.report_warning = told.append
    return told


@pytest.fixture
def read(monkeypatch):
    """A text encoder's part is played by the length of the text; returns what it was asked to read."""
    texts = []

    def encode(clip, text, *, cancelled):
        texts.append(text)
        return [[torch.full((1, 1, 1), float(len(text))), {"pooled_output": None}]]

    monkeypatch.setattr(diffusion.text_encoding, "encode", encode)
    return texts


def rows(stream):
    assert len(list(stream.items)) == stream.total
    return list(stream.items)


def colours(row):
    return [picture[0, 0].tolist() for picture in row.IMAGE]


def captioned(ctx, **options):
    return rows(load_image_text_set(folder="album", clip="clip", ctx=ctx, **options))


def test_all_pictures_come_as_one_batch_in_the_order_of_their_names(ctx, album, warned):
    (row,) = rows(load_image_set(folder="album", ctx=ctx))
    assert row.IMAGE.shape == (2, 8, 16, 3)
    assert colours(row) == [LIME, RED]
    assert warned == []


def test_each_picture_has_its_caption_as_a_prompt(ctx, album, read):
    (row,) = captioned(ctx)
    assert row.captions == "a lime\na rose"
    assert [part.item() for part, _ in row.CONDITIONING] == [6, 6]
    assert row.report == "16 x 8: 2 pictures\n2.png: a lime\n10.png: a rose"


def test_a_caption_is_read_once_however_often_it_comes(ctx, album, read):
    (album / "10.txt").write_text("a lime")
    (row,) = captioned(ctx)
    assert read == ["a lime"]
    assert len(row.CONDITIONING) == 2


def test_pictures_that_count_more_come_more_often_with_their_captions(ctx, album, read):
    (album / "3_more").mkdir()
    Image.new("RGB", (16, 8), "blue").save(album / "3_more/x.png")
    (album / "3_more/x.txt").write_text("the sea")
    (row,) = captioned(ctx)
    assert colours(row) == [LIME, BLUE, BLUE, BLUE, RED]
    assert row.captions.splitlines() == ["a lime", "the sea", "the sea", "the sea", "a rose"]
    assert [part.item() for part, _ in row.CONDITIONING] == [6, 7, 7, 7, 6]
    assert "3_more/x.png (3 times): the sea" in row.report


def test_one_caption_for_all_is_for_those_without(ctx, album, read):
    (album / "2.txt").write_text("  \n")
    (row,) = captioned(ctx, caption="a fruit")
    assert row.captions == "a fruit\na rose"


def test_pictures_without_captions_are_refused_by_name(ctx, album, read):
    (album / "2.txt").unlink()
    with pytest.raises(NodeError, match=r"1 of 2 pictures have no caption: 2\.png") as caught:
        captioned(ctx)
    assert caught.value.input == "caption"
    assert "2.txt" in caught.value.remedy
    assert read == []


@pytest.mark.parametrize(("left", "words"), [(1, "one picture only"), (0, "no picture")])
def test_fewer_than_two_pictures_are_refused(ctx, album, left, words):
    for name in ("2.png", "10.png")[left:]:
        (album / name).write_bytes(b"\x89PNG\r\n\x1a\nno more")
    with pytest.raises(NodeError, match=f"input/album holds {words}"):
        load_image_set(folder="album", ctx=ctx)


def test_what_is_left_out_is_told_as_a_warning_and_in_the_report(ctx, album, warned):
    (album / "1.png").write_bytes(b"no picture")
    (album / "list.csv").write_text("")
    (row,) = rows(load_image_set(folder="album", ctx=ctx))
    assert colours(row) == [LIME, RED]
    assert sorted(warned) == [
        "1.png was left out: it is not a picture in a format that can be read",
        "list.csv was left out: it is neither a picture nor a caption",
    ]
    assert set(warned) < set(row.report.splitlines())


def test_pictures_of_other_sizes_are_refused_unless_they_are_to_be_resized(ctx, album):
    Image.new("RGB", (8, 8), "blue").save(album / "11.png")
    with pytest.raises(NodeError, match=r"11\.png has 8 x 8 pixels; a batch has one size, here 16 x 8") as caught:
        load_image_set(folder="album", ctx=ctx)
    assert caught.value.input == "resize_method"
    (row,) = rows(load_image_set(folder="album", resize_method="Crop", ctx=ctx))
    assert row.IMAGE.shape == (3, 8, 16, 3)
    (row,) = rows(load_image_set(folder="album", resize_method="Pad", width=24, ctx=ctx))
    assert row.IMAGE.shape == (3, 8, 24, 3)
    assert row.IMAGE[0, 0, 0].tolist() == [0, 0, 0]


def test_buckets_give_a_batch_for_each_shape(ctx, album, read):
    Image.new("RGB", (100, 200), "blue").save(album / "11.png")
    (album / "11.txt").write_text("the sea")
    tall, wide = captioned(ctx, buckets=True, width=64, height=64)
    assert tall.IMAGE.shape == (1, 88, 40, 3)
    assert tall.captions == "the sea"
    assert wide.IMAGE.shape == (2, 40, 88, 3)
    assert wide.captions == "a lime\na rose"
    assert len(wide.CONDITIONING) == 2


def test_photographs_are_turned_upright_and_grey_and_clear_pictures_become_rgb(ctx, album):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (8, 16), "blue").save(album / "1.jpg", exif=exif, quality=100)
    Image.new("L", (16, 8), 255).save(album / "3.png")
    Image.new("RGBA", (16, 8), (255, 0, 0, 0)).save(album / "4.png")
    (row,) = rows(load_image_set(folder="album", ctx=ctx))
    assert row.IMAGE.shape == (5, 8, 16, 3)
    assert [row.IMAGE[i, 0, 0].round().tolist() for i in (0, 2, 3)] == [BLUE, [1, 1, 1], RED]


def test_of_an_animation_the_first_frame_counts(ctx, album, warned):
    frames = [Image.new("RGB", (16, 8), colour) for colour in ("blue", "red")]
    frames[0].save(album / "1.gif", save_all=True, append_images=frames[1:])
    (row,) = rows(load_image_set(folder="album", ctx=ctx))
    assert colours(row)[0] == BLUE
    assert warned == ["1.gif: only the first of its 2 frames is used"]


def test_a_changed_caption_runs_the_node_again_and_nothing_else_does(engine, album, read):
    workflow = document(
        set=("LoadImageSetFromFolderNode", {"folder": "album"}), end=("JoinLists", {"list0": "@set.report"})
    )
    first = engine.run(workflow, ["end"])
    assert first.status == "finished", [str(problem) for problem in first.problems]
    assert "set" not in first.reused
    assert {"set", "end"} & set(engine.run(workflow, ["end"]).reused)
    (album / "2.txt").write_text("another lime")
    (value,) = engine.run(workflow, ["end"]).values["end"].values()
    assert "2.png: another lime" in value[0]
