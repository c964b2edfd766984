"""Nodes without a place get one: in columns from left to right, none over another."""

from itertools import combinations

from graph.document.workflow import Node, Reference
from graph.scripting.layout import with_positions
from tests.support.toys import workflow_from_text


def placed(text, registry, **positions):
    nodes = dict(workflow_from_text(text).nodes)
    for node_id, position in positions.items():
        nodes[node_id] = Node(nodes[node_id].type, nodes[node_id].inputs, position=position)
    return {
        key: node.position for key, node in with_positions(nodes, lambda key: registry.get(nodes[key].type)).items()
    }


def test_a_node_stands_to_the_right_of_all_that_feed_it(registry):
    at = placed("a -> b, a -> c, b -> d, c -> d, d -> e, a -> e, f -> e", registry)
    assert at["a"][0] < at["b"][0] == at["c"][0] < at["d"][0] < at["e"][0]
    assert at["f"][0] == at["d"][0], "what is needed late stands close to where it is needed"
    assert at["a"] == (40, 80)


def test_no_node_stands_over_another(registry):
    at = placed("a -> b, a -> c, a -> d:Split, a -> e:Keep, b -> f, c -> f", registry)
    for (x1, y1), (x2, y2) in combinations(at.values(), 2):
        assert abs(x1 - x2) >= 300 or abs(y1 - y2) >= 100


def test_neighbours_stand_in_the_order_of_what_feeds_them(registry):
    at = placed("a -> x, b -> y, c -> z, z -> end, y -> end, x -> end", registry)
    assert [key for _, key in sorted((at[key][1], key) for key in "abc")] == ["a", "b", "c"]
    assert [key for _, key in sorted((at[key][1], key) for key in "xyz")] == ["x", "y", "z"]


def test_given_places_are_kept_and_others_stand_below(registry):
    at = placed("a -> b, c -> d", registry, a=(7, 900), b=(500, 100))
    assert (at["a"], at["b"]) == ((7, 900), (500, 100))
    assert min(at["c"][1], at["d"][1]) > 1000


def test_circles_unknown_types_and_nothing_at_all_have_a_place_too(registry):
    circle = {"a": Node("Add", {"in0": Reference("b", "INT")}), "b": Node("Add", {"in0": Reference("a", "INT")})}
    at = with_positions({**circle, "c": Node("Unknown", {"x": Reference("gone", "y")})}, lambda key: None)
    assert len({node.position for node in at.values()}) == 3
    assert with_positions({}, registry.get) == {}
