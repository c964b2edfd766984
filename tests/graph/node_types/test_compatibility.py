"""Which output may feed which input when streams and lists come into it, and with what reason."""

import pytest

from graph.node_types.compatibility import can_feed
from graph.node_types.node_type import Input, Output
from graph.node_types.sockets import ANY, FLOAT, INT, SocketType

IMAGE = SocketType("IMAGE")


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
