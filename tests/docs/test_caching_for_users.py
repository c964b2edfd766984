"""The page about caching, for users. Each docstring is what the page says; `test_how_caching_decides` compares them."""

import argparse
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import main
from commands import serve, worker
from commands.caching import DEFAULT_MEMORY_BYTES, open_cache
from commands.code_version import CODE, LIBRARIES, CodeVersion, machine_facts
from commands.folders import cache_folder, find_files
from graph.caching.call_history import CODE as CODE_CHANGED
from graph.caching.call_history import FORGOTTEN, NEW
from graph.caching.disk.disk_cache import DEFAULT_DISK_BYTES
from graph.document.workflow import Mode, Workflow
from graph.node_types.context import CancelToken
from graph.packs.libraries import Libraries
from graph.results.result import Result
from tests.support.documents import document
from tests.support.toy_arrays import MARKS, ToyArray

DIAMOND = {
    "a": ("Add", {"name": "a"}),
    "b": ("Add", {"name": "b", "in0": "@a.INT"}),
    "c": ("Add", {"name": "c", "in0": "@a.INT"}),
    "d": ("Keep", {"name": "d", "in0": "@b.INT", "in1": "@c.INT"}),
}
SAVING = {"a": ("Add", {"name": "a", "number": 7}), "s": ("Show", {"name": "s", "value": "@a.INT"})}


def edited(nodes, node, **inputs):
    """The same nodes, one of them with other inputs."""
    return {**nodes, node: (nodes[node][0], {**nodes[node][1], **inputs})}


# What runs again after an edit


def test_what_is_below_an_edit_runs(house):
    """A changed input runs its node, and the nodes below that get something else than before. Nodes above it and
    beside it do not run.
    """
    house.run(**DIAMOND)
    assert house.calls() == ["a", "b", "c", "d"]
    house.run(**edited(DIAMOND, "b", number=1))
    assert house.calls() == ["b", "d"]


def test_looks_do_not_count(house):
    """Moving, renaming and colouring nodes, and writing notes, runs nothing."""
    house.run(**DIAMOND)
    house.calls()
    workflow = document(**DIAMOND)
    nodes = {
        name: replace(node, position=(5, 5), title="My node", extra={"color": "red"})
        for name, node in workflow.nodes.items()
    }
    house.run_document(replace(workflow, nodes=nodes, notes=({"text": "a note", "position": [0, 0]},)))
    assert house.calls() == []


def test_going_back(house):
    """Going back to earlier settings runs nothing, as long as their results are still kept: A, B, A runs A and B once
    each.
    """
    for number in (1, 2, 1):
        house.run(**edited(DIAMOND, "a", number=number))
    assert house.calls() == sorted(["a", "b", "c", "d"] * 2)


def test_muting(house):
    """Muting a node and taking it back runs nothing."""
    nodes = {**DIAMOND, "e": ("Keep", {"name": "e", "in0": "@b.INT"})}
    house.run(**nodes)
    house.calls()
    workflow = document(**nodes)
    muted = {**workflow.nodes, "b": replace(workflow.nodes["b"], mode=Mode.MUTED), "d": workflow.nodes["d"]}
    house.run_document(Workflow({**muted, "d": replace(workflow.nodes["d"], mode=Mode.MUTED)}), ["c"])
    house.run_document(workflow)
    assert house.calls() == []


def test_a_preview(house):
    """A preview that is added to a finished workflow runs alone."""
    house.run(**DIAMOND)
    house.calls()
    house.run(**DIAMOND, p=("Show", {"name": "p", "value": "@b.INT"}))
    assert house.calls() == ["p"]


def test_equal_nodes(house):
    """Nodes of one type with equal inputs run once, for all of them."""
    twins = {name: ("Add", {"name": "twin"}) for name in ("a", "b", "c")}
    outcome = house.run(["a", "b", "c"], **twins)
    assert house.calls() == ["twin"]
    assert outcome.values["a"] == outcome.values["b"] == outcome.values["c"]


