"""The page about caching, for node authors. Each docstring is what the page says, as in `test_caching_for_users`."""

import importlib
import itertools
import math
import os
import shutil
import sys
import threading
from dataclasses import dataclass, replace
from typing import Any

import pytest

from graph.api import Artifact, Each, Item, Items, Lazy, NodeContext
from graph.document.workflow import Workflow
from graph.engine import Engine
from graph.node_types.expansion import Expand, Expansion
from graph.packs.loading import load_packs
from graph.results.fingerprint import Fingerprinter
from graph.running import events
from tests.support.documents import document
from tests.support.toy_arrays import ToyArray, ToyArrays
from tests.support.toys import PATIENCE, Box

MARKS = Fingerprinter([ToyArrays()])


# Two keys


def test_a_recipe_needs_no_value(house):
    """The deep key is a recipe, and needs no value: nothing above a remembered result is called, loaded or read from
    the disk.
    """
    nodes = {
        "m": ("Make", {"name": "m", "seconds": 9.0, "nbytes": 20_000}),
        "k": ("Make", {"name": "k", "seconds": 9.0}),
        "s": ("Show", {"value": "@w.INT", "name": "s"}),
        "w": ("Size", {"in0": "@m.output", "name": "w"}),
    }
    house.run(["s", "k"], **nodes)
    (file,) = house.blobs()
    house.restart()
    house.calls()
    file.unlink()
    house.run(["s"], **nodes)
    assert house.calls() == []


def test_either_key_finds_a_result(house):
    """The shallow key is made of what really arrives. A result is kept under both, so either finds it later."""

    def nodes(kind, name):
        return {"a": (kind, {"in0": 7, "name": name}), "k": ("Keep", {"in0": "@a.INT", "name": "k"})}

    house.run(**nodes("Pass", "first"))
    house.calls()
    house.run(**nodes("Pass", "second"))
    assert (house.calls(), house.reused()) == (["second"], {"k": "same inputs"})
    house.run(**nodes("Pass", "second"))
    assert house.calls() == [], "now its recipe is known, too"


def test_what_is_in_no_key(house):
    """Ids, titles, positions and the order of nodes are in no key."""
    workflow = document(a=("Add", {"name": "a"}), b=("Add", {"name": "b", "in0": "@a.INT"}))
    house.run_document(workflow, ["b"])
    house.calls()
    other = document(y=("Add", {"name": "b", "in0": "@x.INT"}), x=("Add", {"name": "a"}))
    looks = {name: replace(node, title=name * 3, position=(9, 9)) for name, node in other.nodes.items()}
    house.run_document(Workflow(looks), ["y"])
    assert house.calls() == []


PACK = '''
from graph.api import node
{imports}

@node("{id}", category="toys", version={version})
def {id}() -> int:
    """Give one."""
    CALLS.append("{id}")
    return 1
'''


@pytest.fixture
def packs(house, tmp_path, monkeypatch):
    """Write two packs and a library, edit them, and begin anew with what is remembered."""

    class Packs:
        folder, elsewhere = tmp_path / "packs", tmp_path / "elsewhere"
        calls: list[str] = []  # noqa: RUF012 - of one test

        def write(self, name, text, folder=None):
            path = (folder or self.folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

        def pack(self, version=1, remark=""):
            imports = "import sharpen, tools\nfrom . import helper"
            self.write("one/__init__.py", PACK.format(id="One", version=version, imports=imports) + remark)

        def install(self, version):
            for old in self.elsewhere.glob("site-packages/*.dist-info"):
                shutil.rmtree(old)
            self.write("site-packages/sharpen.py", "", self.elsewhere)
            self.write(f"site-packages/sharpen-{version}.dist-info/RECORD", "sharpen.py,,", self.elsewhere)

        def forget(self):
            """Take what it imports out of the modules that are loaded; returns that."""
            ours = ("custom_nodes", "sharpen", "tools")
            return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in ours}

        def begin(self):
            self.forget()
            importlib.invalidate_caches()
            house.registry = type(house.registry)()
            house.engine = Engine(house.registry, house.files, cache=house.engine.cache)
            assert [report.error for report in load_packs(self.folder, house.registry)] == ["", ""]

        def run(self):
            house.run(["a", "b"], a=("One", {}), b=("Two", {}))
            made, self.calls[:] = sorted(self.calls), []
            return made

    packs = Packs()
    before = packs.forget()
    packs.calls.clear()
    monkeypatch.setattr("builtins.CALLS", packs.calls, raising=False)
    packs.pack()
    packs.write("one/helper.py", "value = 1")
    packs.write("one/weights.bin", "1")
    packs.write("two.py", PACK.format(id="Two", version=1, imports=""))
    packs.write("tools.py", "", packs.elsewhere)
    packs.install("1")
    for folder in (packs.elsewhere, packs.elsewhere / "site-packages"):
        monkeypatch.syspath_prepend(folder)
    packs.begin()
    assert packs.run() == ["One", "Two"]
    yield packs
    packs.forget()
    sys.modules.update(before)


