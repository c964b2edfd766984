"""A session of thirty edits on five example workflows, with a restart: does exactly what has to run, run?

Every edit is followed by a run, as in the editor. Beside what the engine called stands what had to be called, worked
out by an oracle that knows nothing of the engine's keys (`session_oracle.py` says what "had to" means); beside its time
stands that of an engine that remembers nothing. Aim: calls made / calls that had to be made = 1.0.

python bench/session.py
"""

from __future__ import annotations

import collections
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import numpy as np
from PIL import Image
from session_eyes import Eyes
from session_oracle import Oracle

import nodes
from commands.caching import open_cache
from commands.folders import find_files
from graph.building.build import build
from graph.caching.cache import Cache
from graph.caching.memory_cache import MemoryCache
from graph.document.reader import read
from graph.document.workflow import Mode, Node, Reference, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.registry import Registry

STEPS = 4
PICTURES = 4
AIM = 1.0
WORKFLOWS = ("text-to-image", "image-to-image", "inpainting", "two-pass-upscale", "every-picture-of-a-folder")
SPEAKING = dict(zip(("paint", "redraw", "mend", "enlarge", "folder"), WORKFLOWS, strict=True))


@dataclass(frozen=True)
class Edit:
    """One step of the session: what happens to the workflow `on` before it runs."""

    on: str
    what: str
    change: Callable[[Workflow], Workflow] = lambda workflow: workflow
    outside: Callable[[Path], None] = lambda _: None
    """What happens in the input folder."""
    restart: bool = False


def put(node: str, name: str, value: object) -> Callable[[Workflow], Workflow]:
    """Set an input."""
    return lambda workflow: workflow.with_input(node, name, value)


def mode(node: str, to: Mode) -> Callable[[Workflow], Workflow]:
    """Mute a node, or take it back."""
    return lambda workflow: replace(
        workflow, nodes={**workflow.nodes, node: replace(workflow.nodes[node], mode=to)}
    )  # fmt: skip


def add(node: str, what: Node) -> Callable[[Workflow], Workflow]:
    """Add a node."""
    return lambda workflow: replace(workflow, nodes={**workflow.nodes, node: what})


def tidy(workflow: Workflow) -> Workflow:
    """Rename and move every node, and number them anew."""
    names = {node: f"n{number}" for number, node in enumerate(workflow.nodes)}

    def renamed(value: object) -> object:
        return Reference(names[value.node], value.output) if isinstance(value, Reference) else value

    moved = {
        names[node_id]: replace(
            node, inputs={name: renamed(value) for name, value in node.inputs.items()}, title="!", position=(9, 9)
        )
        for node_id, node in workflow.nodes.items()
    }
    return replace(workflow, nodes=moved)


def paint_file(name: str, shade: int) -> Callable[[Path], None]:
    """Put a picture into the input folder."""

    def paint(folder: Path) -> None:
        pixels = np.random.default_rng(shade).integers(0, 255, (160, 160, 3), np.uint8)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / name)

    return paint


def touch(name: str) -> Callable[[Path], None]:
    """Save a picture anew without a change."""
    return lambda folder: os.utime(folder / name)


PREVIEW = Node("PreviewImage", {"images": Reference("8", "IMAGE")})
SESSION = (
    Edit("paint", "open the first workflow"),
    Edit("paint", "another prompt", put("6", "text", "a blue cat in the snow")),
    Edit("paint", "another seed", put("3", "seed", 8)),
    Edit("paint", "more steps", put("3", "steps", STEPS + 2)),
    Edit("paint", "back to fewer: A, B, A", put("3", "steps", STEPS)),
    Edit("paint", "a blank behind the prompt", put("6", "text", "a blue cat in the snow ")),
    Edit("paint", "add a preview", add("20", PREVIEW)),
    Edit("paint", "mute the preview", mode("20", Mode.MUTED)),
    Edit("paint", "take it back", mode("20", Mode.ACTIVE)),
    Edit("redraw", "open the second workflow"),
    Edit("redraw", "keep less of the sketch", put("3", "denoise", 0.8)),
    Edit("redraw", "save the sketch anew, unchanged", outside=touch("sketch.png")),
    Edit("redraw", "draw another sketch", outside=paint_file("sketch.png", 2)),
    Edit("paint", "switch back to the first workflow"),
    Edit("paint", "the first prompt again", put("6", "text", "a red cat in a meadow")),
    Edit("paint", "another size", put("5", "width", 160)),
    Edit("enlarge", "open the third workflow"),
    Edit("enlarge", "enlarge less", put("10", "scale_by", 1.5)),
    Edit("enlarge", "change the second pass", put("11", "denoise", 0.5)),
    Edit("enlarge", "restart, and run again", restart=True),
    Edit("enlarge", "change the second pass again", put("11", "denoise", 0.3)),
    Edit("paint", "the size as before the restart", put("5", "width", 128)),
    Edit("paint", "say what is not wanted", put("7", "text", "blurry")),
    Edit("paint", "rename, number and move everything", tidy),
    Edit("folder", "open the fourth workflow"),
    Edit("folder", "put a picture into the folder", outside=paint_file("many/new.png", 50)),
    Edit("folder", "change one of them", outside=paint_file("many/1.png", 60)),
    Edit("folder", "another prompt", put("6", "text", "a boat on the sea")),
    Edit("mend", "open the fifth workflow"),
    Edit("mend", "a softer edge", put("13", "sigma", 2.0)),
)