def test_another_workflow(house):
    """Another workflow that holds the same nodes finds their results, whatever their ids are."""
    house.run(**DIAMOND)
    house.calls()
    other = {"1": ("Add", {"name": "a"}), "2": ("Add", {"name": "b", "in0": "@1.INT"})}
    house.run(**other, **{"3": ("Keep", {"name": "new", "in0": "@2.INT"})})
    assert house.calls() == ["new"]


def test_run_twice(house, tmp_path):
    """Pressing *Run* twice calls no node the second time, and saves one picture. The picture is shown again. When its
    file was deleted or moved, the node that saves is called again, and no other.
    """
    first = house.run(**SAVING)
    house.calls()
    second = house.run(**SAVING)
    assert house.calls() == []
    assert [path.name for path in (tmp_path / "output").iterdir()] == ["s.txt"]
    assert second.artifacts == first.artifacts != {}
    (tmp_path / "output" / "s.txt").unlink()
    house.run(**SAVING)
    assert house.calls() == ["s"]


def test_failures(house):
    """What fails is not remembered, and is tried again by the next run. What was finished before is kept, though the
    run failed or was cancelled.
    """
    token = CancelToken()

    def stop(in0: int) -> int:
        token.cancel()
        return in0

    house.add(stop, id="Stop")
    failing = {"a": DIAMOND["a"], "f": ("Fail", {"name": "f", "in0": "@a.INT"})}
    for calls in (["a", "f"], ["f"]):
        assert house.run(["f"], **failing).status == "failed"
        assert house.calls() == calls
    stopping = {"x": ("Add", {"name": "x"}), "s": ("Stop", {"in0": "@x.INT"}), "k": ("Keep", {"in0": "@s.INT"})}
    assert house.run(token=token, **stopping).status == "cancelled"
    assert house.calls() == ["x"]
    house.run(["x"], **stopping)
    assert house.calls() == []


# When a node gives the same as before


def test_an_equal_value_stops_the_wave(house):
    """A node that runs again and gives an equal value stops the wave: what reads it is not called."""
    nodes = {"a": ("Pass", {"in0": 7, "name": "a"}), "k": ("Keep", {"in0": "@a.INT", "name": "k"})}
    house.run(**nodes)
    house.calls()
    house.run(**edited(nodes, "a", in1=5))
    assert house.calls() == ["a"]
    assert house.reused() == {"k": "same inputs"}


def test_a_picture_that_is_saved_anew(house, tmp_path):
    """So a picture that is saved anew without a change is loaded once more, and nothing else happens."""
    nodes = {"c": ("Choose", {"file": "cat.png", "name": "c"}), "t": ("Any", {"value": "@c.STRING", "name": "t"})}
    file = tmp_path / "input" / "cat.png"
    file.write_text("pixels")
    house.run(["t"], **nodes)
    house.calls()
    os.utime(file, (1, 1))
    house.run(["t"], **nodes)
    assert house.calls() == ["c"]


# What a restart keeps


@pytest.mark.parametrize(
    ("seconds", "nbytes", "is_kept"),
    [(0.05, 8, True), (0.049, 8, False), (0.1, 4_900_000, True), (0.1, 5_100_000, False)],
)
def test_which_values_are_written(house, seconds, nbytes, is_kept):
    """Results are written to disk as well, behind the back of the run. A value is written if making it took 0.05
    seconds or more, and 20 nanoseconds or more for each of its bytes.
    """
    nodes = {"m": ("Make", {"name": "m", "seconds": seconds, "nbytes": nbytes})}
    house.run(["m"], **nodes)
    house.restart()
    house.calls()
    house.run(["s"], **nodes, s=("Size", {"in0": "@m.output", "name": "s"}))
    assert house.calls() == (["s"] if is_kept else ["m", "s"])


