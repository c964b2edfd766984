"""The page for node authors: every block of Python on it is a pack that loads, and its nodes do what the page says."""

import re
from pathlib import Path

import pytest
import torch

from graph.base.errors import WorkflowError
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.registry import Registry
from graph.packs.loading import load_packs
from tests.support.documents import document, subworkflow

PAGE = Path(__file__).parents[2] / "docs/writing-nodes.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
PICTURE = torch.full((1, 2, 2, 3), 0.6)
TOYS = '''
import torch
from graph.api import Each, node
from nodes.types import Image

@node("Grey", category="toys")
def grey() -> Image:
    """A picture."""
    return torch.full((1, 2, 2, 3), 0.6)

@node("Broken", category="toys")
def broken() -> Image:
    """Fail when asked."""
    raise ValueError("nobody should ask")

@node("Double", category="toys")
def double(number: int) -> int:
    """Twice as much."""
    return number * 2

@node("Words", category="toys")
def words() -> Each[str]:
    """Some words."""
    yield from ["no", "longer", "so", "short"]

@node("Joined", category="toys")
def joined(words: list[str]) -> str:
    """All words in one text."""
    return " ".join(words)
'''


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    folder = tmp_path_factory.mktemp("custom_nodes")
    for number, block in enumerate([*BLOCKS, TOYS]):
        (folder / f"block{number}.py").write_text(block, encoding="utf-8")
    registry = Registry()
    reports = load_packs(folder, registry)
    assert [report.error for report in reports] == [""] * (len(BLOCKS) + 1)
    assert all(report.node_ids for report in reports)
    return registry


@pytest.fixture
def run(registry, tmp_path):
    """Run some nodes and return the outputs of the one that is called `end`."""
    (tmp_path / "input").mkdir(exist_ok=True)

    def run(subworkflows=None, **nodes):
        with Engine(registry, Files({"input": [tmp_path / "input"]})) as engine:
            outcome = engine.run(document(subworkflows=subworkflows, **nodes), ["end"])
        assert outcome.status == "finished", outcome.problems
        return outcome.values["end"]

    return run


def test_a_node_is_a_typed_function(run):
    made = run(g=("Grey", {}), end=("ImagePosterize", {"image": "@g.IMAGE", "levels": 3}))
    assert made["IMAGE"].unique().tolist() == [0.5]


def test_long_work_reports(run):
    made = run(g=("Grey", {}), end=("Fade", {"image": "@g.IMAGE"}))
    assert made["IMAGE"].max() < 0.6 * 0.37


@pytest.mark.parametrize("condition", [True, False])
def test_what_is_not_asked_for_is_not_worked_out(run, condition):
    then, otherwise = ("@g.IMAGE", "@b.IMAGE") if condition else ("@b.IMAGE", "@g.IMAGE")
    inputs = {"condition": condition, "then": then, "otherwise": otherwise}
    made = run(g=("Grey", {}), b=("Broken", {}), end=("ImageOrElse", inputs))
    assert torch.equal(made["IMAGE"], PICTURE)


def test_a_stream_is_worked_on_item_by_item_and_collected(run):
    made = run(c=("Countdown", {"start": 4}), d=("Double", {"number": "@c.INT"}), end=("SumOf", {"numbers": "@d.INT"}))
    assert made == {"INT": 20}


def test_items_are_made_when_they_are_needed(run, tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"input/{name}.txt").write_text(name)
    assert run(r=("ReadTexts", {}), end=("Joined", {"words": "@r.STRING"})) == {"STRING": "a b"}


def test_a_blocked_item_is_left_out(run):
    made = run(
        w=("Words", {}),
        o=("OnlyLong", {"text": "@w.STRING", "least": 5}),
        end=("Joined", {"words": "@o.STRING"}),
    )
    assert made == {"STRING": "longer short"}


