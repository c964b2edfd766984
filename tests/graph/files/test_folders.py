"""Names cannot leave their folder, files are written whole or not at all, and no number is given twice."""

import os
import threading
import unicodedata
from pathlib import Path

import pytest

import graph.files.folders
from graph.files.folders import FileNameError, Files, NumberedNames, safe_name, write_atomically

HOSTILE = [
    "", ".", "./", "..", "../x", "a/../../x", "a/..", "x/../y", "/", "/etc/passwd", "//server/share/x", "~", "~root/x",
    "C:", "C:x", "c:/x", "C:\\x", "\\\\server\\share\\x", "..\\x", "a\\..\\x", "\\x", "file:///etc/passwd", "x:stream",
    "x\0", "x\0.png", "\0", "a/\0/b", "x\n", "a\x1fb", "con", "CON", "con.png", "a/NUL", "nul.tar.gz", "Aux.txt", "prn",
    "com1", "LPT9.png", "com¹", "lpt³.txt", "CONIN$", "conout$.txt", "con .png", "x.", "x ", "a./b", "a /b", "...",
    "x<y", "x>y", 'x"y', "x|y", "x?y", "x*y", "\ud800", "x\udfff.png",
    ".hidden", "a/.git/b", ".drafts/x", "x" * 201, "猫" * 67 + ".png", "a/" * 16 + "b",
]  # fmt: skip
HARMLESS = ["x", "x.png", "a/b/c.png", "a//b", "a/./b", "console.png", "com.png", "com10", "ü 猫.png", " x",
            "a..b", "x~", "-rf", "$HOME", "%PATH%", "x;y", "x (1).png", "lpt", "nulls/x"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_name_that_could_leave_its_folder_or_means_another_thing_elsewhere_is_refused(name):
    with pytest.raises(FileNameError) as caught:
        safe_name(name)
    assert caught.value.remedy


@pytest.mark.parametrize("name", HARMLESS)
def test_a_plain_name_is_taken_and_stays_where_it_is_put(name, tmp_path):
    inside = safe_name(name)
    assert (tmp_path / inside).resolve().is_relative_to(tmp_path)
    assert inside.parts


# Finding files


def folders(tmp_path, *kinds):
    for kind in kinds:
        (tmp_path / kind).mkdir(parents=True)
    return Files({kind: [tmp_path / kind] for kind in kinds})


def test_a_file_is_found_by_its_name_in_any_root_the_first_one_first(tmp_path):
    for name in ("one/a.png", "two/a.png", "two/sub/b.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    files = Files({"input": [tmp_path / "one", tmp_path / "two", tmp_path / "missing"]})
    assert files.path("input", "a.png") == tmp_path / "one" / "a.png"
    assert files.path("input", "sub/b.png") == tmp_path / "two" / "sub" / "b.png"
    assert files.choices("input") == ["a.png", "sub/b.png"]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_no_hostile_name_leads_to_a_file(tmp_path, name):
    files = folders(tmp_path, "input")
    (tmp_path / "x").touch()
    with pytest.raises(FileNameError):
        files.path("input", name)
    with pytest.raises(FileNameError):
        files.path("input", f"{name} [output]")


@pytest.mark.parametrize("name", ["missing.png", "a" * 300, "a/" * 3000 + "b", "x.png/y"])
def test_a_name_of_nothing_is_refused_with_a_remedy(tmp_path, name):
    files = folders(tmp_path, "input")
    (tmp_path / "input" / "x.png").touch()
    with pytest.raises(FileNameError, match="there is no") as caught:
        files.path("input", name)
    assert caught.value.remedy == "put the file into input/, or choose another"


@pytest.mark.parametrize("there", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_a_name_is_found_however_its_accents_are_written(tmp_path, there, typed):
    name = "é/Ångström 한글.png"
    path = tmp_path / unicodedata.normalize(there, name)
    path.parent.mkdir()
    path.touch()
    files = Files({"input": [tmp_path]})
    assert files.path("input", unicodedata.normalize(typed, name)) == path
    other = tmp_path / unicodedata.normalize(typed, name)
    other.parent.mkdir(exist_ok=True)
    other.touch()
    assert files.path("input", unicodedata.normalize(typed, name)) == other, "the very name comes first"


def test_an_unknown_folder_has_nothing(tmp_path):
    assert Files().choices("loras") == []
    with pytest.raises(FileNameError):
        Files().path("loras", "x")


def test_a_link_that_leaves_its_folder_is_refused_and_one_that_stays_is_followed(tmp_path):
    files = folders(tmp_path, "input", "secret")
    (tmp_path / "secret" / "key").touch()
    (tmp_path / "input" / "real.png").touch()
    (tmp_path / "input" / "inside.png").symlink_to("real.png")
    (tmp_path / "input" / "file.png").symlink_to(tmp_path / "secret" / "key")
    (tmp_path / "input" / "folder").symlink_to(tmp_path / "secret")
    (tmp_path / "input" / "up").symlink_to("..")
    for name in ("file.png", "folder/key", "folder", "up", "up/secret/key"):
        with pytest.raises(FileNameError, match="leaves its folder"):
            files.path("input", name)
    assert files.path("input", "inside.png") == tmp_path / "input" / "real.png"


def test_a_root_may_itself_be_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a.png").touch()
    (tmp_path / "input").symlink_to("disk")
    files = Files({"input": [tmp_path / "input"]})
    assert files.choices("input") == ["a.png"]
    assert files.path("input", "a.png") == tmp_path / "disk" / "a.png"


def test_links_in_a_circle_are_nothing_and_are_walked_once(tmp_path):
    files = folders(tmp_path, "input")
    root = tmp_path / "input"
    (root / "sub").mkdir()
    (root / "sub" / "a.png").touch()
    for number in range(4):  # walked naively: more than 4**40 folders
        (root / "sub" / f"loop{number}").symlink_to(root)
    (root / "self").symlink_to("self")
    assert files.choices("input") == ["sub/a.png"]
    with pytest.raises(FileNameError):
        files.path("input", "self")


def test_an_input_may_be_a_picture_that_was_saved_before(tmp_path):
    files = folders(tmp_path, "input", "output", "temp")
    (tmp_path / "output" / "a.png").touch()
    assert files.path("input", "a.png [output]") == tmp_path / "output" / "a.png"
    refused = [("input", "a.png [checkpoints]"), ("input", "../output/a.png [output]"), ("temp", "a.png [output]")]
    for folder, name in refused:
        with pytest.raises(FileNameError):
            files.path(folder, name)


def test_choices_are_sorted_and_leave_out_what_does_not_belong(tmp_path):
    files = folders(tmp_path, "input", "checkpoints")
    for name in ("b.png", "a.JPG", "notes.txt", ".hidden.png", "sub/c.webp", ".git/d.png"):
        path = tmp_path / "input" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    for name in ("x.safetensors", "x.png", "sd/model_index.json", "sd/unet/weights.safetensors", "more/y.ckpt"):
        path = tmp_path / "checkpoints" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert files.choices("input") == ["a.JPG", "b.png", "sub/c.webp"]
    assert files.choices("checkpoints") == ["more/y.ckpt", "sd", "x.safetensors"], "a model folder is one model"


def test_what_is_bundled_comes_first_and_a_file_of_the_same_name_wins(tmp_path):
    (tmp_path / "input").mkdir()
    files = Files({"input": [tmp_path / "input"]}, {"input": {"z.png": tmp_path / "bundled.png"}})
    (tmp_path / "input" / "a.png").touch()
    assert files.choices("input") == ["z.png", "a.png"]
    assert files.path("input", "z.png") == tmp_path / "bundled.png"
    (tmp_path / "input" / "z.png").touch()
    assert files.path("input", "z.png") == tmp_path / "input" / "z.png"
    assert files.choices("input") == ["z.png", "a.png"]


def test_the_folder_for_new_files_is_made_when_it_is_asked_for(tmp_path):
    files = Files({"output": [tmp_path / "deep" / "output", tmp_path / "other"]})
    assert files.root("output") == tmp_path / "deep" / "output"
    assert files.root("output").is_dir()
    for empty in (Files(), Files({"output": []})):
        with pytest.raises(FileNameError, match="no folder is set up"):
            empty.root("output")


# Writing


def listing(folder):
    return sorted(item.name for item in folder.iterdir())


def test_a_file_is_written_whole_and_its_folders_are_made(tmp_path):
    write_atomically(tmp_path / "a" / "b" / "x.png", b"picture")
    assert (tmp_path / "a" / "b" / "x.png").read_bytes() == b"picture"
    assert listing(tmp_path / "a" / "b") == ["x.png"]


def test_an_existing_file_is_left_alone_unless_told_otherwise(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        write_atomically(path, b"new")
    assert (path.read_bytes(), listing(tmp_path)) == (b"old", ["x"])
    write_atomically(path, b"new", overwrite=True)
    assert (path.read_bytes(), listing(tmp_path)) == (b"new", ["x"])


def refuse(*_, **__):
    raise OSError(28, "No space left on device")


def no_links(*_, **__):
    raise PermissionError(1, "Operation not permitted")


def failing_at(calls, turn):
    """The n-th of all calls to the operating system's functions fails."""

    def wrap(function):
        def call(*arguments, **options):
            calls.append(function.__name__)
            if len(calls) == turn:
                refuse()
            return function(*arguments, **options)

        return call

    return wrap


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("overwrite", [True, False], ids=["overwrite", "keep"])
@pytest.mark.parametrize("turn", range(1, 8))
def test_whichever_call_fails_nothing_half_written_stays(tmp_path, monkeypatch, turn, overwrite, links):
    path = tmp_path / "x"
    if overwrite:
        path.write_bytes(b"old")
    calls = []
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    for name in ("fsync", "open", "link", "replace"):
        monkeypatch.setattr(os, name, failing_at(calls, turn)(getattr(os, name)))
    failed = False
    try:
        write_atomically(path, b"new", overwrite=overwrite)
    except OSError:
        failed = True
    monkeypatch.undo()
    before = b"old" if overwrite else None
    content = path.read_bytes() if path.exists() else None
    assert content in (before, b"new")
    assert failed or content == b"new"
    assert listing(tmp_path) == (["x"] if content is not None else []), "no temporary file stays"


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_without_links_nothing_half_written_stays_either(tmp_path, monkeypatch, name):
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, name, refuse)
    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "x", b"new")
    assert listing(tmp_path) == []


def test_without_links_an_existing_file_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", no_links)
    write_atomically(tmp_path / "x", b"old")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "x", b"new")
    assert ((tmp_path / "x").read_bytes(), listing(tmp_path)) == (b"old", ["x"])


# Numbers


def test_numbers_go_up_from_the_highest_that_is_there(tmp_path):
    for name in ("cat_00007_.png", "cat_00003.jpg", "dog_00099_.png", "cat_x_.png", "cat_00050_.png.bak", "cat.png"):
        (tmp_path / name).touch()
    names = NumberedNames()
    assert [names.write(tmp_path, "cat", ".png", b"").name for _ in range(2)] == ["cat_00008_.png", "cat_00009_.png"]
    assert names.write(tmp_path, "dog", ".webp", b"").name == "dog_00100_.webp"
    assert names.write(tmp_path / "new", "cat", ".png", b"").name == "cat_00001_.png"


def test_a_prefix_is_no_pattern(tmp_path):
    (tmp_path / "caat_00005_.png").touch()
    assert NumberedNames().write(tmp_path, "ca+t", ".png", b"").name == "ca+t_00001_.png"


def test_a_name_that_someone_took_meanwhile_is_stepped_over(tmp_path):
    names = NumberedNames()
    names.write(tmp_path, "cat", ".png", b"1")
    (tmp_path / "cat_00002_.png").write_bytes(b"theirs")
    (tmp_path / "cat_00003_.png").write_bytes(b"theirs")
    assert names.write(tmp_path, "cat", ".png", b"2").name == "cat_00004_.png"
    assert (tmp_path / "cat_00002_.png").read_bytes() == b"theirs"


def test_the_folder_is_listed_once(tmp_path, monkeypatch):
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(graph.files.folders.os, "scandir", lambda folder: listed.append(folder) or scandir(folder))
    names = NumberedNames()
    for _ in range(5):
        names.write(tmp_path, "cat", ".png", b"")
    assert listed == [tmp_path]


def test_what_a_killed_process_wrote_and_could_not_tell_is_taken_by_the_next_one(tmp_path):
    NumberedNames().write(tmp_path, "cat", ".png", b"of run 1")
    left = NumberedNames().write(tmp_path, "cat", ".png", b"of run 2")
    names = NumberedNames()
    assert names.write(tmp_path, "cat", ".png", b"of run 2", names_its_run=True) == left
    assert names.write(tmp_path, "cat", ".png", b"of run 3", names_its_run=True).name == "cat_00003_.png"
    assert names.write(tmp_path, "cat", ".png", b"of run 3", names_its_run=True).name == "cat_00004_.png", "its own"
    assert names.write(tmp_path, "cat", ".png", b"of run 1").name == "cat_00005_.png", "it did not say that it may"
    assert len(listing(tmp_path)) == 5


@pytest.mark.parametrize("instances", [1, 2])
def test_nothing_is_overwritten_however_many_write_at_once(tmp_path, instances):
    makers = [NumberedNames() for _ in range(instances)]
    together = threading.Barrier(4)
    paths = []

    def write(number):
        together.wait()
        for picture in range(10):
            content = f"{number}.{picture}".encode()
            paths.append((makers[number % instances].write(tmp_path, "cat", ".png", content), content))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path for path, _ in paths}) == 40
    assert all(path.read_bytes() == content for path, content in paths)
    assert len(listing(tmp_path)) == 40


def test_a_file_where_the_folder_should_be_is_an_error_and_not_a_wait_for_ever(tmp_path):
    (tmp_path / "pictures").touch()
    for folder in (tmp_path / "pictures", tmp_path / "pictures" / "cats"):
        with pytest.raises(OSError, match="pictures"):
            NumberedNames().write(folder, "cat", ".png", b"")


def test_an_error_of_the_disk_comes_out(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="No space"):
        NumberedNames().write(Path(tmp_path), "cat", ".png", b"")
