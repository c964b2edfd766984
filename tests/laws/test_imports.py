"""Imports go one way.

`graph` sees nothing of the others; `diffusion` sees none of `graph`; `nodes` see `graph.api`, `diffusion` and each
other; packs see `graph.api` and `nodes.types`; nobody sees `main`. Read off the source of every module, also imports
inside of functions and under `TYPE_CHECKING`.
"""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from commands.code_version import CODE, LIBRARIES
from graph.packs.libraries import Libraries, plain_name
from tests.support.sources import imports_in

ROOT = Path(__file__).resolve().parents[2]
HOUSE = {
    "graph",
    "diffusion",
    "nodes",
    "server",
    "commands",
    "custom_nodes",
    "main",
    "pictures",
    "tests",
    "tools",
    "bench",
}

# Folder -> what its modules may import from this house: a module and all that is inside of it.
ALLOWED = {
    "graph": ("graph",),
    "diffusion": ("diffusion",),
    "pictures": ("pictures", "graph.base.plain_files"),
    "nodes": ("nodes", "graph.api", "diffusion", "pictures"),
    "custom_nodes": ("custom_nodes", "graph.api", "nodes.types"),
    "server": ("server", "graph", "pictures"),
    "commands": ("commands", "graph", "nodes", "server", "diffusion", "pictures"),
}
# Folder -> what its modules may not import from elsewhere.
FORBIDDEN = {
    "graph": ("torch", "numpy", "PIL", "diffusers", "transformers", "aiohttp", "msgspec"),
    "pictures": ("torch", "diffusers", "transformers", "aiohttp", "msgspec"),
    "diffusion": ("aiohttp", "msgspec"),
    "nodes": ("aiohttp", "msgspec"),
    "server": ("torch", "diffusers", "transformers"),
}
FOLDERS = sorted(folder for folder in ALLOWED if (ROOT / folder).is_dir())


def modules(folder):
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts)


def imported(path, package):
    """Every module that a source file imports, with its line; relative imports as full names."""
    for statement in imports_in(path):
        if isinstance(statement, ast.Import):
            yield from ((alias.name, statement.lineno) for alias in statement.names)
        else:
            start = package[: len(package) - statement.level + 1] if statement.level else []
            origin = ".".join([*start, *filter(None, [statement.module])])
            # `from graph import engine` imports graph.engine, `from graph.api import node` only graph.api
            for alias in statement.names:
                inner = ROOT / origin.replace(".", "/") / alias.name
                is_module = inner.with_suffix(".py").is_file() or (inner / "__init__.py").is_file()
                yield (f"{origin}.{alias.name}" if is_module else origin), statement.lineno


def imports_of(folder):
    """(where, module) for every import in a folder of this house."""
    for path in modules(folder):
        relative = path.relative_to(ROOT)
        package = list(relative.parent.parts)
        for name, line in imported(path, package):
            yield f"{relative.as_posix()}:{line}", name


def within(name, allowed):
    return any(name == place or name.startswith(place + ".") for place in allowed)


def test_the_house_has_the_rooms_that_these_laws_speak_of():
    assert {"graph", "nodes", "diffusion"} <= set(FOLDERS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_imports_from_this_house_only_what_it_may(folder):
    wrong = [
        f"{where} imports {name}"
        for where, name in imports_of(folder)
        if name.split(".")[0] in HOUSE and not within(name, ALLOWED[folder])
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", sorted(set(FORBIDDEN) & set(FOLDERS)))
def test_a_folder_leaves_the_libraries_of_others_alone(folder):
    wrong = [f"{where} imports {name}" for where, name in imports_of(folder) if within(name, FORBIDDEN[folder])]
    assert wrong == []


def test_the_engine_needs_only_the_standard_library_and_networkx():
    outside = {name.split(".")[0] for _, name in imports_of("graph")} - set(sys.stdlib_module_names) - {"graph"}
    assert outside == {"networkx"}


def test_every_library_that_results_stand_on_is_in_the_edition_of_the_cache():
    """Another version of it would show the pictures of before."""
    tops = {name.split(".")[0] for folder in CODE for _, name in imports_of(folder)}
    installed = Libraries(sys.path)
    found = set()
    for top in tops - HOUSE - set(sys.stdlib_module_names):
        (place,) = find_spec(top).submodule_search_locations
        found |= {distribution.name for distribution in installed.of_module(top, Path(place).parent)}
    assert {"torch", "pillow", "numpy", "torchsde"} <= found
    assert found <= set(map(plain_name, LIBRARIES))


def test_nobody_imports_main():
    folders = [*FOLDERS, *(folder for folder in ("tools", "bench") if (ROOT / folder).is_dir())]
    assert [where for folder in folders for where, name in imports_of(folder) if within(name, ("main",))] == []


def test_relative_and_nested_imports_are_seen(tmp_path):
    """The law itself: an import cannot be hidden from it."""
    source = (
        "from . import sibling\nfrom ..other import thing\nimport a.b as c\n"
        "def later():\n    from torch import nn\n    import main\nif False:\n    import graph.engine\n"
        "from graph.building import build\nfrom graph import api\nfrom graph.api import node\n"
    )
    path = tmp_path / "module.py"
    path.write_text(source)
    assert {name for name, _ in imported(path, ["nodes", "inner"])} == {
        "nodes.inner", "nodes.other", "a.b", "torch", "main", "graph.engine", "graph.building.build", "graph.api"
    }  # fmt: skip
