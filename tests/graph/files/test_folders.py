"""Names cannot leave their folder, and files are written whole or not at all."""

import os
import unicodedata

import pytest

from graph.files.file_kinds import AnyKind
from graph.files.folders import FileNameError, Files, safe_name, write_atomically

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
    (tmp_path / "bundled.png").touch()
    (tmp_path / "input" / "a.png").touch()
    assert files.choices("input") == ["z.png", "a.png"]
    assert files.path("input", "z.png") == tmp_path / "bundled.png"
    (tmp_path / "input" / "z.png").touch()
    assert files.path("input", "z.png") == tmp_path / "input" / "z.png"
    assert files.choices("input") == ["z.png", "a.png"]


def test_a_bundled_folder_of_pictures_is_opened_by_its_name_and_is_no_picture(tmp_path):
    (tmp_path / "cats").mkdir()
    files = Files({}, {"input": {"cats": tmp_path / "cats"}})
    assert files.choices("input") == []
    assert files.path("input", "cats") == tmp_path / "cats"


def test_what_is_bundled_is_offered_as_long_as_it_is_there(tmp_path):
    files = Files({}, {"checkpoints": {"bundled": tmp_path / "bundled"}})
    for _ in range(2):
        assert files.choices("checkpoints") == []
        with pytest.raises(FileNameError, match="there is no 'bundled'"):
            files.path("checkpoints", "bundled")
        (tmp_path / "bundled").mkdir()
        assert files.choices("checkpoints") == ["bundled"]
        assert files.path("checkpoints", "bundled") == tmp_path / "bundled"
        (tmp_path / "bundled").rmdir()


class Suffixes(AnyKind):
    """Takes the suffix of a file for its kind, and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def unfit(self, paths, fits):
        self.asked += paths
        return ["" if path.suffix[1:] in fits else f"it is a {path.suffix[1:]}" for path in paths]


def test_only_files_that_fit_are_offered_and_the_others_are_left_out_with_the_reason(tmp_path):
    for name in ("one/a.ckpt", "one/b.gguf", "two/a.ckpt", "two/c.ckpt", "bundled/d.pt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    kinds = Suffixes()
    bundled = {"vae": {"d.pt": tmp_path / "bundled" / "d.pt", "a.ckpt": tmp_path / "bundled" / "d.pt"}}
    files = Files({"vae": [tmp_path / "one", tmp_path / "two"]}, bundled, kinds)
    found = files.listing("vae", ("ckpt",))
    assert found.names == ("a.ckpt", "c.ckpt")
    assert [item.as_json() for item in found.left_out] == [
        {"name": "d.pt", "reason": "it is a pt"},
        {"name": "b.gguf", "reason": "it is a gguf"},
    ]
    assert sorted(kinds.asked) == [
        tmp_path / "bundled" / "d.pt",
        tmp_path / "one" / "a.ckpt",
        tmp_path / "one" / "b.gguf",
        tmp_path / "two" / "c.ckpt",
    ], "of each name the file that it stands for"
    assert files.choices("vae") == ["d.pt", "a.ckpt", "b.gguf", "c.ckpt"], "without a wish, all are offered"
    assert files.path("vae", "b.gguf").is_file(), "a workflow may name any file"


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
