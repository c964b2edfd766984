"""The parameters of an address: known ones, each once; numbers are held between their limits."""

from __future__ import annotations

from typing import Annotated

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from msgspec import Meta

from graph.document.literals import MOST_IN_NAME
from server.errors import ApiError
from server.requests.query import check_query, read_query
from server.shapes.parameters import Query


class Asked(Query, kw_only=True, frozen=True):
    """What the route of these tests may be asked with."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    whole: bool = False
    title: str | None = None


def request(query: str) -> web.Request:
    return make_mocked_request("GET", f"/?{query}")


def refusal_of(query: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        check_query(request(query), Asked)
        read_query(request(query), Asked)
    return caught.value


def test_what_is_left_out_has_its_default() -> None:
    assert read_query(request(""), Asked) == Asked()


@pytest.mark.parametrize(("text", "found"), [("3", 3), ("0", 1), ("999", 500), ("007", 7)])
def test_a_number_is_held_between_its_limits(text: str, found: int) -> None:
    assert read_query(request(f"limit={text}"), Asked).limit == found


@pytest.mark.parametrize("text", ["", "-1", "1.5", "x", "1" * 20, "\uff11"])
def test_what_is_no_number_is_refused_with_the_limits(text: str) -> None:
    error = refusal_of(f"limit={text}")
    assert (error.status, error.code) == (400, "wrong_shape")
    assert "from 1 to 500" in error.remedy


@pytest.mark.parametrize(("text", "wished"), [("", False), ("0", False), ("false", False), ("1", True), ("TRUE", True)])
def test_a_wish_is_yes_or_no(text: str, wished: bool) -> None:
    assert read_query(request(f"whole={text}"), Asked).whole is wished


def test_neither_yes_nor_no_is_refused() -> None:
    assert refusal_of("whole=maybe").code == "wrong_shape"


def test_a_text_is_bounded_and_can_be_written_down() -> None:
    assert read_query(request("title=a%20b"), Asked).title == "a b"
    assert refusal_of(f"title={'x' * (MOST_IN_NAME + 1)}").code == "too_long"
    assert refusal_of("title=a%00b").code == "bad_text"


def test_each_parameter_is_known_and_given_once() -> None:
    check_query(request("limit=1&title=2"), Asked)
    error = refusal_of("limits=1")
    assert error.code == "unknown_key"
    assert "'limit'" in error.remedy
    assert "twice" in refusal_of("limit=1&limit=2").message
