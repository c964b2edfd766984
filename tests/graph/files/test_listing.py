"""Each entry is looked at on its own, what is left out is named, walking is bounded, and no new file stays unseen."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from graph.files import listing
from graph.files.folders import FileNameError, Files
from graph.files.listing import Lister, files_in, size_of
from graph.node_types.digests import file_identity
from tests.support.other_user import as_other_user, folder_for_all

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights and links of POSIX")
PNG = frozenset({".png"})


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def left_out(found):
    return {item.name: item.reason for item in found.left_out}


@pytest.fixture
def files(tmp_path):
    for kind in ("input", "output", "checkpoints"):
        (tmp_path / kind).mkdir()
    return Files({kind: [tmp_path / kind] for kind in ("input", "output", "checkpoints")})


# One bad entry takes nothing else away


@pytest.mark.process
def test_what_may_not_be_read_is_named_and_everything_else_is_listed_and_opened():
    with folder_for_all() as folder:
        put(folder, "checkpoints/a.ckpt", "checkpoints/secret.ckpt", "checkpoints/m/model_index.json", "input/b.png")
        for name in ("checkpoints/lost+found", "input/lost+found", "checkpoints/closed"):
            (folder / name).mkdir()
            (folder / name).chmod(0)
        (folder / "checkpoints/secret.ckpt").chmod(0)
        files = Files({kind: [folder / kind] for kind in ("checkpoints", "input")})

        def look():
            models, pictures = files.listing("checkpoints"), files.listing("input")
            print(models.names, left_out(models), pictures.names, left_out(pictures))
            for name in ("secret.ckpt", "lost+found", "lost+found/x.ckpt"):
                try:
                    files.path("checkpoints", name)
                except FileNameError as error:
                    print(error, "|", error.remedy)

        code, said = as_other_user(look)
    assert code == 0, said
    no = "it may not be read"
    first, *refusals = said.splitlines()
    assert first == (
        f"('a.ckpt', 'm') {{'closed': '{no}', 'lost+found': '{no}', 'secret.ckpt': '{no}'}}"
        f" ('b.png',) {{'lost+found': '{no}'}}"
    )
    assert refusals == [
        f"{name!r} in checkpoints/ cannot be used: {no} | give the user that runs this program the right to read it"
        for name in ("secret.ckpt", "lost+found", "lost+found/x.ckpt")
    ]


@pytest.mark.process
def test_a_root_that_may_not_be_read_is_an_empty_list_that_says_so():
    with folder_for_all() as folder:
        (folder / "input").mkdir()
        (folder / "input").chmod(0)
        files = Files({"input": [folder / "input"]})
        code, said = as_other_user(lambda: print(files.listing("input")))
    assert (code, said.strip()) == (
        0, "Listing(names=(), left_out=(LeftOut(name='input/', reason='it may not be read'),))"
    )  # fmt: skip


def test_links_that_lead_nowhere_or_in_circles_are_named_where_they_would_be_offered(files, tmp_path):
    root = tmp_path / "checkpoints"
    put(root, "a.ckpt")
    (root / "gone.safetensors").symlink_to(tmp_path / "gone")
    (root / "disk").symlink_to("/nowhere")
    (root / "self").symlink_to("self")
    (root / "notes.txt").symlink_to("/nowhere")
    found = files.listing("checkpoints")
    assert found.names == ("a.ckpt",)
    assert left_out(found) == dict.fromkeys(("disk", "gone.safetensors", "self"), "the link leads nowhere")
    with pytest.raises(FileNameError, match="leads nowhere"):
        files.path("checkpoints", "gone.safetensors")


def test_pipes_are_neither_offered_nor_opened(files, tmp_path):
    os.mkfifo(tmp_path / "input" / "pipe.png")
    assert left_out(files.listing("input")) == {"pipe.png": "it is neither a file nor a folder"}
    with pytest.raises(FileNameError, match="neither a file nor a folder"):
        files.path("input", "pipe.png")


def test_a_name_that_is_no_utf8_is_left_out_and_can_be_shown(files, tmp_path):
    put(tmp_path / "input", "a.png", os.fsdecode(b"caf\xe9.png"), os.fsdecode(b"m\xfcll/b.png"), os.fsdecode(b"\xff"))
    found = files.listing("input")
    assert found.names == ("a.png",)
    assert left_out(found) == dict.fromkeys((r"caf\xe9.png", r"m\xfcll"), "its name is not UTF-8")


def test_whatever_is_listed_can_be_opened(files, tmp_path):
    names = [
        "12:30.png", "what?.png", "a|b.png", "~x.png", "a\\b.png", 'say "hi".png', "con.png", "trail./x.png", "*.png",
        "blank /y.png", "C:x.png", "new\nline.png", "ü 猫.png", "u\u0308.png", "%41.png", "a%2Fb.png",
    ]  # fmt: skip
    put(tmp_path / "input", *names, ".hidden.png", ".git/z.png", "config.json", "sub/config.json", "sub/w.png")
    found = files.listing("input")
    assert set(found.names) == {*names, "sub/w.png"}, "a folder of pictures is no model, whatever it holds"
    assert not found.left_out
    for name in found.names:
        assert files.path("input", name).read_bytes() == b"x"
    for name in (".hidden.png", ".git/z.png"):
        with pytest.raises(FileNameError, match="hidden"):
            files.path("input", name)


# Links


def test_links_inside_a_models_folder_are_followed(files, tmp_path):
    root, disk = tmp_path / "checkpoints", tmp_path / "disk"
    put(disk, "sd/model_index.json", "sd/unet/w.bin", "more/b.ckpt", "blob")
    (root / "linked").symlink_to(disk / "sd")
    (root / "disk").symlink_to(disk)
    (root / "c.safetensors").symlink_to(disk / "blob")
    assert files.choices("checkpoints") == ["c.safetensors", "disk/more/b.ckpt", "disk/sd", "linked"]
    for name in files.choices("checkpoints"):
        assert files.path("checkpoints", name) == root / name, "by its own name, which has the ending"


def test_links_do_not_lead_out_of_the_folders_of_pictures(files, tmp_path):
    put(tmp_path / "elsewhere", "a.png")
    put(tmp_path / "input", "own/b.png")
    (tmp_path / "input" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "input" / "file.png").symlink_to(tmp_path / "elsewhere" / "a.png")
    (tmp_path / "input" / "inside.png").symlink_to("own/b.png")
    found = files.listing("input")
    assert found.names == ("inside.png", "own/b.png")
    assert left_out(found) == dict.fromkeys(("file.png", "folder"), "the link leads out of the folder")
    for name in ("file.png", "folder/a.png"):
        with pytest.raises(FileNameError, match="leaves its folder"):
            files.path("input", name)


def test_a_name_that_is_no_use_in_one_root_is_looked_for_in_the_next(tmp_path):
    put(tmp_path / "two", "a.png")
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a.png").symlink_to("/nowhere")
    files = Files({"input": [tmp_path / "one", tmp_path / "two"]})
    assert (files.listing("input").names, files.listing("input").left_out) == (("a.png",), ())
    assert files.path("input", "a.png") == tmp_path / "two" / "a.png"


def test_a_folder_goes_by_its_own_name_before_that_of_a_link(files, tmp_path):
    put(tmp_path / "checkpoints", "zoo/a.ckpt")
    (tmp_path / "checkpoints" / "b").symlink_to("zoo")
    assert files.choices("checkpoints") == ["zoo/a.ckpt"]


def test_a_model_of_links_is_told_apart_by_what_they_lead_to(tmp_path):
    put(tmp_path / "disk", "unet/w.bin")
    put(tmp_path / "model", "model_index.json")
    (tmp_path / "model" / "unet").symlink_to(tmp_path / "disk" / "unet")
    (tmp_path / "model" / "unet" / "again").symlink_to(tmp_path / "model")
    before = file_identity(tmp_path / "model")
    assert [name for name, _ in files_in(tmp_path / "model")] == ["model_index.json", "unet/w.bin"]
    (tmp_path / "disk" / "unet" / "w.bin").write_bytes(b"other")
    assert file_identity(tmp_path / "model") != before
    assert size_of(tmp_path / "model") == 6


# Bounded, and remembered


def test_what_is_beyond_the_bound_is_not_listed_but_said_and_can_be_opened(files, tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MOST_ENTRIES", 5)
    put(tmp_path / "input", "deep/a.png", "deep/b.png", "deep/c.png", "deep/d.png", "x.png", "y.png")
    found = files.listing("input")
    assert found.names == ("deep/a.png", "deep/b.png", "x.png", "y.png"), "the uppermost come first"
    assert left_out(found) == {"deep/c.png": "only the first 5 entries are listed"}
    assert files.path("input", "deep/d.png").is_file()


@pytest.fixture
def read_folders(monkeypatch):
    """The folders that were really read, since they were last looked at."""
    read = []
    scandir = os.scandir
    monkeypatch.setattr(listing.os, "scandir", lambda place: read.append(Path(place).name) or scandir(place))

    def since():
        found, read[:] = list(read), []
        return found

    return since


def settle(*folders):
    """As if nothing had happened there for a while."""
    for folder in folders:
        os.utime(folder, ns=(0, folder.stat().st_mtime_ns - 10 * 10**9))


def test_a_folder_that_did_not_change_is_not_read_again_and_a_new_file_is_seen_at_once(tmp_path, read_folders):
    put(tmp_path, "a.png", "sub/b.png")
    settle(tmp_path, tmp_path / "sub")
    lister = Lister()
    assert lister.list(tmp_path, PNG).names == ("a.png", "sub/b.png")
    assert len(read_folders()) == 2
    assert lister.list(tmp_path, PNG).names == ("a.png", "sub/b.png")
    assert read_folders() == []
    put(tmp_path, "sub/c.png")
    assert lister.list(tmp_path, PNG).names == ("a.png", "sub/b.png", "sub/c.png")
    assert read_folders() == ["sub"]
    settle(tmp_path / "sub")
    lister.list(tmp_path, PNG)
    (tmp_path / "sub" / "b.png").unlink()
    assert lister.list(tmp_path, PNG).names == ("a.png", "sub/c.png")


def test_a_folder_that_changed_a_moment_ago_is_not_believed(tmp_path, read_folders):
    put(tmp_path, "a.png")
    lister = Lister()
    for _ in range(2):  # another file within the same tick of the file system's clock would change no time
        lister.list(tmp_path, PNG)
    assert len(read_folders()) == 2


def test_a_folder_whose_file_system_tells_no_changes_is_read_again_after_a_while(tmp_path, read_folders, monkeypatch):
    put(tmp_path, "a.png")
    settle(tmp_path)
    lister = Lister()
    lister.list(tmp_path, PNG)
    now = listing.time.monotonic()
    monkeypatch.setattr(listing.time, "monotonic", lambda: now + 60)
    lister.list(tmp_path, PNG)
    assert len(read_folders()) == 2


def test_what_was_put_there_is_listed_at_once_where_the_file_system_tells_no_changes(files, tmp_path, monkeypatch):
    root = tmp_path / "input"
    put(root, "a.png")
    same = SimpleNamespace(st_mode=0o40755, st_dev=7, st_ino=7, st_mtime_ns=0, st_ctime_ns=0)
    stat = os.stat
    monkeypatch.setattr(listing.os, "stat", lambda place, **more: same if place == str(root) else stat(place, **more))
    assert files.choices("input") == ["a.png"]
    put(root, "b.png")
    assert files.choices("input") == ["a.png"], "nothing tells"
    files.forget_listings()
    assert files.lately_listed("input").names == ("a.png", "b.png")


def test_what_a_link_leads_to_and_what_could_not_be_read_is_looked_at_anew(tmp_path):
    root = tmp_path / "input"
    put(root, "a.png")
    (root / "link.png").symlink_to("real/x.png")
    (root / "real").mkdir()
    settle(root, root / "real")
    lister = Lister()
    assert lister.list(root, PNG).names == ("a.png",)
    put(root, "real/x.png")
    settle(root, root / "real")
    assert lister.list(root, PNG).names == ("a.png", "link.png", "real/x.png")


def test_choosing_by_name_walks_nothing(files, tmp_path, read_folders):
    put(tmp_path / "input", "sub/a.png")
    assert files.path("input", "sub/a.png").is_file()
    assert read_folders() == []


def test_many_wrong_names_at_once_cost_one_walk(files, tmp_path, read_folders):
    from graph.base.errors import WorkflowError
    from graph.building.build import build
    from graph.document.workflow import Node, Workflow
    from graph.node_types.registry import Registry
    from nodes.load_image import load_image

    registry = Registry()
    registry.add(load_image.__node_type__)
    put(tmp_path / "input", "sub/a.png")
    nodes = {str(number): Node("LoadImage", {"image": f"wrong{number}.png"}) for number in range(50)}
    with pytest.raises(WorkflowError) as caught:
        build(Workflow(nodes), registry, files, list(nodes))
    assert len(caught.value.problems) == 50
    assert sorted(read_folders()) == ["input", "sub"]