def test_which_records_are_written(house, clock):
    """Of a call that took 0.01 seconds or more, or that saved a picture, at least a record is written: that it was
    made, and how its value can be recognized. A record spares the call until somebody needs the value itself.

    So after a restart what was expensive is there, and what was cheap is made again where something new needs it.
    """

    def weigh(in0: Any, name: str = "", number: int = 0) -> int:
        house.recorder.begin(name)
        clock.now += 1
        return len(in0.data) + number

    house.add(weigh, id="Weigh")

    def nodes(name, seconds, number=0):
        return {
            "m": ("Make", {"name": name, "seconds": seconds, "number": int(name == "dear")}),
            "w": ("Weigh", {"in0": "@m.output", "name": "reader", "number": number}),
        }

    house.run(**SAVING)
    for name, seconds in (("first", 0.01), ("cheap", 0.01), ("trifle", 0.009), ("dear", 0.05)):
        house.run(["w"] if name == "first" else ["m"], **nodes(name, seconds))
    house.restart()
    house.calls()
    house.run(**SAVING)
    house.run(["w"], **nodes("cheap", 0.01))
    assert house.calls() == [], "the record tells that the reader got the same before"
    house.run(["w"], **nodes("trifle", 0.009))
    assert house.calls() == ["trifle"]
    house.run(["w"], **nodes("cheap", 0.01, 1))
    assert house.calls() == ["cheap", "reader"]
    house.run(["w"], **nodes("dear", 0.05, 2))
    assert house.calls() == ["reader"]


def test_models_are_loaded_again_when_they_are_needed(house, clock):
    """Loaded models are not written: a model is loaded again when a node that has to run needs it, and not before."""

    def use(in0: Any, text: str) -> int:
        house.recorder.begin("use")
        clock.now += 5
        return len(text)

    def load() -> Any:
        house.recorder.begin("load")
        clock.now += 5
        return object()

    house.add(use, id="Use")
    house.add(load, id="Load")

    def nodes(text):
        return {"l": ("Load", {}), "u": ("Use", {"in0": "@l.output", "text": text})}

    house.run(["u"], **nodes("a cat"))
    house.restart()
    house.calls()
    house.run(["u"], **nodes("a cat"))
    assert house.calls() == []
    house.run(["u"], **nodes("a blue cat"))
    assert house.calls() == ["load", "use"]


def test_a_saved_picture_after_a_restart(house):
    """A picture that was saved counts as saved after a restart, too."""
    house.run(**SAVING)
    house.restart()
    house.calls()
    assert house.run(**SAVING).artifacts.keys() == {"s"}
    assert house.calls() == []


DEAR = {"m": ("Make", {"name": "m", "seconds": 1.0, "nbytes": 20_000, "number": 3})}
READ = {"s": ("Size", {"in0": "@m.output", "name": "s"})}


LIBRARY = "Name: {0}\nVersion: {1}\nRequires-Dist: below\n\n"


