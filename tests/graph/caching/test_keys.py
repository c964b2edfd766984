"""Cache keys: what is in them, what is not, and what gets a key that never comes again."""

import os
from dataclasses import replace
from typing import Annotated

import pytest

from graph.building.build import build
from graph.caching.keys import cache_keys
from graph.document.workflow import Node, Reference, Workflow
from graph.files.folders import FileNameError
from graph.node_types.registry import Registry
from graph.node_types.sockets import SocketType
from tests.support.ids import plain
from tests.support.toys import toy_registry, type_from, workflow_from_text

CHAIN = "a -> b -> k:Keep, a -> c -> k"


@pytest.fixture
def keys(registry, files):
    """The keys of a workflow, by node id."""

    def keys(workflow, targets=None, registry=registry):
        return cache_keys(build(workflow, registry, files, targets), files)

    return keys


def test_keys_are_the_same_every_time(keys):
    assert keys(workflow_from_text(CHAIN)) == keys(workflow_from_text(CHAIN))


def test_a_key_has_128_bits_and_every_call_has_one(keys):
    assert {node: len(key) for node, key in keys(workflow_from_text(CHAIN)).items()} == dict.fromkeys("abck", 16)


def test_a_literal_changes_its_node_and_everything_below_and_nothing_else(keys):
    before = keys(workflow_from_text(CHAIN))
    after = keys(workflow_from_text(CHAIN, inputs={"b": {"number": 1}}))
    assert {node for node in before if before[node] != after[node]} == {"b", "k"}


def test_a_default_and_the_same_value_written_out_have_one_key(keys):
    assert keys(workflow_from_text(CHAIN)) == keys(workflow_from_text(CHAIN, inputs={"a": {"number": 0}}))


def test_a_whole_number_written_as_a_fraction_is_the_same_for_an_int(keys):
    whole, fraction = (workflow_from_text(CHAIN, inputs={"a": {"number": value}}) for value in (20, 20.0))
    assert keys(whole) == keys(fraction)


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (1, "1"), ([1], [1.0]), (0, False), (None, 0)])
def test_values_of_different_types_have_different_keys(keys, one, other):
    first, second = (workflow_from_text("a:Any", inputs={"a": {"value": value}}) for value in (one, other))
    assert keys(first, ["a"]) != keys(second, ["a"])


def test_ids_titles_positions_and_notes_are_not_in_the_key(keys):
    plain = workflow_from_text("a -> b", inputs={"a": {"name": ""}, "b": {"name": ""}})
    dressed = Workflow(
        {
            "x": Node("Add", {"name": ""}, title="First", position=(1, 2), extra={"colour": "red"}),
            "y": Node("Add", {"name": "", "in0": Reference("x", "INT")}, size=(3, 4)),
        },
        title="Other",
        notes=({"text": "note"},),
    )
    assert list(keys(plain, ["b"]).values()) == list(keys(dressed, ["y"]).values())


def test_equal_nodes_have_one_key(keys):
    found = keys(workflow_from_text("a -> b, a -> c", inputs={"b": {"name": ""}, "c": {"name": ""}}), ["b", "c"])
    assert found["b"] == found["c"] != found["a"]


def test_which_input_an_edge_feeds_is_in_the_key(keys):
    one, other = workflow_from_text("a -> b.in0"), workflow_from_text("a -> b.in1")
    assert keys(one, ["b"])["b"] != keys(other, ["b"])["b"]


def test_which_output_an_edge_comes_from_is_in_the_key(keys):
    one, other = (
        workflow_from_text(f"a -> s:Split.value, s.{output} -> t:Any.value", inputs={}) for output in ("whole", "half")
    )
    assert keys(one, ["t"])["t"] != keys(other, ["t"])["t"]


@pytest.mark.parametrize("change", [{"version": 2}, {"code": "other"}], ids=["version", "code"])
def test_version_and_code_are_in_the_key(keys, change):
    registry = Registry()
    for item in toy_registry():
        if item.id == "Add":
            recipe = f"{item.id}\0{change.get('version', item.version)}\0{change.get('code', item.code)}\0".encode()
            assert recipe != item.recipe
            registry.add(replace(item, recipe=recipe))
        else:
            registry.add(item)
    workflow = workflow_from_text("a -> b")
    before, after = keys(workflow, ["b"]), keys(workflow, ["b"], registry)
    assert not set(before.values()) & set(after.values())


