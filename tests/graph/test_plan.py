"""What a run will do with each node: run it, reuse what is remembered, or share an equal one's result."""

import pytest

from graph.build import build
from graph.cache import MemoryCache, Result
from graph.context import Artifact
from graph.files import Files
from graph.keys import cache_keys
from graph.plan import make_plan
from tests.support.toys import toy_registry, workflow_from_text


class Asked(MemoryCache):
    """A memory that notes what it is asked for."""

    def __init__(self):
        super().__init__(10**6)
        self.asked = []

    def get(self, key):
        self.asked.append(key)
        return super().get(key)


@pytest.fixture
def planned(files):
    """Plan a workflow of which some nodes are remembered; the plan, and the ids of the nodes that were asked for."""

    def planned(text, targets, remembered=(), artifacts=(), files=files, **inputs):
        graph = build(workflow_from_text(text, inputs=inputs), toy_registry(), files, targets)
        keys, cache = cache_keys(graph, files), Asked()
        for node in remembered:
            cache.put(keys[node], Result((1,), tuple(artifacts)))
        plan = make_plan(graph, keys, cache, files)
        ids = {key: node for node, key in keys.items()}
        return plan, [ids[key] for key in cache.asked]

    return planned


def test_with_nothing_remembered_everything_that_a_target_needs_runs_in_order(planned):
    plan, _ = planned("a -> b -> c, x -> y", ["c"])
    assert (plan.run, plan.reuse, plan.same) == (["a", "b", "c"], {}, {})


def test_nothing_above_a_remembered_result_is_asked_for(planned):
    plan, asked = planned("a -> b -> c -> d", ["d"], ["c"])
    assert (plan.run, list(plan.reuse)) == (["d"], ["c"])
    assert asked == ["d", "c"]


def test_a_remembered_target_costs_one_question(planned):
    plan, asked = planned(" -> ".join("abcdefgh"), ["h"], "abcdefgh")
    assert (plan.run, list(plan.reuse), asked) == ([], ["h"], ["h"])


def test_what_is_needed_twice_is_asked_for_once(planned):
    plan, asked = planned("a -> b -> d, a -> c -> d", ["d"])
    assert sorted(asked) == ["a", "b", "c", "d"]
    assert len(plan.run) == 4


def test_what_one_branch_needs_runs_though_another_is_remembered(planned):
    plan, _ = planned("a -> b -> d, a -> c -> d", ["d"], ["b"])
    assert (plan.run, list(plan.reuse)) == (["a", "c", "d"], ["b"])


def test_of_equal_calls_the_first_runs_and_the_others_share(planned):
    plan, _ = planned("a -> b -> d, a -> c -> d", ["d"], b={"name": ""}, c={"name": ""})
    assert plan.run == ["a", "b", "d"] or plan.run == ["a", "c", "d"]
    assert sorted([*plan.same, *plan.same.values()]) == ["b", "c"]


def test_equal_branches_share_from_top_to_bottom(planned):
    same = {node: {"name": ""} for node in "abcd"}
    plan, _ = planned("a -> b -> k, c -> d -> k", ["k"], **same)
    assert len(plan.run) == 3
    assert len(plan.same) == 2


def test_nodes_that_are_not_to_be_remembered_never_share(planned):
    plan, _ = planned("a:Impure -> c, b:Impure -> c", ["c"], a={"name": ""}, b={"name": ""})
    assert sorted(plan.run) == ["a", "b", "c"]


def test_equal_readers_of_a_node_that_is_not_to_be_remembered_share_within_the_run(planned):
    plan, _ = planned("a:Impure -> b -> d, a -> c -> d", ["d"], b={"name": ""}, c={"name": ""})
    assert len(plan.run) == 3
    assert sorted([*plan.same, *plan.same.values()]) == ["b", "c"]


@pytest.mark.parametrize(("exists", "run"), [(True, []), (False, ["a", "s"])])
def test_a_node_whose_file_was_deleted_runs_again(planned, tmp_path, exists, run):
    (tmp_path / "output").mkdir()
    if exists:
        (tmp_path / "output" / "s.txt").touch()
    plan, _ = planned("a -> s:Show.value", ["s"], ["s"], [Artifact("output", "s.txt")])
    assert plan.run == run


@pytest.mark.parametrize("name", ["../s.txt", "folder", "\ud800"])
def test_a_file_that_is_none_is_not_there(planned, tmp_path, name):
    (tmp_path / "output" / "folder").mkdir(parents=True)
    plan, _ = planned("a -> s:Show.value", ["s"], ["s"], [Artifact("output", name)])
    assert plan.run == ["a", "s"]


def test_one_missing_file_of_several_is_enough(planned, tmp_path):
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "1.txt").touch()
    plan, _ = planned("a -> s:Show.value", ["s"], ["s"], [Artifact("output", "1.txt"), Artifact("output", "2.txt")])
    assert plan.run == ["a", "s"]


def test_an_unknown_folder_is_not_there(planned):
    plan, _ = planned("a -> s:Show.value", ["s"], ["s"], [Artifact("temp", "s.txt")], files=Files())
    assert plan.run == ["a", "s"]


def test_a_long_chain_is_planned_without_recursion(planned):
    plan, _ = planned(" -> ".join(f"n{number}" for number in range(10_000)), ["n9999"])
    assert len(plan.run) == 10_000
