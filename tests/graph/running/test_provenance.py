"""What is written down about a run: the seeds, the hashes of the models, the versions."""

import hashlib
from typing import Annotated

from graph.building.build import build
from graph.document.workflow import Node, Reference, Subworkflow, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.context import NodeContext
from graph.node_types.registry import Registry
from graph.node_types.widgets import FileChoice
from graph.running.provenance import FileHashes, describe_run
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


def test_a_file_is_read_again_only_when_it_changed(tmp_path, monkeypatch):
    path, hashes = tmp_path / "model", FileHashes()
    path.write_bytes(b"1")
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda file, name: read.append(file.name) or digest(file, name))
    assert hashes.sha256(path) == hashes.sha256(path) == hashlib.sha256(b"1").hexdigest()
    assert len(read) == 1
    path.write_bytes(b"12")
    assert hashes.sha256(path) == hashlib.sha256(b"12").hexdigest()
    assert len(read) == 2


def test_the_hash_of_a_folder_covers_the_names_and_the_contents(tmp_path):
    hashes = FileHashes()

    def folder(name, **contents):
        for file, content in contents.items():
            (tmp_path / name / "unet").mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "unet" / file).write_bytes(content)
        return hashes.sha256(tmp_path / name)

    found = [folder("a", x=b"1", y=b"2"), folder("b", x=b"2", y=b"1"), folder("c", x=b"1", z=b"2"), folder("d", x=b"1")]
    assert len(set(found)) == 4
    assert folder("e", y=b"2", x=b"1") == found[0], "the name of the folder itself does not count"


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
