"""Packs that are dropped into a folder: each is loaded, or reported and left out whole."""

import sys
from pathlib import Path

import pytest

from graph.packs import load_packs
from graph.registry import Registry

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
        (NODE.format(id="Half") + "\nfrom . import nothing", "ImportError"),
        (NODE.format(id="Half").replace("text: str", "text: bytes"), "NodeDefinitionError"),
    ],
    ids=["missing library", "syntax", "raises", "exits", "after a node", "bad node"],
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


def test_a_pack_that_takes_another_ones_id_is_left_out_whole(folder):
    write(folder, "a.py", NODE.format(id="Shared"))
    write(folder, "b.py", NODE.format(id="Own") + NODE.format(id="Shared").replace("def run", "def again"))
    registry = Registry()
    first, second = load_packs(folder, registry)
    assert first.node_ids == ("Shared",)
    assert "DuplicateNodeError" in second.error
    assert ids(registry) == ["Shared"], "Own came before the clash and must not stay"


def test_hidden_and_underscored_entries_and_other_files_are_no_packs(folder):
    for name in ("_off.py", ".hidden.py", "readme.md", "pictures/cat.py"):
        write(folder, name, "raise RuntimeError")
    assert load_packs(folder, Registry()) == []


def test_a_missing_folder_has_no_packs(folder):
    assert load_packs(folder / "nowhere", Registry()) == []
