"""Packs that are dropped into a folder: each is loaded, or reported and left out whole."""

import json
import os
import sys
from pathlib import Path

import pytest

from graph.node_types.registry import Registry
from graph.packs.loading import load_packs

NODE = '''
from graph.api import node

@node("{id}", category="pack")
def run(text: str = "") -> str:
    """Do something."""
    return text
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder for packs that lies nowhere on `sys.path`."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not Path(place, "custom_nodes").is_dir()])
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("custom_nodes")}
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("custom_nodes")]:
        del sys.modules[name]
    sys.modules.update(before)


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def ids(registry):
    return [item.id for item in registry]


def test_files_and_folders_are_packs_in_alphabetical_order(folder):
    write(folder, "b.py", NODE.format(id="B"))
    write(folder, "a/__init__.py", NODE.format(id="A"))
    registry = Registry()
    reports = load_packs(folder, registry)
    assert [(report.name, report.node_ids, report.error) for report in reports] == [
        ("a", ("A",), ""),
        ("b", ("B",), ""),
    ]
    assert ids(registry) == ["A", "B"]


def test_a_pack_of_several_modules_gives_the_nodes_of_all(folder):
    write(folder, "many/__init__.py", "from . import inner\nfrom .deeper import deepest")
    write(folder, "many/inner.py", NODE.format(id="Inner"))
    write(folder, "many/deeper/__init__.py", "")
    write(folder, "many/deeper/deepest.py", NODE.format(id="Deepest"))
    registry = Registry()
    (report,) = load_packs(folder, registry)
    assert report.error == ""
    assert sorted(report.node_ids) == sorted(ids(registry)) == ["Deepest", "Inner"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import a_library_that_is_not_there", "ModuleNotFoundError: No module named"),
        ("def broken(:", "SyntaxError"),
        ("raise RuntimeError('no device')", "RuntimeError: no device"),
        ("raise SystemExit('needs another version')", "SystemExit: needs another version"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import asyncio\nraise asyncio.CancelledError", "CancelledError"),
        ("import os\nos._exit(3)", "os._exit(3)"),
        (NODE.format(id="Half") + "\nfrom . import nothing", "ImportError"),
        (NODE.format(id="Half").replace("text: str", "text: bytes"), "NodeDefinitionError"),
    ],
    ids=["missing library", "syntax", "raises", "exits", "interrupts", "cancels", "ends", "after a node", "bad node"],
)
def test_a_broken_pack_is_reported_and_does_not_keep_the_others_out(folder, text, error):
    write(folder, "a.py", NODE.format(id="A"))
    write(folder, "broken.py", text)
    write(folder, "c.py", NODE.format(id="C"))
    registry = Registry()
    first, broken, last = load_packs(folder, registry)
    assert (first.error, last.error) == ("", "")
    assert error in broken.error
    assert "Traceback" in broken.details
    assert broken.node_ids == ()
    assert ids(registry) == ["A", "C"]
    assert not [name for name in sys.modules if name.startswith("custom_nodes.broken")]


def test_of_a_pack_only_the_nodes_whose_ids_are_taken_are_left_out(folder):
    write(folder, "a.py", NODE.format(id="Shared"))
    write(folder, "b.py", NODE.format(id="Own") + NODE.format(id="Shared").replace("def run", "def again"))
    registry = Registry()
    first, second = load_packs(folder, registry)
    assert (first.node_ids, first.refused) == (("Shared",), ())
    assert (second.node_ids, second.error) == (("Own",), "")
    assert second.refused == ("node 'Shared' is in custom_nodes.a and in custom_nodes.b",)
    assert ids(registry) == ["Shared", "Own"]
    assert registry.get("Shared").module == "custom_nodes.a"


def test_a_node_that_cannot_be_described_is_left_out_alone(folder):
    odd = "import dataclasses\nrun.__node_type__ = dataclasses.replace(run.__node_type__, version=float('nan'))\n"
    write(folder, "a.py", NODE.format(id="Odd") + odd + NODE.format(id="Even").replace("def run", "def again"))
    (report,) = load_packs(folder, registry := Registry())
    assert (report.error, ids(registry)) == ("", ["Even"])
    assert "node 'Odd' cannot be described" in report.refused[0]


def test_what_a_pack_holds_beside_its_nodes_is_no_matter(folder):
    odd = "class Odd:\n    def __getattr__(self, name): raise RuntimeError(name)\nodd = Odd()\n"
    own = "import sys\nsys.modules[__name__ + '.odd'] = odd\nsys.modules[7] = None\n"
    write(folder, "a.py", odd + own + NODE.format(id="Even"))
    try:
        (report,) = load_packs(folder, registry := Registry())
    finally:
        sys.modules.pop(7, None)
    assert (report.error, ids(registry)) == ("", ["Even"])


def test_hidden_and_underscored_entries_and_other_files_are_no_packs(folder):
    for name in ("_off.py", ".hidden.py", "readme.md", "pictures/cat.py"):
        write(folder, name, "raise RuntimeError")
    assert load_packs(folder, Registry()) == []


def test_a_missing_folder_has_no_packs(folder):
    assert load_packs(folder / "nowhere", Registry()) == []


def test_each_pack_has_a_module_of_its_own_whatever_it_is_called(folder):
    for name in ("pk.a", "pk.b", "pk", "two words", "dash-ed", "\u00fcml\u00e4ut"):
        write(folder, f"{name}/__init__.py", "from .inner import run as inner_run")
        write(folder, f"{name}/inner.py", NODE.format(id=name).replace("return text", f"return {name!r}"))
    write(folder, "pk/a.py", "raise RuntimeError('a part of pk, and not the pack pk.a')")
    registry = Registry()
    reports = load_packs(folder, registry)
    assert [report.error for report in reports] == [""] * 6
    assert {item.id: item.function() for item in registry} == {name: name for name in ids(registry)}
    assert len({item.module for item in registry}) == 6


def test_a_file_beside_a_folder_of_its_name_is_told_and_the_folder_is_the_pack(folder):
    write(folder, "pk/__init__.py", NODE.format(id="Folder"))
    write(folder, "pk.py", NODE.format(id="File"))
    registry = Registry()
    found = {report.name: report for report in load_packs(folder, registry)}
    assert ids(registry) == ["Folder"]
    assert found["pk"].error == ""
    assert "pack of the same name" in found["pk.py"].error
    assert found["pk.py"].missing == ("File",)


def test_entries_that_cannot_be_packs_are_each_named_once_and_the_others_are_loaded(folder):
    (folder / "gone.py").symlink_to(folder / "nowhere.py")
    (folder / "away").symlink_to(folder / "nowhere")
    (folder / "circle.py").symlink_to(folder / "circle.py")
    os.mkfifo(folder / "pipe.py")
    (folder / "piped").mkdir()
    os.mkfifo(folder / "piped" / "__init__.py")
    (folder / "folder.py").mkdir()
    write(folder, "good.py", NODE.format(id="Good"))
    reports = load_packs(folder, registry := Registry())
    assert {report.name: report.cause for report in reports} == {
        "away": "entry", "circle": "entry", "gone": "entry", "good": "", "pipe": "entry", "piped": "entry",
    }  # fmt: skip
    assert ids(registry) == ["Good"]


def test_names_that_no_screen_can_show_are_told_as_escapes(folder):
    (folder / "line\nbreak.py").write_text("raise RuntimeError")
    (folder / os.fsdecode(b"caf\xe9.py")).write_text("raise RuntimeError")
    reports = load_packs(folder, Registry())
    assert [report.name for report in reports] == ["caf\\udce9", "line\\nbreak"]
    json.dumps([report.as_json() for report in reports]).encode()
    "".join(report.name + report.error + report.file for report in reports).encode()


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"__init__.py": "from . import helper", "helper.py": "x = 1\n\nraise ValueError"}, ("bad/helper.py", 3)),
        ({"__init__.py": "import json\njson.loads('{')"}, ("bad/__init__.py", 2)),
        ({"__init__.py": "from . import helper", "helper.py": "\ndef broken(:"}, ("bad/helper.py", 2)),
        ({"__init__.py": "exec('1 / 0')"}, ("bad/__init__.py", 1)),
        ({"__init__.py": b"x = 1\0"}, ("bad/__init__.py", 0)),
    ],
    ids=["in a helper", "in a library", "syntax of a helper", "text that is run", "null bytes"],
)
def test_a_broken_pack_is_named_with_the_place_in_its_files(folder, files, place):
    for name, text in files.items():
        (folder / "bad").mkdir(exist_ok=True)
        (folder / "bad" / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (report,) = load_packs(folder, Registry())
    assert (report.file, report.line) == place
    assert str(folder) not in report.details, "nobody else needs to know where it lies"


def test_nodes_of_a_broken_pack_are_known_by_its_text(folder):
    write(folder, "bad.py", NODE.format(id="One") + NODE.format(id="Two") + "raise ValueError")
    (report,) = load_packs(folder, registry := Registry())
    assert report.missing == ("One", "Two")
    assert registry.absent_with("Two").place == "bad.py:15"
    assert registry.absent_with("Three") is None


def test_a_pack_for_another_program_is_told_to_be_one(folder):
    write(folder, "comfy/__init__.py", "class A: pass\nNODE_CLASS_MAPPINGS = {'A': A}")
    write(folder, "both.py", NODE.format(id="Both") + "\nNODE_CLASS_MAPPINGS = {}")
    write(folder, "helper.py", "VALUE = 1")
    reports = {report.name: report for report in load_packs(folder, Registry())}
    assert [name for name, report in reports.items() if report.error] == ["comfy"]
    assert reports["comfy"].error.startswith("its nodes are classes for ComfyUI; nodes of Jacquard are functions")
    assert reports["comfy"].place == "comfy/__init__.py"


def test_a_relative_folder_is_the_same_as_its_whole_path(folder, monkeypatch):
    write(folder, "elsewhere/__init__.py", "from . import inner")
    write(folder, "elsewhere/inner.py", "x = none_of_these")
    (folder / "one").mkdir()
    (folder / "one" / "linked").symlink_to(folder / "elsewhere")
    monkeypatch.chdir(folder)
    (report,) = load_packs(Path("one"), Registry())
    assert report.place == "linked/inner.py:1"
    assert "none_of_these" in report.details, "the folder's name is no part of other words"
    assert 'File "custom_nodes/linked/inner.py", line 1' in report.details
