"""Topological order and cycles, held against networkx on random graphs."""

import itertools

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.base.topological_order import topological_order
from tests.support.examples import examples

names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.lists(names, max_size=4), max_size=8)


def as_networkx(sources):
    graph = nx.DiGraph()
    graph.add_nodes_from(sources)
    graph.add_edges_from((source, node) for node, feeding in sources.items() for source in feeding if source in sources)
    return graph


@examples(100)
@given(graphs)
def test_every_graph_has_an_order_or_its_cycles_named(sources):
    order, cycles = topological_order(sources)
    graph = as_networkx(sources)
    if nx.is_directed_acyclic_graph(graph):
        assert cycles == []
        assert sorted(order) == sorted(sources)
        place = {node: number for number, node in enumerate(order)}
        assert all(place[source] < place[node] for source, node in graph.edges)
        return
    knots = [knot for knot in nx.strongly_connected_components(graph) if graph.subgraph(knot).number_of_edges()]
    assert len(cycles) == len(knots), "one cycle for each knot"
    for cycle in cycles:
        assert any(set(cycle) <= knot for knot in knots)
        assert all(graph.has_edge(source, node) for source, node in itertools.pairwise([*cycle, cycle[0]]))


def test_a_source_that_is_no_key_is_taken_as_given():
    assert topological_order({"b": ["a"], "c": ["b"]}) == (["b", "c"], [])


def test_a_source_that_feeds_twice_counts_once():
    assert topological_order({"a": [], "b": ["a", "a"]}) == (["a", "b"], [])


def test_nothing_has_an_order():
    assert topological_order({}) == ([], [])


def test_two_separate_cycles_are_both_found_and_what_hangs_on_them_is_not():
    sources = {"a": ["b"], "b": ["a"], "c": ["c"], "d": ["a", "c"], "e": []}
    order, cycles = topological_order(sources)
    assert order == ["e"]
    assert cycles == [["a", "b"], ["c"]]


def test_the_same_cycle_is_told_the_same_way_whatever_the_order_of_the_nodes():
    sources = {"a": ["c"], "b": ["a"], "c": ["b"]}
    told = {str(topological_order(dict(order))[1]) for order in itertools.permutations(sources.items())}
    assert told == {"[['a', 'b', 'c']]"}


@pytest.mark.long
def test_a_long_chain_and_a_long_circle_need_no_recursion():
    chain = {str(number): [str(number - 1)] if number else [] for number in range(10_000)}
    assert len(topological_order(chain)[0]) == 10_000
    chain["0"] = ["9999"]
    assert [len(cycle) for cycle in topological_order(chain)[1]] == [10_000]
