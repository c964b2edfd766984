"""What packs gave is remembered from process to process, until something that it depends on is another."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commands.installation import ROOT

pytestmark = pytest.mark.process


PACK = '''
from pathlib import Path
from graph.api import Artifact, NodeContext, node
from . import helper

@node("Stamp", category="test", side_effect=True)
def stamp(context: NodeContext) -> None:
    """Write down what there is."""
    import sharpen
    weights = Path(__file__).with_name("weights.bin").read_text()
    place = context.files.root("output") / "stamp.txt"
    place.write_text(f"{helper.value} {weights} {sharpen.value}")
    context.show(Artifact("output", place.name, "text/plain"))
'''
PROGRAM = """
import sys
from pathlib import Path
import commands.installation as here
load, folder = here.load_packs, Path(sys.argv.pop(1))
here.load_packs = lambda _, *rest, **more: load(folder, *rest, **more)
import main
sys.exit(main.main(sys.argv[1:]))
"""


class Place:
    """A pack with a helper, weights and a library; each run is a process of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("packs/stamping/__init__.py", PACK)
        self.write("packs/stamping/helper.py", "value = 'one'")
        self.write("packs/stamping/weights.bin", "1")
        self.install("1")
        self.write("workflow.json", json.dumps({"jacquard": 1, "nodes": {"1": {"type": "Stamp"}}}))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def install(self, version: str) -> None:
        for old in self.root.glob("site-packages/*.dist-info"):
            shutil.rmtree(old)
        self.write("site-packages/sharpen.py", f"value = 'sharpen {version}'")
        self.write(f"site-packages/sharpen-{version}.dist-info/RECORD", "sharpen.py,,")

    def run(self) -> tuple[list[str], str]:
        """The nodes that ran, and what is written in the end."""
        command = [sys.executable, "-c", PROGRAM, str(self.root / "packs"), "run", str(self.root / "workflow.json")]
        paths = os.pathsep.join([str(ROOT), str(self.root / "site-packages")])
        answer = subprocess.run(
            [*command, "--data-dir", str(self.root), "--json"],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=100, check=True,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return result["ran"], (self.root / "output" / "stamp.txt").read_text()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_an_edited_helper_other_weights_and_another_library_are_noticed_by_the_next_process(place: Place) -> None:
    assert place.run() == (["1"], "one 1 sharpen 1")
    assert place.run() == ([], "one 1 sharpen 1")
    place.write("packs/stamping/helper.py", "value = 'two'")
    assert place.run() == (["1"], "two 1 sharpen 1")
    place.write("packs/stamping/weights.bin", "2")
    assert place.run() == (["1"], "two 2 sharpen 1")
    place.install("2")
    assert place.run() == (["1"], "two 2 sharpen 2")
    assert place.run() == ([], "two 2 sharpen 2")
