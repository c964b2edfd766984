"""Pictures of a folder one after the other: which, in which order, when they are opened, and what is wrong with one."""

import contextlib
import os
from pathlib import Path

import pytest
from PIL import Image

from graph.api import FileNameError, Files, NodeError
from graph.node_types.external_state import external_state
from graph.running import events
from nodes.folder_listing import list_folder
from nodes.load_folder import for_each_file, load_images_from_folder
from tests.support.documents import document
from tests.support.other_user import as_other_user, folder_for_all


@pytest.fixture
def album(files):
    """Three pictures of one colour each, and a text."""
    folder = files.root("input") / "album"
    folder.mkdir()
    for name, colour in (("2.png", "red"), ("10.png", "lime"), ("1.png", "blue")):
        Image.new("RGB", (3, 2), colour).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


def load(ctx, **options):
    return load_images_from_folder(folder="album", ctx=ctx, **options)


def colours(stream):
    return [(row.name, row.IMAGE[0, 0, 0].tolist()) for row in (item.make() for item in stream.items)]


RED, LIME, BLUE = [1, 0, 0], [0, 1, 0], [0, 0, 1]


def test_pictures_come_by_name_as_people_count(ctx, album):
    stream = load(ctx)
    assert stream.total == 3
    assert colours(stream) == [("1", BLUE), ("2", RED), ("10", LIME)]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"start": 1}, ["2", "10"]),
        ({"limit": 2}, ["1", "2"]),
        ({"start": 1, "limit": 1}, ["2"]),
        ({"pattern": "1*"}, ["1", "10"]),
    ],
)
def test_a_part_of_the_folder(ctx, album, options, names):
    assert [name for name, _ in colours(load(ctx, **options))] == names


def test_inner_folders_are_part_of_the_name(ctx, album):
    (album / "inner").mkdir()
    Image.new("RGBA", (1, 1), (255, 255, 255, 0)).save(album / "inner/x.y.png")
    rows = [item.make() for item in load(ctx, recursive=True).items]
    assert [row.name for row in rows] == ["1", "2", "10", "inner/x.y"]
    assert rows[-1].MASK.tolist() == [[[1]]]
    assert rows[0].MASK.shape == (1, 64, 64)


def test_a_file_is_opened_when_its_turn_comes_and_no_earlier(ctx, album):
    items = list(load(ctx).items)
    (album / "1.png").unlink()
    with pytest.raises(NodeError, match=r"1\.png cannot be used"):
        items[0].make()
    assert items[1].make().name == "2"


def test_an_item_is_known_by_name_size_and_time(ctx, album):
    before = [item.key for item in load(ctx).items]
    assert [item.key for item in load(ctx).items] == before
    status = (album / "2.png").stat()
    os.utime(album / "2.png", ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    after = [item.key for item in load(ctx).items]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]