def test_another_version_of_what_all_nodes_stand_on(tmp_path, monkeypatch):
    """What another version of Python, of torch, Pillow, numpy or any other library below, or of the code in `graph/`,
    `nodes/` and `diffusion/` made is not found on the disk. Neither is what was made on another kind of processor, with
    another number of them, or with another graphics card. When these files or libraries change while Jacquard runs, it
    leaves the disk alone until it is started again.
    """
    machine = machine_facts({})

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def install(name, version):
        for old in tmp_path.glob(f"site-packages/{name}-*"):
            shutil.rmtree(old)
        write(f"site-packages/{name}-{version}.dist-info/METADATA", LIBRARY.format(name, version))

    def begin():
        found = CodeVersion(tmp_path, Libraries([str(tmp_path / "site-packages")]), lambda: machine)
        monkeypatch.setattr("commands.caching.current_code_version", lambda: found)
        return open_cache(tmp_path)

    def finds(key):
        cache = begin()
        found = cache.find(key) is not None
        cache.keep([key], Result((1,), (MARKS.of(1),), seconds=1.0), node_type="KSampler")
        cache.close()
        return found

    def put_back():
        for folder in CODE:
            write(f"{folder}/inner/sample.py", "steps = 1")
        for library in (*LIBRARIES, "below"):
            install(library, "1")

    put_back()
    assert [finds(b"a"), finds(b"a")] == [False, True]
    for library in (*LIBRARIES, "below"):
        install(library, "2")
        assert [finds(b"a"), finds(b"a")] == [False, True], library
    for folder in CODE:
        write(f"{folder}/inner/sample.py", "steps = 2")
        assert [finds(b"a"), finds(b"a")] == [False, True], folder
    for fact in machine:
        machine = {**machine, fact: "another"}
        assert [finds(b"a"), finds(b"a")] == [False, True], fact
    monkeypatch.setattr("commands.code_version.PYTHON", "another")
    assert [finds(b"a"), finds(b"a")] == [False, True]
    monkeypatch.undo()
    machine = machine_facts({})
    put_back()
    assert finds(b"a"), "back again, what was made then is found"
    for change in (lambda: install("torch", "3"), lambda: write("nodes/inner/sample.py", "steps = 33")):
        cache = begin()
        cache.refresh()
        assert cache.find(b"a") is not None
        cache.memory.clear()
        change()
        cache.refresh()
        assert cache.find(b"a") is None
        assert not cache.disk.keep([b"b"], Result((1,), (MARKS.of(1),), seconds=1.0), "KSampler")
        assert "start it again" in cache.statistics().disk.problem
        cache.close()
        put_back()


def test_two_processes_share_a_folder(open_house):
    """Several processes may share the folder, and each finds at its next run what the others have written."""
    one, other = open_house(), open_house()
    one.run(["m"], **DEAR)
    one.engine.cache.flush()
    other.run(["s"], **DEAR, **READ)
    assert other.calls() == ["s"]


def test_a_damaged_value(house, tmp_path):
    """A value that was damaged on the disk is noticed when it is read, set aside, and made again."""
    house.run(["m"], **DEAR)
    (file,) = house.blobs()
    data = file.read_bytes()
    file.write_bytes(data[:-1] + b"x")
    house.restart()
    house.calls()
    assert house.run(["m"], **DEAR).values["m"]["output"] == ToyArray(b"\3" * 20_000)
    assert house.calls() == ["m"]
    assert list((tmp_path / "cache" / "set-aside").iterdir())


def test_a_disk_that_cannot_be_used(open_house, tmp_path):
    """With a disk that cannot be used, runs go on, and remember in memory."""
    (tmp_path / "cache").write_text("a file is where the folder should be")
    house = open_house()
    assert house.run(["m"], **DEAR).status == "finished"
    assert house.run(["m"], **DEAR).status == "finished"
    assert house.calls() == ["m"]


# Where it lies, and how much


def test_where_it_lies(tmp_path):
    """All of it lies in the folder `cache/`, beside `output/`."""
    assert cache_folder(tmp_path) == tmp_path / "cache"
    assert find_files(tmp_path).root("output") == tmp_path / "output"
    open_cache(tmp_path).close()
    assert (tmp_path / "cache" / "index.sqlite").is_file()


def test_deleting_the_folder(house, tmp_path):
    """Deleting that folder costs time and nothing else."""
    before = house.run(["m"], **DEAR).values
    house.close()
    shutil.rmtree(tmp_path / "cache")
    house.restart()
    assert house.run(["m"], **DEAR).values == before
    assert house.calls() == ["m", "m"]