def opened() -> dict[str, Workflow]:
    """The five workflows, quick ones."""
    found = {}
    for name, file in SPEAKING.items():
        workflow = read(ROOT / "workflows" / f"{file}.json")
        for node_id, node in workflow.nodes.items():
            if node.type == "KSampler":
                workflow = workflow.with_input(node_id, "steps", STEPS)
        found[name] = workflow
    found["redraw"] = found["redraw"].with_input("10", "image", "sketch.png")
    found["folder"] = found["folder"].with_input("10", "folder", "many")
    return found


def forgetful(registry: Registry, files: Files) -> Engine:
    """An engine that remembers nothing."""
    return Engine(registry, files, cache=Cache(MemoryCache(0)))


def finished(engine: Engine, workflow: Workflow) -> tuple[float, float]:
    """Run a workflow; the seconds that it took, and those that loading the model took."""
    began = time.perf_counter()
    outcome = engine.run(workflow)
    if outcome.status != "finished" or outcome.problems:
        raise RuntimeError(outcome.problems)
    spent = time.perf_counter() - began
    loading = [seconds for node, seconds in outcome.seconds.items() if "Checkpoint" in workflow.nodes[node].type]
    return spent, sum(loading)


def main() -> None:
    """Work through the session, and print what it took."""
    registry = Registry()
    nodes.add_to(registry)
    made = needed = 0
    ours = theirs = loading = 0.0
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        folders = [Path(one), Path(other)]
        files, theirs_files = map(find_files, folders)
        for folder in folders:
            paint_file("sketch.png", 1)(folder / "input")
            for number in range(PICTURES):
                paint_file(f"many/{number}.png", 10 + number)(folder / "input")
        workflows = opened()
        with forgetful(registry, theirs_files) as engine:
            finished(engine, workflows["paint"])  # loads torch, which neither side is to pay for
        oracle, eyes = Oracle(files), Eyes(files)
        watched = eyes.watched(registry)
        engine = Engine(watched, files, cache=open_cache(folders[0]))
        for number, edit in enumerate(SESSION, 1):
            workflow = workflows[edit.on] = edit.change(workflows[edit.on])
            for folder in folders:
                edit.outside(folder / "input")
            if edit.restart:
                engine.close()
                oracle.restart()
                engine = Engine(watched, files, cache=open_cache(folders[0]))
            eyes.calls.clear()
            spent, _ = finished(engine, workflow)
            had_to = oracle.needed(build(workflow, registry, files, None), eyes)
            with forgetful(registry, theirs_files) as fresh:
                spent_fresh, spent_loading = finished(fresh, workflow)
            ours, theirs, loading = ours + spent, theirs + spent_fresh, loading + spent_loading
            made, needed = made + len(eyes.calls), needed + len(had_to)
            _tell(number, edit, eyes.calls, had_to, spent, spent_fresh)
        engine.close()
    print(f"\n{made} calls made, {needed} had to be made: {made / needed:.3f} (aim {AIM}); ", end="")
    print(f"{oracle.unclear} of them so near to a limit of the disk that either is right")
    print(f"{ours:.1f} s, recompute-all {theirs:.1f} s: x {ours / theirs:.2f}; ", end="")
    print(
        f"without what it takes to load the model again each time ({loading:.1f} s): x {ours / (theirs - loading):.2f}"
    )


def _tell(number: int, edit: Edit, calls: list[str], had_to: set[str], spent: float, fresh: float) -> None:
    extra = collections.Counter(calls) - collections.Counter(had_to)
    missing = collections.Counter(had_to) - collections.Counter(calls)
    print(f"{number:2} {edit.on:8} {edit.what:36} {len(calls):3} of {len(had_to):3}  {spent:6.2f} s of {fresh:5.2f} s")
    if _types(extra) == _types(missing):  # seldom: a value off the disk lies otherwise in memory than one that stayed
        if extra:
            print("     with a value that differs in its last bits from the oracle's: " + ", ".join(_types(extra)))
        return
    for what, found in (("not necessary", extra), ("missing", missing)):
        if found:
            print(f"     {what}: " + ", ".join(_types(found)))


def _types(calls: collections.Counter[str]) -> list[str]:
    return sorted(call.split()[0] for call in calls.elements())


if __name__ == "__main__":
    main()
