"""The heavy libraries are loaded by the first node that computes, not by looking at what is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process


ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "diffusers", "transformers", "numpy", "networkx", "aiohttp", "msgspec")
VERY_HEAVY = ("torch", "diffusers", "transformers", "tensorflow", "scipy", "matplotlib")


def loaded_by(statement, names):
    """Which of some modules are loaded once a fresh Python has executed a statement."""
    command = f"import sys\n{statement}\nprint(*sorted(set({names!r}) & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    answer = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


@pytest.mark.parametrize("module", ["graph.api", "graph.engine"])
def test_the_engine_loads_no_library_at_all(module):
    assert loaded_by(f"import {module}", HEAVY) == []


@pytest.mark.parametrize(
    "statement",
    [
        # `make check` starts no Python for what the last two import as well
        pytest.param("import nodes", marks=pytest.mark.long),
        pytest.param("import commands.installation", marks=pytest.mark.long),
        "import main",
        "import nodes; from graph.api import Registry; r = Registry(); nodes.add_to(r); assert r.catalogue()",
        "from commands.installation import find_installation; assert len(find_installation().registry)",
    ],
)
def test_looking_at_what_is_installed_loads_no_model_library(statement):
    assert loaded_by(statement, VERY_HEAVY) == []


def test_commands_that_serve_nothing_load_no_library_for_servers():
    assert loaded_by("import commands.installation, commands.run, commands.check, commands.cache", ("aiohttp",)) == []


def test_the_law_notices_what_is_loaded():
    assert loaded_by("import json", ("json", "torch")) == ["json"]
