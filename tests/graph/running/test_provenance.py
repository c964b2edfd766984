"""What is written down about a run: the seeds, the hashes of the models, the versions."""

import hashlib
import threading
from typing import Annotated

import pytest

from graph.building.build import build
from graph.document.workflow import Node, Reference, Subworkflow, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.context import CancelledError, NodeContext
from graph.node_types.registry import Registry
from graph.node_types.widgets import FileChoice
from graph.running.file_hashes import FileHashes
from graph.running.provenance import describe_run, model_files
from tests.support.toys import toy_registry, type_from


def load(
    checkpoint: Annotated[str, FileChoice("checkpoints")], picture: Annotated[str, FileChoice("input")] | None = None
) -> str:
    """Load a model."""
    return checkpoint


def loop(body: Body) -> None:
    """Run a sub-workflow again and again."""


def keep(value: int) -> None:
    """Keep a number."""


def test_seeds_models_and_versions_are_written_down(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "cat.png").write_bytes(b"cat")
    files = Files({"checkpoints": [tmp_path], "input": [tmp_path]})
    registry = toy_registry()
    registry.add(type_from(load, id="Load"))
    workflow = Workflow(
        {
            "1": Node("Load", {"checkpoint": "model.safetensors", "picture": "cat.png"}),
            "2": Node("Seeded", {"seed": 7}),
            "3": Node("Seeded", {"seed": 8}),
        }
    )
    graph = build(workflow, registry, files, ["1", "2"])
    assert describe_run("r1", graph, files, FileHashes(), {"jacquard": "0"}) == {
        "run_id": "r1",
        "seeds": {"2.seed": 7},
        "models": {"checkpoints/model.safetensors": hashlib.sha256(b"weights").hexdigest()},
        "versions": {"jacquard": "0"},
    }, "pictures are no models, and what did not take part is not named"


def test_what_lies_inside_of_subworkflows_is_written_down_too(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    files = Files({"checkpoints": [tmp_path]})
    registry = toy_registry()
    registry.add(type_from(load, id="Load"))
    registry.add(type_from(loop, id="Loop", side_effect=True))
    registry.add(type_from(keep, id="Save", side_effect=True))
    inner = Subworkflow({"1": Node("Load", {"checkpoint": "model.safetensors"}), "2": Node("Seeded", {"seed": 7})})
    saving = Subworkflow({**inner.nodes, "3": Node("Save", {"value": Reference("2", "INT")})})
    for nodes, seeds in (
        ({"7": Node("@saving")}, {"7/2.seed": 7}),
        ({"7": Node("Loop", {"body": "inner"})}, {"7/2.seed": 7}),
    ):
        workflow = Workflow(nodes, subworkflows={"inner": inner, "saving": saving})
        facts = describe_run("r1", build(workflow, registry, files), files, FileHashes(), {})
        assert facts["seeds"] == seeds
        if nodes["7"].type == "Loop":
            assert list(facts["models"]) == ["checkpoints/model.safetensors"]


def test_the_models_of_a_graph_are_those_that_are_there(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    files = Files({"checkpoints": [tmp_path], "input": [tmp_path]})
    registry = toy_registry()
    registry.add(type_from(load, id="Load"))
    graph = build(Workflow({"1": Node("Load", {"checkpoint": "model.safetensors"})}), registry, files, ["1"])
    assert model_files(graph, files) == {"checkpoints/model.safetensors": tmp_path / "model.safetensors"}
    (tmp_path / "model.safetensors").unlink()
    assert model_files(graph, files) == {}


def test_who_waits_for_the_hash_of_a_model_is_cancelled_with_the_run(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    files, hashes = Files({"checkpoints": [tmp_path]}), FileHashes()
    registry = toy_registry()
    registry.add(type_from(load, id="Load"))
    graph = build(Workflow({"1": Node("Load", {"checkpoint": "model.safetensors"})}), registry, files, ["1"])
    hashes.close()  # nothing is hashed any more
    with pytest.raises(CancelledError):
        describe_run("r1", graph, files, hashes, {}, lambda: True)


def test_a_run_that_may_save_has_its_models_hashed_and_kept(tmp_path):
    class Store:
        def __init__(self):
            self.kept, self.changed = {}, threading.Event()

        def known_sha256(self, path):
            return self.kept.get(path.name, "")

        def keep_sha256(self, path, sha256):
            self.kept[path.name] = sha256
            self.changed.set()

    (tmp_path / "model.safetensors").write_bytes(b"weights")
    registry, store = Registry(), Store()
    registry.add(type_from(load, id="Load"))
    registry.add(type_from(load, id="Save", side_effect=True))
    files = Files({"checkpoints": [tmp_path]})
    with Engine(registry, files, hashes=FileHashes(store)) as engine:
        engine.run(Workflow({"1": Node("Load", {"checkpoint": "model.safetensors"})}), ["1"])
        assert not store.changed.is_set(), "what saves nothing needs no hash"
        engine.run(Workflow({"1": Node("Save", {"checkpoint": "model.safetensors"})}), ["1"])
        assert store.changed.wait(30)
    assert store.kept == {"model.safetensors": hashlib.sha256(b"weights").hexdigest()}


def test_a_node_finds_the_workflow_and_the_facts_of_its_run():
    seen = []

    def look(context: NodeContext) -> int:
        """Look at the record."""
        seen.append((context.record.run_id, context.record.workflow(), context.record.details()))
        return 0

    registry = Registry()
    registry.add(type_from(look, id="Look"))
    with Engine(registry, versions={"jacquard": "1"}) as engine:
        engine.run(Workflow({"l": Node("Look")}), ["l"], run_id="r1")
    ((run_id, document, details),) = seen
    assert (run_id, details["run_id"], details["versions"]) == ("r1", "r1", {"jacquard": "1"})
    assert document["jacquard"] == 1
    assert document["nodes"]["l"] == {"type": "Look"}