def test_two_types_with_equal_inputs_have_different_keys(keys):
    one, other = workflow_from_text("a:Text"), workflow_from_text("a:Text2".replace("Text2", "Name"))
    assert keys(one, ["a"]) != keys(workflow_from_text("a:Colour"), ["a"])
    assert other.nodes["a"].type == "Name"


def test_a_changed_file_changes_the_key(keys, files, tmp_path):
    path = tmp_path / "input" / "cat.png"
    path.write_bytes(b"1")
    workflow = workflow_from_text("a:Choose -> b:Any", inputs={"a": {"file": "cat.png"}})
    before = keys(workflow, ["b"])
    assert keys(workflow, ["b"]) == before
    os.utime(path, ns=(1, 1))
    after = keys(workflow, ["b"])
    assert before["a"] != after["a"]
    assert before["b"] != after["b"]


def test_a_file_that_is_named_by_an_edge_is_never_assumed_unchanged(keys, tmp_path):
    (tmp_path / "input" / "cat.png").write_bytes(b"1")
    workflow = workflow_from_text("t:Text -> a:Choose.file", inputs={"t": {"text": "cat.png"}})
    assert keys(workflow, ["a"])["t"] == keys(workflow, ["a"])["t"]
    assert keys(workflow, ["a"])["a"] != keys(workflow, ["a"])["a"]


def test_a_node_that_is_not_to_be_remembered_never_has_the_same_key_and_neither_has_what_it_feeds(keys):
    workflow = workflow_from_text("a -> i:Impure -> b")
    one, other = keys(workflow, ["b"]), keys(workflow, ["b"])
    assert {node for node in one if one[node] != other[node]} == {"i", "b"}


def _weather(**literals):
    return _weather.now


_weather.now = "sun"


def _raising(error):
    def fingerprint(**literals):
        raise error

    return fingerprint


def look(place: str = "", image: Annotated[int, SocketType("INT")] | None = None) -> str:
    """Look out of the window."""
    return place


def registry_with(**options):
    registry = Registry()
    registry.add(type_from(look, id="Look", **options))
    return registry


LOOK = Workflow({"a": Node("Look", {"place": "garden"})})


def test_what_a_nodes_own_fingerprint_returns_is_in_the_key(keys, monkeypatch):
    registry = registry_with(fingerprint=_weather)
    before = keys(LOOK, ["a"], registry)
    assert keys(LOOK, ["a"], registry) == before
    monkeypatch.setattr(_weather, "now", "rain")
    assert keys(LOOK, ["a"], registry) != before


@pytest.mark.parametrize(
    "error",
    [ValueError("bad"), KeyError("x"), OSError("gone"), FileNameError("no", "yes"), RecursionError()],
    ids=plain,
)
def test_a_fingerprint_that_raises_means_do_not_reuse(keys, error):
    registry = registry_with(fingerprint=_raising(error))
    assert keys(LOOK, ["a"], registry) != keys(LOOK, ["a"], registry)


@pytest.mark.parametrize("found", [object(), {1, 2}, 1j], ids=plain)
def test_a_fingerprint_without_identity_means_do_not_reuse(keys, found):
    registry = registry_with(fingerprint=lambda **literals: found)
    assert keys(LOOK, ["a"], registry) != keys(LOOK, ["a"], registry)


@pytest.mark.parametrize("value", [{1, 2}, object()], ids=plain)
def test_a_literal_without_identity_means_do_not_reuse(keys, value):
    workflow = workflow_from_text("a:Any", inputs={"a": {"value": value}})
    assert keys(workflow, ["a"]) != keys(workflow, ["a"])


def test_huge_and_deep_literals_have_keys_or_are_not_reused(keys):
    deep = []
    for _ in range(5000):
        deep = [deep]
    for value in (10**5000, deep, "x" * 10**6):
        assert len(keys(workflow_from_text("a:Any", inputs={"a": {"value": value}}), ["a"])["a"]) == 16


def test_the_keys_of_a_long_chain_need_no_recursion(keys):
    found = keys(workflow_from_text(" -> ".join(f"n{number}" for number in range(10_000))), ["n9999"])
    assert len(set(found.values())) == 10_000
