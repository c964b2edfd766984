"""Which output may feed which input when streams and lists come into it, and with what reason."""

import pytest

import nodes
from graph.node_types.compatibility import can_feed
from graph.node_types.node_type import Input, Output
from graph.node_types.registry import Registry
from graph.node_types.sockets import ANY, FLOAT, INT, SocketType
from tests.support.case_types import cases_of, input_of, output_of

IMAGE = SocketType("IMAGE")
FILE = cases_of("socket-fits")
TYPES = [pair["into"] for pair in FILE["pairs"]]


@pytest.mark.parametrize(
    ("output", "target", "reason"),
    [
        (Output("o", IMAGE), Input("i", IMAGE), ""),
        (Output("o", IMAGE), Input("i", IMAGE, collects=True), ""),
        (Output("o", IMAGE, each=True), Input("i", IMAGE), "runs once for each item"),
        (Output("o", IMAGE, each=True), Input("i", IMAGE, collects=True), "collects all items"),
        (Output("o", IMAGE, each=True), Input("i", ANY), "runs once for each item"),
        (Output("o", INT, each=True), Input("i", FLOAT), "INT is converted to FLOAT; runs once for each item"),
        (Output("o", INT, each=True), Input("i", FLOAT, collects=True),
         "INT is converted to FLOAT; collects all items"),
        (Output("o", IMAGE, is_list=True), Input("i", IMAGE, collects=True), ""),
        (Output("o", IMAGE, is_list=True), Input("i", ANY), ""),
        (Output("o", INT, is_list=True), Input("i", FLOAT, collects=True), "INT is converted to FLOAT"),
        (Output("o", IMAGE, each=True, is_list=True), Input("i", ANY), "runs once for each item"),
        (Output("o", IMAGE, each=True, is_list=True), Input("i", IMAGE, collects=True), "runs once for each item"),
    ],
)  # fmt: skip
def test_what_fits_is_told_when_it_is_not_plain(output, target, reason):
    fit = can_feed(output, target)
    assert (fit.ok, fit.reason) == (True, reason)


@pytest.mark.parametrize(
    ("output", "target", "reason", "remedy"),
    [
        (Output("o", IMAGE), Input("i", INT), "IMAGE does not fit INT", ""),
        (Output("o", IMAGE, each=True), Input("i", INT, collects=True), "IMAGE does not fit INT", ""),
        (Output("o", IMAGE, is_list=True), Input("i", IMAGE), "a list of IMAGE does not fit one IMAGE",
         "put ListToEach between: the node then runs once for each item"),
    ],
)  # fmt: skip
def test_what_does_not_fit_always_has_a_reason(output, target, reason, remedy):
    fit = can_feed(output, target)
    assert (fit.ok, fit.reason, fit.remedy) == (False, reason, remedy)


@pytest.mark.parametrize("output", [Output("o", INT, is_list=True), Output("o", INT, each=True)])
def test_a_conversion_is_of_one_item(output):
    assert repr(can_feed(output, Input("i", FLOAT, collects=True)).convert(1)) == "1.0"


def answer(source, target):
    """What the engine says, without its words."""
    fit = can_feed(output_of(source, FILE["converts"]), input_of(target, FILE["converts"]))
    assert fit.ok is not bool(fit.code)
    assert (fit.convert is not None) == bool(fit.converts)
    said = {"refused": fit.code, "converts": list(fit.converts), "stream": fit.stream}
    return {name: value for name, value in said.items() if value}


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["name"])
def test_the_answer_is_that_of_the_cases_which_the_editor_runs_too(case):
    expected = {name: case[name] for name in ("refused", "converts", "stream") if name in case}
    assert answer(case["from"], case["into"]) == expected


@pytest.mark.parametrize("pair", FILE["pairs"], ids=lambda pair: pair["into"])
def test_every_type_in_every_shape_fits_into_another_as_the_cases_say(pair):
    for name in TYPES:
        fits = name in pair["plain"] or name in pair["converted"]
        converts = {"converts": [name]} if name in pair["converted"] else {}
        for shape in FILE["shapes"]:
            found = answer(name + shape["from"], pair["into"] + shape["into"])
            expected = {key: shape[key] for key in ("refused", "stream") if key in shape}
            if not fits:
                assert found == {"refused": "wrong_type"}
            elif pair["into"] == "*" and not shape["into"] and "refused" in expected:
                assert "refused" not in found, "what takes anything takes a list as one value"
            else:
                assert found == (expected if "refused" in expected else expected | converts)


def test_the_cases_have_the_types_of_the_built_in_nodes_and_what_these_convert():
    registry = Registry()
    nodes.add_to(registry)
    types = [each.type for item in registry for each in (*item.inputs, *item.outputs)]
    found = {kind.name: list(kind.converts) for each in types for kind in each.members or (each,)}
    assert found.keys() - {""} <= set(TYPES)
    assert {name: converts for name, converts in found.items() if converts} == FILE["converts"]
