"""What packs stand on: all that their nodes depend on makes another recipe, and what nobody can tell is not reused."""

import importlib
import os
import shutil
import sys
from types import ModuleType

import pytest

from graph.building.build import build
from graph.document.workflow import Node, Reference, Subworkflow, SubworkflowOutput, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.registry import Registry
from graph.packs import file_snapshot
from graph.packs.loading import load_packs
from graph.running import events
from tests.support.documents import document
from tests.support.toys import type_from

PACK = '''
import os
from graph.api import node
{imports}

@node("Blur", category="pack")
def blur(text: str = "") -> str:
    """Do something."""
    {body}
    CALLS.append(text)
    return text + {result}
'''


class Place:
    """A folder for packs, one for installed libraries and one for other modules; `load` is a new start."""

    def __init__(self, root, monkeypatch):
        self.packs, self.site, self.elsewhere = root / "packs", root / "site-packages", root / "elsewhere"
        for folder in (self.packs, self.site, self.elsewhere):
            folder.mkdir()
            if folder != self.packs:
                monkeypatch.syspath_prepend(folder)
        self.before = set(sys.modules)

    def write(self, name, text, folder=None):
        path = (folder or self.packs) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def pack(self, name="blur/__init__.py", imports="", body="pass", result="''"):
        return self.write(name, PACK.format(imports=imports, body=body, result=result))

    def install(self, name, version, code="", requires=(), module=None, record=""):
        """A distribution, in place of one of its name."""
        for old in self.site.glob(f"{name}-*.dist-info"):
            shutil.rmtree(old)
        module = module or name
        self.write(f"{module}.py", code, self.site)
        about = f"Name: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {each}\n" for each in requires)
        info = f"{name}-{version}.dist-info"
        self.write(f"{info}/METADATA", about + "\nA library.", self.site)
        self.write(f"{info}/RECORD", f"{module}.py,sha256={record},1\n../../bin/{name},sha256=x,1\n", self.site)

    def forget(self):
        for name in set(sys.modules) - self.before:
            del sys.modules[name]
        importlib.invalidate_caches()

    def load(self, known=()):
        """The node type of the pack, as a new process would load it."""
        self.forget()
        self.registry = Registry()
        reports = load_packs(self.packs, self.registry, known)
        assert [report.error for report in reports] == [""] * len(reports)
        return self.registry.get("Blur")

    def recipe(self):
        found = self.load()
        assert found.dependencies.unknown_because == ""
        return found.recipe


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("builtins.CALLS", [], raising=False)
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith("custom_nodes")}
    place = Place(tmp_path, monkeypatch)
    yield place
    place.forget()
    sys.modules.update(before)


def restored(path, data):
    """Other bytes of the same length, under the time of before."""
    status = path.stat()
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# What is in the recipe


def test_a_recipe_is_the_same_at_every_start_and_wherever_the_pack_lies(place, tmp_path, monkeypatch):
    place.pack(imports="from . import helper")
    place.write("blur/helper.py", "value = 1")
    first = place.recipe()
    assert place.recipe() == first
    shutil.copytree(place.packs, tmp_path / "moved")
    place.packs = tmp_path / "moved"
    assert place.recipe() == first


