"""The server imports the engine, `pictures` and itself; it starts without torch, without nodes and without Pillow."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sources import imports_in, nodes_of

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {path.name for path in ROOT.iterdir() if path.is_dir()} | {"main"}
FILES = sorted((ROOT / "server").rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_the_server_sees_the_engine_only(file: Path) -> None:
    imported = set()
    for node in imports_in(file):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        else:
            assert node.level == 0
            imported.add((node.module or "").split(".")[0])
    assert imported & OURS <= {"server", "graph", "pictures"}
    assert not imported & {"torch", "diffusers", "transformers", "numpy"}


@pytest.mark.parametrize("module", ["server.application", "commands.serve"])
@pytest.mark.process
def test_the_server_starts_without_torch_nodes_pillow_and_packs(module: str) -> None:
    heavy = {
        "torch",
        "diffusers",
        "transformers",
        "numpy",
        "PIL",
        "nodes",
        "diffusion",
        "rich",
        "networkx",
        "graph.packs",
    }
    code = f"import sys, {module}; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_room_has_a_sign_on_its_door() -> None:
    for file in FILES:
        module = nodes_of(file)[0]
        assert isinstance(module, ast.Module)
        assert ast.get_docstring(module), file