def test_files_are_numbered_in_the_order_of_the_items(registry, tmp_path):
    folders = Files({"output": [tmp_path / "output"]})
    with Engine(registry, folders) as engine:
        outcome = engine.run(document(w=("Words", {}), end=("SaveText", {"text": "@w.STRING"})))
    saved = [folders.path(made.folder, made.name) for made in outcome.artifacts["end"]]
    assert [path.name for path in saved] == [f"text_0000{number}_.txt" for number in range(1, len(saved) + 1)]
    assert [path.read_text() for path in saved] == ["no", "longer", "so", "short"]


def test_a_type_flows_through(run):
    made = run(g=("Grey", {}), f=("FirstOf", {"first": "@g.IMAGE", "second": "@g.IMAGE"}),
               end=("ImagePosterize", {"image": "@f.output", "levels": 3}))  # fmt: skip
    assert made["IMAGE"].unique().tolist() == [0.5]


def test_nodes_that_are_made_of_a_table_convert_by_their_rows(run):
    made = run(k=("KelvinToCelsius", {"degrees": 373.15}), end=("CelsiusToFahrenheit", {"degrees": "@k.FLOAT"}))
    assert made["FLOAT"] == pytest.approx(212.0)


def test_a_coroutine_is_awaited(run):
    assert run(end=("Later", {"text": "tea"})) == {"STRING": "tea"}


def test_a_graph_runs_in_place_of_a_node(run):
    assert run(end=("Power", {"base": 2, "exponent": 10})) == {"INT": 1024}


def test_a_type_converts_what_it_names(run):
    made = run(w=("Later", {"text": "red green blue"}), end=("CountColours", {"palette": "@w.STRING"}))
    assert made == {"INT": 3}


def test_a_type_says_what_is_wrong_with_a_value(registry):
    with Engine(registry, Files()) as engine:
        workflow = document(w=("Later", {"text": " "}), end=("CountColours", {"palette": "@w.STRING"}))
        (problem,) = engine.run(workflow, ["end"]).problems
    assert "expected a list of colours, got a list of 0 items" in problem.message


def test_a_subworkflow_is_run_in_place_of_a_node(run):
    body = subworkflow({"value": "d.number"}, {"result": "@d.INT"}, d=("Double", {}))
    assert run({"body": body}, end=("DoTwice", {"value": 5, "body": "body"})) == {"INT": 20}


def test_a_default_that_the_input_would_refuse_keeps_a_pack_from_loading(tmp_path):
    source = TOYS.replace("def double(number: int)", "def double(number: int = 0.5)")
    (tmp_path / "wrong.py").write_text(source, encoding="utf-8")
    (report,) = load_packs(tmp_path, Registry())
    assert "Double.number: the default 0.5 would be refused; use a whole number" in report.error


def test_one_thing_becomes_a_list_of_one(run):
    assert run(l=("Later", {"text": "alone"}), end=("Joined", {"words": "@l.STRING"})) == {"STRING": "alone"}


def test_a_file_that_is_named_by_a_person_is_named_by_words_and_checked_before(registry, tmp_path):
    with Engine(registry, Files({"output": [tmp_path]})) as engine:
        nodes = {"r": ("ImagePosterize", {"image": "@g.IMAGE", "levels": 3}), "g": ("Grey", {})}
        named = ("SaveNote", {"text": "four", "name": "%ImagePosterize.levels%/%letters% of %year%"})
        (artifact,) = engine.run(document(**nodes, end=named)).artifacts["end"]
        assert re.fullmatch(r"3/4 of 20\d\d_00001_\.txt", artifact.name)
        assert (tmp_path / artifact.name).read_text(encoding="utf-8") == "four"
        with pytest.raises(WorkflowError, match=r"did you mean %letters%\?"):
            engine.check(document(end=("SaveNote", {"text": "", "name": "%letter%"})))
    with Engine(registry, Files()) as engine, pytest.raises(WorkflowError, match="no folder is set up for 'output'"):
        engine.check(document(end=("SaveNote", {"text": ""})))