EDITS = {
    "helper module": lambda place: place.write("blur/helper.py", "value = 2"),
    "deeper module": lambda place: place.write("blur/inner/deep.py", "value = 2"),
    "a data file": lambda place: place.write("blur/table.json", "[2]"),
    "a file that comes": lambda place: place.write("blur/new.json", ""),
    "a file that goes": lambda place: (place.packs / "blur" / "table.json").unlink(),
    "a file of another name": lambda place: (place.packs / "blur" / "table.json").rename(
        place.packs / "blur" / "t.json"
    ),
    "weights of the same size and time": lambda place: restored(place.packs / "blur" / "weights.bin", b"2" * 2**21),
    "what a link leads to": lambda place: place.write("data.txt", "2", place.elsewhere),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_whatever_lies_in_its_folder_is_in_the_recipe(place, edit):
    place.pack(imports="from . import helper")
    place.write("blur/helper.py", "value = 1")
    place.write("blur/inner/deep.py", "value = 1")
    place.write("blur/table.json", "[1]")
    place.write("blur/weights.bin", "1" * 2**21)
    (place.packs / "blur" / "link.txt").symlink_to(place.write("data.txt", "1", place.elsewhere))
    before = place.recipe()
    edit(place)
    assert place.recipe() != before


def test_what_tools_write_and_the_time_of_a_small_file_is_not(place):
    place.pack()
    before = place.recipe()
    place.write("blur/.git/HEAD", "another branch")
    place.write("blur/__pycache__/old.cpython-39.pyc", "")
    os.utime(place.packs / "blur" / "__init__.py", (1, 1))
    assert place.recipe() == before


IMPORTS = {
    "at the top": {"imports": "import sharpen"},
    "a part of it": {"imports": "from sharpen import edge"},
    "in a function": {"body": "import sharpen"},
    "by name": {"imports": "import importlib", "body": "importlib.import_module('sharpen')"},
    "by a name that is made": {"imports": "import importlib; s = importlib.import_module('shar' + 'pen')"},
    "a thing of it only": {"imports": "edge = __import__('shar' + 'pen').edge"},
}
CODE = "class edge: pass"


@pytest.mark.parametrize("imports", IMPORTS.values(), ids=IMPORTS)
def test_the_version_of_a_library_that_it_imports_is(place, imports):
    place.pack(**imports)
    place.install("sharpen", "1.0", CODE)
    before = place.recipe()
    assert place.recipe() == before
    place.install("sharpen", "1.1", CODE)
    assert place.recipe() != before
    place.install("sharpen", "1.0", CODE)
    assert place.recipe() == before


def test_so_is_a_library_of_another_name_than_its_module(place):
    place.pack(imports="import yaml_like")
    place.install("Py.Yaml_Like", "1", module="yaml_like")
    before = place.recipe()
    place.install("Py.Yaml_Like", "2", module="yaml_like")
    assert place.recipe() != before


def test_so_is_what_the_library_requires_and_what_was_built_anew_under_its_version(place):
    place.pack(imports="import sharpen")
    place.install("sharpen", "1", requires=["kernels (>=2)", "ruff ; extra == 'dev'"])
    place.install("kernels", "2")
    place.install("ruff", "1")
    place.install("other", "1")
    recipes = {place.recipe()}
    for version in ("2", "3"):
        place.install("kernels", version)
        recipes.add(place.recipe())
    assert len(recipes) == 2
    place.install("other", "2")
    place.install("ruff", "2")
    recipes.add(place.recipe())
    assert len(recipes) == 2, "what has nothing to do with it does not count"
    place.install("sharpen", "1", record="another")
    recipes.add(place.recipe())
    assert len(recipes) == 3


def test_so_is_whether_a_library_is_there_at_all(place):
    place.pack(imports="try:\n    import sharpen\nexcept ImportError:\n    sharpen = None")
    before = place.recipe()
    place.install("sharpen", "1")
    assert place.recipe() != before


def test_so_is_the_source_of_a_library_that_is_installed_as_a_link(place):
    place.pack(imports="import sharpen")
    place.write("sharpen.py", "value = 1", place.elsewhere)
    place.install("sharpen", "1")
    (place.site / "sharpen.py").unlink()
    place.write(
        "sharpen-1.dist-info/direct_url.json", '{"dir_info": {"editable": true}, "url": "file:///x"}', place.site
    )
    before = place.recipe()
    place.write("sharpen.py", "value = 22", place.elsewhere)
    assert place.recipe() != before


def test_so_is_a_module_that_is_no_library_and_what_that_imports(place):
    place.pack(imports=f"import sys; sys.path.append({str(place.elsewhere / 'lib')!r}); import workshop")
    place.write("lib/workshop/__init__.py", "from . import hammer\ndef use():\n    import sharpen", place.elsewhere)
    place.write("lib/workshop/hammer.py", "value = 1", place.elsewhere)
    place.install("sharpen", "1")
    recipes = [place.recipe()]
    place.write("lib/workshop/hammer.py", "value = 2", place.elsewhere)
    recipes.append(place.recipe())
    place.install("sharpen", "2")
    recipes.append(place.recipe())
    assert len(set(recipes)) == 3


BESIDE = {
    "a helper": ("from . import _helper", "_helper.py"),
    "a thing of a helper": ("from ._helper import value", "_helper.py"),
    "another pack": ("from .other import value", "other.py"),
    "another pack by its whole name": ("import custom_nodes.other", "other.py"),
    "a folder": ("from .other.inner import value", "other/inner.py"),
    "data": ("", "table.json"),
    "data in a folder": ("", "tables/one.json"),
}


@pytest.mark.parametrize(("imports", "name"), BESIDE.values(), ids=BESIDE)
def test_of_a_pack_that_is_one_file_what_it_imports_from_beside_it_and_data_beside_it_is(place, imports, name):
    place.pack("blur.py", imports=imports)
    if name.startswith("other/"):
        place.write("other/__init__.py", "")
    place.write(name, "value = 1")
    before = place.recipe()
    assert place.recipe() == before
    place.write(name, "value = 2")
    assert place.recipe() != before


def test_of_a_pack_in_a_folder_what_it_imports_from_another_pack_is(place):
    place.pack(imports="from ..other.inner import value")
    place.write("other/__init__.py", "")
    place.write("other/inner.py", "from ..third import value")
    place.write("third.py", "value = 1")
    before = place.recipe()
    place.write("third.py", "value = 2")
    assert place.recipe() != before


def test_other_packs_are_not_and_neither_is_what_counts_for_every_node(place):
    place.pack("blur.py", imports="import tools")
    place.write("tools.py", "", place.elsewhere)
    known = place.load(known=["tools"]).recipe
    place.write("other.py", "value = 1")
    place.write("more/__init__.py", "")
    place.write("tools.py", "value = 1", place.elsewhere)
    assert place.load(known=["tools"]).recipe == known


def test_what_was_compiled_before_the_last_edit_is_not_run(place, monkeypatch):
    """Python compares the second of the edit and the size only."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    place.pack(imports="from . import helper", result="helper.value")
    helper = place.write("blur/helper.py", "value = 'one'")
    os.utime(helper, ns=(10**9, 10**9))
    before = place.load()
    assert before.function() == "one"
    helper.write_text("value = 'two'")
    (compiled,) = (place.packs / "blur" / "__pycache__").glob("helper.*.pyc")
    os.utime(compiled, ns=(10**9, 10**9 + 1000))
    os.utime(helper, ns=(10**9, 10**9 + 2000))
    after = place.load()
    assert after.function() == "two"
    assert after.recipe != before.recipe


def test_things_that_answer_as_they_like_are_passed_over(place):
    odd = "class Odd:\n    @property\n    def __module__(self):\n        raise OSError\nodd = Odd()"
    place.pack(imports=odd)
    assert place.recipe()


# What nobody can tell


def doubt_of(place):
    return place.load().dependencies.unknown_because


def test_a_module_without_a_file_leaves_a_doubt(place, monkeypatch):
    monkeypatch.setitem(sys.modules, "ghost", ModuleType("ghost"))
    place.before.add("ghost")
    place.pack(imports="import ghost")
    assert "it is unknown which code the module ghost is" in doubt_of(place)


@pytest.mark.long
def test_more_files_than_can_be_looked_at_leave_a_doubt(place, monkeypatch):
    monkeypatch.setattr(file_snapshot, "MOST_FILES", 3)
    place.pack()
    for number in range(2):
        place.write(f"blur/{number}.txt", "")
    assert doubt_of(place) == ""
    place.write("blur/2.txt", "")
    assert "more than 3 files" in doubt_of(place)


def test_files_that_change_while_they_are_loaded_leave_a_doubt(place):
    place.pack(imports="from pathlib import Path; Path(__file__).with_name('log').write_text('x' * len(CALLS))")
    assert "its files changed while it was being loaded" in doubt_of(place)


def test_links_in_a_circle_are_looked_at_once(place):
    place.pack()
    (place.packs / "blur" / "again").symlink_to(place.packs / "blur")
    assert doubt_of(place) == ""


# In a run


class House:
    """An engine that goes on while the pack is edited."""

    def __init__(self, place):
        self.place = place
        place.load()
        self.engine = Engine(place.registry)

    def run(self):
        """What was called, why, and what was warned of."""
        told = []
        CALLS.clear()  # noqa: F821 - a builtin of this test
        nodes = {"a": ("Blur", {"text": "a"})}
        outcome = self.engine.run(document(**nodes), ["a"], listener=told.append)
        assert outcome.status == "finished"
        reasons = [event.reason for event in told if isinstance(event, events.NodeStarted)]
        warnings = [str(each) for event in told if isinstance(event, events.NodeWarned) for each in event.warnings]
        return list(CALLS), [reason.code for reason in reasons], warnings  # noqa: F821


@pytest.fixture
def house(place):
    place.pack(imports="from . import helper")
    place.write("blur/helper.py", "value = 1")
    place.install("sharpen", "1")
    house = House(place)
    yield house
    house.engine.close()


WHILE_RUNNING = {
    "a data file": (lambda place: place.write("blur/table.json", "[2]"), "files changed after"),
    "a helper": (lambda place: place.write("blur/helper.py", "value = 2"), "files changed after"),
    "a library": (lambda place: place.install("sharpen", "2"), "libraries were installed or removed after"),
}


@pytest.mark.parametrize(("edit", "words"), WHILE_RUNNING.values(), ids=WHILE_RUNNING)
def test_what_changes_while_it_runs_is_not_reused_and_says_so(place, house, edit, words):
    assert house.run() == (["a"], ["new"], [])
    assert house.run() == ([], [], [])
    edit(place)
    for _ in range(2):
        calls, codes, (warning,) = house.run()
        assert (calls, codes) == (["a"], ["not_reusable"])
        assert words in warning
        assert "restart Jacquard" in warning


def test_what_was_put_back_is_not_trusted_either(place, house):
    house.run()
    place.write("blur/helper.py", "value = 2")
    house.run()
    place.write("blur/helper.py", "value = 1")
    assert house.run()[0] == ["a"]


def test_something_else_that_comes_beside_libraries_does_not_matter(place, house):
    house.run()
    place.write("__pycache__/x.pyc", "", place.site)
    assert house.run()[0] == []


def test_a_result_that_was_made_while_files_changed_is_not_kept(place):
    """It may be of what lay there before, or of what lies there now; only what was quick is forgotten with the run."""
    place.pack(
        imports="import time\nfrom pathlib import Path", body="time.sleep(0.02); Path(__file__).with_name('t').touch()"
    )
    house = House(place)
    kept = []
    house.engine.cache.keep = lambda keys, found, **options: kept.append(keys)
    house.run()
    house.engine.close()
    assert kept == []


def test_a_loop_over_a_pack_that_changed_has_no_identity(place, house):
    def loop(body: Body) -> str:
        return ""

    place.registry.add(type_from(loop, id="Loop"))
    inner = Subworkflow({"b": Node("Blur")}, outputs=(SubworkflowOutput("out", Reference("b", "STRING")),))
    workflow = Workflow({"loop": Node("Loop", {"body": "inner"})}, subworkflows={"inner": inner})

    def identity():
        place.registry.recheck_dependencies()
        (call,) = build(workflow, place.registry, Files(), ["loop"]).calls.values()
        return call.literals["body"].identity

    assert identity() == identity() != b""
    place.write("blur/table.json", "[2]")
    assert identity() == b""