def test_the_budgets(tmp_path):
    """It holds at most 8 GB; memory holds at most 4 GB, or what `--cache-memory` says."""
    told = parse(
        serve, ["--cache-memory", "0.5"], data_dir=None, models_dir=None, packs_dir=None, extra_model_paths=None
    )
    passed_on = parse(worker, serve.worker_command(told)[3:]).cache_memory
    cache = open_cache(tmp_path, memory_bytes=int(passed_on * 2**30))
    statistics = cache.statistics()
    cache.close()
    assert (statistics.max_bytes, statistics.disk.max_bytes) == (2**29, 8 * 2**30)
    assert parse(worker, []).cache_memory == 4
    assert (DEFAULT_MEMORY_BYTES, DEFAULT_DISK_BYTES) == (4 * 2**30, 8 * 2**30)


def test_a_disk_that_is_nearly_full(house, monkeypatch):
    """Of the disk, 2 GB stay free, or a twentieth of a smaller one. Where there is less, values go from the folder, and
    no new ones are written until there is more.
    """
    total, others, file = 100 * 2**30, 0, 20_000

    def space(layer, path):
        return total, total - others - file * len(list(path.rglob("*.safetensors")))

    def run(number):
        house.run(["m"], m=("Make", {"name": "m", "seconds": 1.0, "nbytes": file, "number": number}))
        return len(house.blobs())

    monkeypatch.setattr("graph.caching.disk.filesystem.FileLayer.space", space)
    assert [run(1), run(2)] == [1, 2]
    others = total - 2 * 2**30 - file
    assert run(3) == 0
    others = total - 2 * 2**30 - 10**6
    assert run(4) == 1
    total = others = 10 * 2**30
    assert run(5) == 0
    others = total - total // 20 - 10**6
    assert run(6) == 1


def parse(command, arguments, **defaults):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    parser.set_defaults(**defaults)
    return parser.parse_args(arguments)


def made(name, seconds, number):
    return {name: ("Make", {"name": name, "seconds": seconds, "nbytes": 40_000, "number": number})}


def still_there(house, name, nodes):
    """Whether a new node can read a value without its being made again."""
    house.calls()
    house.run(["look"], **nodes, look=("Size", {"in0": f"@{name}.output", "name": "look", "number": 99}))
    return name not in house.calls()


def in_little_memory(open_house):
    house = open_house(memory=100_000)
    house.engine.cache.disk = None
    return house


def test_the_cheapest_go_first(open_house):
    """When there is too much, values go first that are quickest to make again for their size."""
    house = in_little_memory(open_house)
    nodes = made("slow", 9.0, 1) | made("quick", 0.1, 2) | made("more", 1.0, 3)
    for name in nodes:
        house.run([name], **nodes)
    assert still_there(house, "slow", nodes)
    assert not still_there(house, "quick", nodes)


def test_what_is_used_often_stays_longer(open_house):
    """Often used ones stay longer."""
    house = in_little_memory(open_house)
    nodes = made("often", 1.0, 1) | made("once", 1.0, 2) | made("more", 1.0, 3)
    for name in ("often", "often", "often", "once", "more"):
        house.run([name], **nodes)
    assert still_there(house, "often", nodes)


def test_what_the_queue_needs_goes_last(open_house):
    """What the queued runs need goes last."""
    house = in_little_memory(open_house)
    nodes = made("queued", 0.1, 1) | made("dear", 9.0, 2) | made("more", 9.0, 3)
    house.engine.expect([house.engine.wanted(document(**made("queued", 0.1, 1)), ["queued"])])
    for name in nodes:
        house.run([name], **nodes)
    assert still_there(house, "queued", nodes)


def test_what_is_shared_is_counted_once(house):
    """Memory that values share, such as a picture and a part cut out of it, is counted once."""

    def cut(in0: Any) -> Any:
        return in0.view(0, 100_000)

    house.add(cut, id="Cut")
    nodes = {"m": ("Make", {"nbytes": 200_000}), "c": ("Cut", {"in0": "@m.output"})}
    house.run(["m"], **nodes)
    before = house.engine.cache.statistics().nbytes
    house.run(["c"], **nodes)
    assert house.engine.cache.statistics().nbytes - before < 10_000