EDITS = {
    "version": lambda packs: packs.pack(version=2),
    "file": lambda packs: packs.pack(remark="\n# a remark"),
    "module": lambda packs: packs.write("one/helper.py", "value = 2"),
    "data": lambda packs: packs.write("one/weights.bin", "2"),
    "module beside it": lambda packs: packs.write("tools.py", "value = 2", packs.elsewhere),
    "library": lambda packs: packs.install("2"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_type_version_and_pack_are_in_both(packs, edit):
    """The type, the `version=` and the source file of a node are in both: when one of them changes, its nodes run
    again. So it is with everything that its pack is made of: other modules and data in its folder, modules beside it
    that it imports, and the versions of libraries that it imports. Nodes of other packs do not run again.
    """
    packs.begin()
    assert packs.run() == []
    edit(packs)
    packs.begin()
    assert packs.run() == ["One"]
    packs.begin()
    assert packs.run() == []


@pytest.mark.parametrize("edit", [EDITS["module"], EDITS["data"], EDITS["library"]])
def test_what_changes_after_a_pack_was_imported(packs, house, edit):
    """What changes after a pack was imported cannot be told apart from what was imported. Its nodes then run every
    time, nothing of theirs is kept, and a warning on the node says so, until Jacquard is started again.
    """
    edit(packs)
    for _ in range(2):
        house.run(["a"], a=("One", {}))
        (warned,) = [event for event in house.told if isinstance(event, events.NodeWarned)]
        assert "restart Jacquard" in warned.warnings[0].message
    assert packs.calls == ["One", "One"]
    packs.calls.clear()
    packs.begin()
    assert packs.run() == ["One"]
    packs.begin()
    assert packs.run() == []


# Fingerprints


def test_marks_tell_types_apart():
    """A fingerprint identifies a value. It tells types apart: `1`, `1.0`, `True`, `"1"`, `b"1"`, `[1]` and `(1,)`
    have seven fingerprints.
    """
    values = [1, 1.0, True, "1", b"1", [1], (1,)]
    marks = [MARKS.of(value) for value in values]
    assert None not in marks
    assert len(set(marks)) == 7
    assert MARKS.of([1]) == MARKS.of([1])


def test_marks_of_arrays():
    """The fingerprint of an array or tensor is made of its element type, shape and bytes, wherever it lies."""
    one = MARKS.of(ToyArray(b"abcd"))
    assert one == MARKS.of(ToyArray(b"xabcdx").view(1, 5))
    others = [ToyArray(b"abcd", "i8"), ToyArray(b"abcd", shape=(2, 2)), ToyArray(b"abce")]
    assert len({one, *map(MARKS.of, others)}) == 4


def test_what_has_no_mark():
    """An object of a class of your own has no fingerprint, and neither has anything that holds one, or that holds
    itself.
    """
    round_list: list[Any] = []
    round_list.append(round_list)
    assert [MARKS.of(value) for value in (Box(), [1, Box()], {"a": Box()}, round_list)] == [None] * 4


def boxes(**changes):
    """A box, which has no fingerprint, that was made below some node; and two that read it."""
    return {
        "b": ("Box", {"name": "b", **changes}),
        "u": ("Unbox", {"one": "@b.BOX", "two": "@b.BOX", "name": "u"}),
        "v": ("Unbox", {"one": "@b.BOX", "two": "@b.BOX", "name": "v"}),
    }


def test_a_value_without_a_mark(house, clock):
    """Such a value goes by the recipe of the call that made it, and is kept in memory only. It is shared and reused
    like any other, as long as the call has a recipe.
    """

    def dear() -> Any:
        house.recorder.begin("dear")
        clock.now += 9
        return Box()

    house.add(dear, id="Dear")
    nodes = {"d": ("Dear", {}), "x": ("Any", {"value": "@d.output", "name": "x"})}
    house.run(["u"], **boxes())
    house.run(["v"], **boxes())
    house.run(["u", "v"], **boxes())
    assert house.calls() == ["b", "u", "v"]
    house.run(["d"], **nodes)
    house.restart()
    house.run(["x"], **nodes)
    assert house.calls() == ["dear", "dear", "x"]


def test_what_an_object_takes(house):
    """It takes as much of the memory as its `nbytes` says, or what its fields hold if it is a dataclass."""

    class Handle:
        nbytes = 200_000

    @dataclass
    class Palette:
        colors: ToyArray

    def handle() -> Any:
        return Handle()

    def palette() -> Any:
        return Palette(ToyArray(bytes(200_000)))

    house.add(handle, id="Handle")
    house.add(palette, id="Palette")
    for kind in ("Handle", "Palette"):
        before = house.engine.cache.statistics().nbytes
        house.run(["x"], x=(kind, {}))
        assert 200_000 <= house.engine.cache.statistics().nbytes - before < 210_000


@pytest.mark.parametrize("trait", ["cache", "raises", "NaN", "object", "above"])
def test_a_call_without_a_recipe(house, trait):
    """A call has none if it has `cache=False`, if its `fingerprint=` raises or returns what cannot be compared (NaN, an
    object of a class of your own), or if what it reads has none. A warning on the node tells of such a `fingerprint=`.
    The values count then: what reads a node with `cache=False` is not called when it gives the same as before.
    """

    def broken() -> object:
        if trait == "raises":
            raise OSError("the net is gone")
        return {"NaN": [1, math.nan], "object": Box()}[trait]

    def seven() -> int:
        house.recorder.begin("seven")
        return 7

    words = {"raises": "OSError: the net is gone", "NaN": "NaN", "object": "Box has no identity"}.get(trait)
    options = {"fingerprint": broken} if words else {"cache": False}
    house.add(seven, id="Seven", **options)
    nodes = {"s": ("Seven", {}), "k": ("Keep", {"in0": "@s.INT", "name": "k"})}
    if trait == "above":
        nodes |= {"p": ("Pass", {"in0": "@s.INT", "name": "p"}), "k": ("Keep", {"in0": "@p.INT", "name": "k"})}
    house.run(**nodes)
    house.calls()
    house.run(**nodes)
    assert house.calls() == ["seven"]
    warned = [str(each) for event in house.told if isinstance(event, events.NodeWarned) for each in event.warnings]
    assert [words in each for each in warned] == [True] * bool(words)
    assert (words or "cache=False") in house.reasons()["s"].message


def test_neither_recipe_nor_mark(house):
    """If they have no fingerprints either, what reads them runs every time, and the reason says which input it was."""

    def fresh() -> Any:
        return Box()

    house.add(fresh, id="Fresh", cache=False)
    nodes = {"f": ("Fresh", {}), "x": ("Any", {"value": "@f.output", "name": "x"})}
    for _ in range(2):
        house.run(["x"], **nodes)
        assert house.calls() == ["x"]
        reason = house.reasons()["x"]
        assert reason.code == "not_reusable"
        assert reason.message == "nothing tells if the value of value from node f is the same as before"
    assert house.reasons()["f"].message == "the node is to run every time (cache=False)"


# Files and the world outside


def test_chosen_files(house, tmp_path):
    """A file that is chosen in a node counts by name, size and times: when its content and when its entry in the folder
    was changed. So another file of the same size is noticed though it was given the time of the first. A file whose
    name comes over an edge is looked at once the name is there.
    """
    file = tmp_path / "input" / "a.png"
    chosen = {"c": ("Choose", {"file": "a.png", "name": "c"})}
    named = {"n": ("Text", {"text": "a.png", "name": "n"}), "c": ("Choose", {"file": "@n.STRING", "name": "d"})}
    for text in ("one", "three", "seven"):
        before = file.stat() if text == "seven" else None
        file.write_text(text)
        if before is not None:
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        for nodes, call in ((chosen, ["c"]), (named, ["d"])):
            assert house.run(["c"], **nodes).values["c"]["STRING"] == text
            assert [name for name in house.calls() if name != "n"] == call
            house.run(["c"], **nodes)
            assert house.calls() == []


def test_fingerprint(house):
    """Whatever else a node looks at is to be returned by its `fingerprint=`; another answer runs the node."""
    weather = ["rain"]

    def look() -> str:
        house.recorder.begin("look")
        return weather[0]

    house.add(look, id="Look", fingerprint=lambda: weather[0])
    for answer in ("rain", "rain", "sun"):
        weather[0] = answer
        assert house.run(["l"], l=("Look", {})).values["l"]["STRING"] == answer
    assert house.calls() == ["look", "look"]


# Lazy inputs


def test_lazy_inputs(house):
    """A lazy input that nobody asks for is not made, and nothing runs when something changes behind it. A node with
    lazy inputs is known by those that it asked for. When what it asked for is there, its body is called again from the
    beginning. What it asks for is remembered, too, and is there at its first call the next time.
    """

    def choose(first: bool, one: Lazy[int], other: Lazy[int]) -> int:
        house.recorder.begin("choose")
        return one.get() if first else other.get()

    house.add(choose, id="ChooseOne")

    def nodes(one=1, other=2):
        return {
            "one": ("Add", {"name": "one", "number": one}),
            "other": ("Add", {"name": "other", "number": other}),
            "c": ("ChooseOne", {"first": True, "one": "@one.INT", "other": "@other.INT"}),
        }

    house.run(["c"], **nodes())
    assert house.calls() == ["choose", "choose", "one"]
    house.run(["c"], **nodes(other=5))
    assert house.calls() == []
    house.run(["c"], **nodes(one=5))
    assert house.calls() == ["choose", "one"]


# Graphs in a node's place


def test_inner_nodes(house):
    """The inner nodes are remembered one by one, and the outer node as a whole. So a loop that gets one more turn runs
    that turn only.
    """

    def repeat(times: int) -> int | Expand:
        house.recorder.begin("repeat")
        inner = Expansion()
        last: Any = 0
        for turn in range(times):
            last = inner.add("Add", name=f"turn {turn}", in0=last)["INT"]
        return inner.returns(last)

    house.add(repeat, id="Repeat")
    house.run(["r"], r=("Repeat", {"times": 3}))
    assert house.calls() == ["repeat", "turn 0", "turn 1", "turn 2"]
    house.run(["r"], r=("Repeat", {"times": 3}))
    assert house.calls() == []
    house.run(["r"], r=("Repeat", {"times": 4}))
    assert house.calls() == ["repeat", "turn 3"]


def test_a_picture_that_was_saved_inside(house, tmp_path):
    """A picture that was saved inside and is gone is saved again."""

    def show(value: int) -> int | Expand:
        inner = Expansion()
        inner.add("Show", value=value, name="inside")
        return inner.returns(value)

    house.add(show, id="ShowInside")
    for calls in (["inside"], ["inside"]):
        house.run(["s"], s=("ShowInside", {"value": 1}))
        assert house.calls() == calls
        house.run(["s"], s=("ShowInside", {"value": 1}))
        assert house.calls() == []
        (tmp_path / "output" / "inside.txt").unlink()


# Streams


@pytest.fixture
def streaming(house):
    def count(stop: int, keep_going: bool = False, bad: str = "") -> Each[int]:
        house.recorder.begin("count")
        return Items(iter(range(stop)), stop, keep_going)

    def odd(value: int) -> int:
        house.recorder.begin(f"odd {value}")
        if value % 2 == 0:
            raise ValueError(f"{value} is even")
        return value

    def total(values: list[int]) -> int:
        house.recorder.begin("total")
        return sum(values)

    for function, name in ((count, "Count"), (odd, "Odd"), (total, "Total")):
        house.add(function, id=name)
    return house


def test_items_have_keys(streaming):
    """Every item has keys of its own: when a stream gets two more items, two items run."""

    def nodes(stop):
        return {"c": ("Count", {"stop": stop}), "p": ("Add", {"in0": "@c.INT", "name": "p"}),
                "k": ("Keep", {"in0": "@p.INT", "name": "k"})}  # fmt: skip

    streaming.run(**nodes(10))
    streaming.calls()
    streaming.run(**nodes(12))
    assert streaming.calls() == ["count", "k", "k", "p", "p"]


def test_items_that_are_not_needed(house):
    """An `Item` is made only if something that reads it has to run."""

    def words(text: str) -> Each[int]:
        def make(word: str) -> int:
            house.recorder.begin(word)
            return len(word)

        for word in text.split():
            yield Item(word, lambda word=word: make(word))

    house.add(words, id="Words")

    def nodes(text, name="k"):
        return {"w": ("Words", {"text": text}), "k": ("Keep", {"in0": "@w.INT", "name": name})}

    house.run(**nodes("a bb"))
    house.calls()
    house.run(**nodes("a bb cccc"))
    assert house.calls() == ["cccc", "k"]


def test_the_node_that_begins_a_stream(streaming):
    """The node that begins a stream is called again, unless all that collects the stream is remembered."""
    kept = {"c": ("Count", {"stop": 3}), "k": ("Keep", {"in0": "@c.INT", "name": "k"})}
    collected = {"c": ("Count", {"stop": 3}), "t": ("Total", {"values": "@c.INT"})}
    streaming.run(**kept)
    streaming.run(["t"], **collected)
    streaming.calls()
    streaming.run(**kept)
    assert streaming.calls() == ["count"]
    streaming.run(["t"], **collected)
    assert streaming.calls() == []


def test_what_is_kept_of_items(house, clock):
    """Of an item, memory keeps the value only if the disk would (0.05 seconds, 20 nanoseconds a byte), and the record
    always; so a folder of thousands passes through.
    """

    def pictures(seconds: float, number: int) -> Each[Any]:
        def make(index: int) -> ToyArray:
            house.recorder.begin(f"made {index}")
            clock.now += seconds
            return ToyArray(index.to_bytes(2, "big") * 50_000)

        for index in range(20):
            yield Item((index, number), lambda index=index: make(index))

    house.add(pictures, id="Pictures")

    def nodes(seconds, number, reader=0):
        return {"p": ("Pictures", {"seconds": seconds, "number": number}),
                "s": ("Size", {"in0": "@p.output", "number": reader, "name": "s"}),
                "k": ("Keep", {"in0": "@s.INT", "name": "k"})}  # fmt: skip

    house.engine.cache.disk = None
    # Eight are made at once by one clock: together they stay below the limit, however they overlap.
    for number, seconds, is_kept in ((1, 0.006, False), (2, 0.06, True)):
        before = house.engine.cache.statistics().nbytes
        house.run(**nodes(seconds, number))
        grown = house.engine.cache.statistics().nbytes - before
        assert (grown > 20 * 100_000) == is_kept
        house.calls()
        house.run(**nodes(seconds, number))
        assert house.calls() == []
        house.run(**nodes(seconds, number, reader=number))
        assert len([call for call in house.calls() if call.startswith("made")]) == (0 if is_kept else 20)


def test_streams_that_meet(streaming):
    """Streams that meet are paired by position."""
    nodes = {"c": ("Count", {"stop": 3}), "d": ("Count", {"stop": 3}), "m": ("Add", {"in0": "@c.INT", "name": "m"}),
             "n": ("Size2", {"one": "@m.INT", "other": "@d.INT"})}  # fmt: skip

    def pair(one: int, other: int) -> int:
        return one * 1000 + other

    streaming.add(pair, id="Size2")
    found = streaming.run(["n", "m"], **nodes).values
    assert found["n"]["INT"] == [one * 1000 + number for number, one in enumerate(found["m"]["INT"])]


def test_keep_going(streaming):
    """With `keep_going`, an item that fails is left out, and the run still finishes."""
    nodes = {"c": ("Count", {"stop": 6, "keep_going": True}), "o": ("Odd", {"value": "@c.INT"}),
             "t": ("Total", {"values": "@o.INT"})}  # fmt: skip
    outcome = streaming.run(["t"], **nodes)
    assert (outcome.status, outcome.values["t"]["INT"]) == ("finished", 1 + 3 + 5)


def test_finished_items(streaming):
    """Items that were finished are remembered, though others failed; the next run tries those again, and collects
    anew.
    """
    nodes = {"c": ("Count", {"stop": 6, "keep_going": True}), "o": ("Odd", {"value": "@c.INT"}),
             "k": ("Keep", {"in0": "@o.INT", "name": "k"}), "t": ("Total", {"values": "@o.INT"})}  # fmt: skip
    streaming.run(["k", "t"], **nodes)
    streaming.calls()
    outcome = streaming.run(["k", "t"], **nodes)
    assert streaming.calls() == ["count", "odd 0", "odd 2", "odd 4"]
    assert (outcome.values["t"]["INT"], len(outcome.problems)) == (9, 3)


# Side effects


def test_side_effects(house, tmp_path):
    """A node with `side_effect=True` is what a run aims for. It is remembered like any other, by its inputs, as long as
    the files that it showed are there. What it does besides returning is not done again then.
    """
    done = []

    def report(context: NodeContext, in0: int) -> None:
        done.append(in0)
        (tmp_path / "output" / "report.txt").write_text(str(in0))
        context.show(Artifact("output", "report.txt", "text/plain"))

    house.add(report, id="Report", side_effect=True)
    nodes = {"a": ("Add", {"name": "a"}), "r": ("Report", {"in0": 1}), "b": ("Add", {"name": "b"})}
    house.run(**nodes)
    house.run(**nodes)
    assert (house.calls(), done) == ([], [1])
    (tmp_path / "output" / "report.txt").unlink()
    house.run(**nodes)
    assert done == [1, 1]


# The same work at the same time


class Held:
    """A node that stands at a gate, called by one run and waited for by another."""

    def __init__(self, house):
        self.house = house
        self.outcomes = []
        self.seen = threading.Semaphore(0)

    def run_twice(self, kind):
        def run():
            nodes = {"w": (kind, {"name": "w"}), "k": ("Keep", {"in0": "@w.INT", "name": "k"})}
            self.outcomes.append(self.house.engine.run(document(**nodes), listener=self.listen))

        threads = [threading.Thread(target=run) for _ in range(2)]
        threads[0].start()
        self.house.recorder.wait_until_called("w")
        assert self.seen.acquire(timeout=PATIENCE)
        threads[1].start()
        assert self.seen.acquire(timeout=PATIENCE), "the other run has begun"
        self.house.recorder.open_gate("w")
        for thread in threads:
            thread.join(PATIENCE)
        return sorted(outcome.status for outcome in self.outcomes)

    def listen(self, event):
        if isinstance(event, events.RunStarted):
            self.seen.release()


def test_work_in_flight(house):
    """A call that is at work already, in this run or in one beside it, is waited for."""
    assert Held(house).run_twice("Wait") == ["finished", "finished"]
    assert house.calls() == ["k", "w"]


def test_work_in_flight_that_fails(house):
    """If it fails, those that waited call their node themselves."""
    first = itertools.count()

    def fail_once(name: str) -> int:
        house.recorder.begin(name)
        house.recorder.stand_at_gate(name)
        if next(first) == 0:
            raise OSError("once")
        return 1

    house.add(fail_once, id="FailOnce")
    assert Held(house).run_twice("FailOnce") == ["failed", "finished"]
    assert house.calls() == ["k", "w", "w"]


# The three laws


def test_the_first_law(house):
    """1. **Inputs are not changed.** A value that a node changes is changed for all others that read it, in this run
    and in later ones.
    """

    def make() -> Any:
        return [1]

    def spoil(values: Any) -> int:
        values.append(99)
        return len(values)

    house.add(make, id="MakeList")
    house.add(spoil, id="Spoil")
    nodes = {"m": ("MakeList", {}), "s": ("Spoil", {"values": "@m.output"}), "x": ("Any", {"value": "@m.output"})}
    house.run(["s"], **nodes)
    assert house.run(["x"], **nodes).values["x"]["output"] == [1, 99]


def test_the_second_law(house):
    """2. **The same inputs give the same outputs.** A node that draws by chance, or looks at the clock, gives the first
    answer again until an input changes. It says what it depends on with `fingerprint=`, or has `cache=False`.
    """
    clock = itertools.count()

    def look(name: str = "") -> int:
        return next(clock)

    house.add(look, id="Look")
    house.add(look, id="LookAgain", cache=False)
    house.add(look, id="LookAtAll", fingerprint=lambda name: next(clock))

    def answers(kind, *names):
        return [house.run(["l"], l=(kind, {"name": name})).values["l"]["INT"] for name in names]

    first, again, other = answers("Look", "a", "a", "b")
    assert first == again != other
    for kind in ("LookAgain", "LookAtAll"):
        first, again = answers(kind, "a", "a")
        assert first != again


def test_the_third_law(house):
    """3. **Side effects are declared.** A node that does something without saying so is not aimed for, and does nothing
    when its result is reused.
    """
    done = []

    def sneak(in0: int) -> int:
        done.append(in0)
        return in0

    house.add(sneak, id="Sneak")
    nodes = {"s": ("Sneak", {"in0": 1}), "k": ("Keep", {"name": "k"})}
    house.run(**nodes)
    assert done == []
    house.run(["s"], **nodes)
    house.run(["s"], **nodes)
    assert done == [1]


# Shadow mode


def test_a_share_is_called_again(open_house):
    """`Engine(..., shadow=0.1)` calls one in ten remembered calls all the same, and compares the fingerprints."""
    house = open_house(shadow=0.1)
    nodes = {f"n{number}": ("Add", {"name": f"n{number}"}) for number in range(1000)}
    house.run(list(nodes), **nodes)
    assert len(house.calls()) == 1000
    assert house.run(list(nodes), **nodes).status == "finished"
    assert 50 < len(house.calls()) < 200
    assert {reason.code for reason in house.reasons().values()} == {"checked"}


def test_shadow_mode_finds_who_breaks_the_second_law(open_house):
    """A node that gives another value than before fails, and is told which law it broke. With `shadow=1.0` in a test,
    every node of a pack can be held to the second law.
    """
    house = open_house(shadow=1.0)
    clock = itertools.count()

    def look() -> int:
        return next(clock)

    house.add(look, id="Look")
    nodes = {"l": ("Look", {}), "a": ("Add", {"name": "a"})}
    house.run(["l", "a"], **nodes)
    outcome = house.run(["l", "a"], **nodes)
    (problem,) = outcome.problems
    assert (outcome.status, problem.node) == ("failed", "l")
    assert "the same inputs" in problem.message
    assert "cache=False" in problem.remedy
    assert house.calls() == ["a", "a"]


def test_what_shadow_mode_cannot_compare(open_house):
    """What has no fingerprint cannot be compared, and nodes without outputs are not called again."""
    house = open_house(shadow=1.0)
    nodes = {"b": ("Box", {"name": "b"}), "k": ("Keep", {"name": "k"})}
    for calls in (["b", "k"], ["b"]):
        assert house.run(["b", "k"], **nodes).status == "finished"
        assert house.calls() == calls