def test_a_broken_file_is_named_and_may_be_skipped(ctx, album):
    (album / "2.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    for on_error, advises_to_skip in (("stop", True), ("skip", False)):
        items = list(load(ctx, on_error=on_error).items)
        with pytest.raises(NodeError, match=r"2\.png cannot be used") as caught:
            items[1].make()
        assert ("skip" in caught.value.remedy) == advises_to_skip
    assert load(ctx, on_error="skip").keep_going
    assert not load(ctx, on_error="stop").keep_going


def test_a_folder_without_pictures_is_an_error(ctx, files):
    (files.root("input") / "album").mkdir()
    with pytest.raises(NodeError, match="no picture in input/album fits"):
        load(ctx)


def test_the_fingerprint_is_the_listing(files, album):
    node_type = load_images_from_folder.__node_type__
    literals = {item.name: item.default for item in node_type.inputs} | {"folder": "album"}
    before = external_state(node_type, literals, files)
    assert external_state(node_type, {**literals, "on_error": "skip"}, files) == before
    Image.new("RGB", (3, 2), "red").save(album / "3.png")
    assert external_state(node_type, literals, files) != before
    assert external_state(node_type, {**literals, "pattern": "1*"}, files) == [
        fact for fact in before if fact[0].startswith("1")
    ]


def test_files_are_named_as_other_nodes_want_them(ctx, album, files):
    stream = for_each_file(folder="album", pattern="*.txt *0.png", ctx=ctx)
    assert list(stream.items) == ["album/10.png", "album/notes.txt"]
    assert all(files.path("input", name).is_file() for name in stream.items)
    assert list(for_each_file(recursive=True, pattern="1.*", ctx=ctx).items) == ["album/1.png"]


ALBUM = document(
    load=("LoadImagesFromFolder", {"folder": "album", "on_error": "skip"}),
    small=("ImageScale", {"image": "@load.IMAGE", "width": 1, "height": 1}),
    save=("SaveImage", {"images": "@small.IMAGE", "filename_prefix": "small"}),
)


def items_that_ran(engine, workflow, node):
    """The numbers of the items for which a node was called, and the status of the run."""
    told = []
    outcome = engine.run(workflow, listener=told.append)
    done = [event for event in told if isinstance(event, events.ItemFinished) and event.node == node]
    return sorted(event.item[0] for event in done if not event.reused), outcome


def test_edit_one_file_and_one_item_runs(engine, files, album):
    ran, outcome = items_that_ran(engine, ALBUM, "save")
    assert (ran, outcome.status) == ([0, 1, 2], "finished")
    assert items_that_ran(engine, ALBUM, "save")[0] == []
    Image.new("RGB", (5, 5), "white").save(album / "2.png")
    assert items_that_ran(engine, ALBUM, "save")[0] == [1]
    assert len(list(files.root("output").glob("small_*.png"))) == 4


def test_a_new_file_moves_the_others_on_and_only_it_is_saved(engine, files, album):
    items_that_ran(engine, ALBUM, "save")
    Image.new("RGB", (3, 2), "white").save(album / "1b.png")
    assert items_that_ran(engine, ALBUM, "save")[0] == [1]
    assert len(list(files.root("output").glob("small_*.png"))) == 4


def test_an_unchanged_file_is_not_even_opened(engine, files, album):
    items_that_ran(engine, ALBUM, "save")
    status = (album / "2.png").stat()
    (album / "2.png").write_bytes(b"x" * status.st_size)
    os.utime(album / "2.png", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert items_that_ran(engine, ALBUM, "save")[1].status == "finished"


def test_a_broken_file_is_reported_and_the_others_are_saved(engine, files, album):
    (album / "2.png").write_bytes(b"no picture")
    _, outcome = items_that_ran(engine, ALBUM, "save")
    (problem,) = outcome.problems
    assert (problem.node, problem.socket) == ("load", "folder")
    assert "2.png cannot be used" in problem.message
    assert len(list(files.root("output").glob("small_*.png"))) == 2


def test_names_of_files_open_them_in_other_nodes(run, files, album):
    workflow = document(
        names=("ForEachFile", {"folder": "album", "pattern": "*.png"}),
        load=("LoadImage", {"image": "@names.STRING"}),
        end=("ListToBatch", {"images": "@load.IMAGE"}),
    )
    assert run(workflow)[:, 0, 0].tolist() == [BLUE, RED, LIME]


@pytest.mark.process
def test_a_folder_that_may_not_be_read_is_not_proposed() -> None:
    with folder_for_all() as root:
        (root / "lost+found").mkdir(mode=0)
        files = Files({"input": [root]})

        def act() -> None:
            for folder in ("lost+fund", "holiday"):
                with pytest.raises(FileNameError) as caught:
                    list_folder(files, folder, "*", recursive=False)
                print(caught.value.remedy)

        assert as_other_user(act) == (0, "put a folder with files there\n" * 2)


@pytest.mark.parametrize("load_them", [load_images_from_folder, for_each_file])
@pytest.mark.parametrize(
    ("folder", "message", "remedy"),
    [
        ("albun", "there is no folder 'albun' inside the input folder", "did you mean 'album'?"),
        (
            "holiday",
            "there is no folder 'holiday' inside the input folder",
            "use one of those that are there, such as 'album'",
        ),
        ("../album", "'../album' leads out of the folder", "use a name inside the folder, such as 'cats/red'"),
        ("album/1.png", "'album/1.png' is a file, not a folder", "name a folder inside the input folder"),
    ],
)
def test_what_is_wrong_with_a_folder_is_wrong_with_that_input(ctx, album, load_them, folder, message, remedy):
    with pytest.raises(NodeError) as caught:
        load_them(folder=folder, ctx=ctx)
    assert (str(caught.value), caught.value.input, caught.value.remedy) == (message, "folder", remedy)


def test_where_there_is_no_folder_at_all_one_is_to_be_put_there(ctx):
    with pytest.raises(NodeError) as caught:
        load(ctx)
    assert caught.value.remedy == "put a folder with files there"


def test_leaving_out_more_than_there_is_is_told_as_such(ctx, album):
    with pytest.raises(NodeError, match="nothing is left: 3 are left out, and there are 3 pictures") as caught:
        load(ctx, start=3)
    assert (caught.value.input, caught.value.remedy) == ("start", "lower it to 2 or less")


def test_what_cannot_be_used_is_left_out_and_told_and_takes_nothing_else_away(ctx, files, put):
    put("a.png", Image.new("RGB", (2, 2)))
    with contextlib.suppress(OSError):  # a file system that takes UTF-8 only
        Path(os.fsdecode(bytes(files.root("input")) + b"/caf\xe9.png")).write_bytes(b"")
    (files.root("input") / "out.png").symlink_to("/etc/hostname")
    told = []
    ctx.report_warning = told.append
    assert list(for_each_file(folder="", pattern="*.png", ctx=ctx).items) == ["a.png"]
    assert "out.png was left out: the link leads out of the folder" in told
    assert any("left out: its name is not UTF-8" in each for each in told) or len(told) == 1
