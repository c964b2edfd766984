"""Nodes that choose what flows on, and that only what is chosen is worked out."""

import pytest

from graph.api import BLOCK, Lazy, NodeError
from graph.node_types.flow import NeedsInputs
from nodes.choosing import choose_if, reroute, switch
from tests.support.documents import document


def there(value):
    return Lazy("value", value, there=True)


def test_reroute_hands_on():
    assert reroute(value="cat") == "cat"


def test_if_asks_only_for_what_it_needs():
    assert choose_if(condition=True, then=there("cat"), otherwise=Lazy("otherwise")) == "cat"
    assert choose_if(condition=False, then=Lazy("then"), otherwise=there("dog")) == "dog"
    with pytest.raises(NeedsInputs, match="then"):
        choose_if(condition=True, then=Lazy("then"), otherwise=Lazy("otherwise"))


def test_if_without_another_way_stops_what_follows():
    assert choose_if(condition=False, then=Lazy("then"), otherwise=there(None)) is BLOCK
    assert choose_if(condition=False, then=Lazy("then")) is BLOCK


def test_switch_asks_only_for_the_case_that_is_used():
    cases = {f"case{number}": Lazy(f"case{number}") for number in range(8)}
    for number in range(8):
        with pytest.raises(NeedsInputs, match=f"case{number}"):
            switch(index=number, **cases)
        assert switch(index=number, **{**cases, f"case{number}": there(number)}) == number


def test_a_case_that_is_not_connected_gives_the_default():
    assert switch(index=3, case0=there("cat"), case3=there(None), default=there("dog")) == "dog"
    assert switch(index=99, case0=there("cat"), default=there("dog")) == "dog"
    assert switch(index=0, case0=there(0), default=Lazy("default")) == 0


@pytest.mark.parametrize("index", [1, 8, 99])
def test_without_a_default_it_is_an_error_that_names_the_index(index):
    with pytest.raises(NodeError, match=f"nothing is connected for index {index}") as caught:
        switch(index=index, case0=there("cat"))
    assert caught.value.input == "index"
    assert "default" in caught.value.remedy


def test_only_what_is_chosen_runs(run, called):
    sources = {str(number): ("Note", {"number": number}) for number in range(3)}
    cases = {f"case{number}": f"@{number}.INT" for number in range(3)}
    assert run(document(**sources, end=("Switch", {"index": 1, **cases}))) == 1
    assert called == [1]
    assert run(document(**sources, end=("If", {"condition": False, "then": "@1.INT", "otherwise": "@2.INT"}))) == 2
    assert called == [1, 2]


def test_the_default_runs_where_no_case_is_connected(run, called):
    nodes = {"a": ("Note", {"number": 7}), "b": ("Note", {"number": 8})}
    assert run(document(**nodes, end=("Switch", {"index": 5, "case0": "@a.INT", "default": "@b.INT"}))) == 8
    assert called == [8]


def test_an_if_without_another_way_keeps_what_follows_from_running(run, called):
    nodes = {"n": ("ForEachNumber", {"stop": 4}), "b": ("Below", {"number": "@n.INT", "limit": 2})}
    nodes["i"] = ("If", {"condition": "@b.BOOLEAN", "then": "@n.INT"})
    nodes["note"] = ("Note", {"number": "@i.output"})
    assert run(document(**nodes, end=("Sum", {"numbers": "@note.INT"}))) == 1
    assert sorted(called, key=str) == [0, 1, [0, 1]]


def test_a_reroute_keeps_the_type_and_the_value(run):
    assert run(document(n=("Note", {"number": 3}), r=("Reroute", {"value": "@n.INT"}),
                        end=("Note", {"number": "@r.output", "add": 1}))) == 4  # fmt: skip
