"""Words for wrong names: the one that was meant, or some of those that there are; never many, and never for long."""

import pytest

from graph.base.suggestions import MOST_COMPARED, MOST_LISTED, did_you_mean, listed


@pytest.mark.parametrize(("name", "advice"), [("radus", "did you mean 'radius'?"), ("seed", "")])
def test_the_name_that_was_meant_is_the_one_most_like_it(name, advice):
    assert did_you_mean(name, {"radius": 1, "sigma": 2}) == advice


def test_among_very_many_names_nothing_is_looked_for():
    names = [f"name {number}" for number in range(MOST_COMPARED)]
    assert did_you_mean("nam 7", names) == "did you mean 'name 7'?"
    assert did_you_mean("nam 7", [*names, "one more"]) == ""


def test_some_names_are_listed_and_the_others_counted():
    assert listed([]) == ""
    assert listed({"a": 1, "b": 2}) == "a, b"
    assert listed(["a b"], repr) == "'a b'"
    assert listed([str(number) for number in range(MOST_LISTED + 1000)]).endswith(", 11 and 1,000 more")