def test_the_record_stays(open_house):
    """Of a value that had to go, the record stays, and still tells that what reads it need not run."""
    house = in_little_memory(open_house)
    one = {"m": ("Make", {"name": "one", "nbytes": 90_000}), "s": ("Size", {"in0": "@m.output", "name": "s"})}
    two = {"m": ("Make", {"name": "two", "nbytes": 90_000}), "s": ("Size", {"in0": "@m.output", "name": "s"})}
    house.run(["s"], **one)
    house.run(["m"], **two)
    house.run(["x"], x=("Make", {"nbytes": 90_000, "number": 5, "seconds": 9.0}))
    house.calls()
    house.run(["s"], **two)
    assert house.calls() == []


# Looking at it, and emptying it


@pytest.fixture
def command(tmp_path, capsys):
    """Call `main.py`; returns what it printed."""

    def command(*arguments):
        code = main.main([*map(str, arguments), "--data-dir", str(tmp_path)])
        assert code in (0, 1)
        return capsys.readouterr().out

    return command


@pytest.fixture
def workflow(tmp_path):
    """A workflow that inverts and saves a picture."""
    (tmp_path / "input").mkdir()
    Image.new("RGB", (8, 6), (255, 0, 0)).save(tmp_path / "input" / "cat.png")
    nodes = {
        "1": {"type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"type": "ImageInvert", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["2", "IMAGE"]}, "filename_prefix": "cat"}},
    }
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps({"jacquard": 1, "nodes": nodes}))
    return file


def pictures(data: Path):
    return sorted(path.name for path in (data / "output").glob("*.png"))


def test_looking_at_it(command, workflow, tmp_path):
    """- `python main.py cache` shows what lies on the disk, by node type, and what it took to make.
    - `python main.py cache explain WORKFLOW` says for every node whether it would run, and why, and runs nothing.
    - `python main.py run WORKFLOW --explain` says of every node why it ran, or why it did not have to.
    """
    before = command("cache", "explain", workflow)
    assert before.count("would run") == 3
    assert before.count(NEW.message) == 3
    assert not (tmp_path / "output").exists()
    assert command("run", workflow, "--explain").count(f": {NEW.message}") == 3
    assert command("run", workflow, "--explain").count(": its result is remembered") == 3
    assert "SaveImage" in (shown := command("cache"))
    assert "Took" in shown


def test_emptying_it(command, workflow, tmp_path):
    """- `python main.py cache clear` forgets what lies on the disk."""
    command("run", workflow)
    command("cache", "clear", "--yes")
    command("run", workflow)
    assert pictures(tmp_path) == ["cat_00001_.png", "cat_00002_.png"]


def test_verifying_it(house, clock, tmp_path):
    """- `python main.py cache verify` reads all of it again, and sets aside what is damaged."""

    def write() -> str:
        clock.now += 1
        return "word " * 2000

    house.add(write, id="Write")
    house.run(["w"], w=("Write", {}))
    (file,) = house.blobs()
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    house.close()
    assert main.main(["cache", "verify", "--data-dir", str(tmp_path)]) == 1
    assert [path.name.split("-", 1)[1] for path in (tmp_path / "cache" / "set-aside").iterdir()] == [file.name]


def test_what_a_call_is_compared_with(house):
    """A node that ran is compared with the last call of the same node, or else with the call of its type that is most
    like it.
    """

    def reason(node, **inputs):
        house.run([node], **{node: ("Text", inputs)})
        return house.reasons()[node]

    assert reason("x", text="boat", name="x") == NEW
    reason("y", text="a red boat", name="y")
    assert [change.was for change in reason("x", text="sea", name="x").inputs] == ["boat"]
    assert [change.name for change in reason("z", text="a red boat", name="z").inputs] == ["name"]
    assert CODE_CHANGED != FORGOTTEN
