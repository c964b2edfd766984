"""The parameters of routes: their defaults, and the limits between which their numbers are held."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from server.errors import ApiError
from server.requests.query import check_query, read_query
from server.shapes import parameters
from server.shapes.parameters import Query


def read(shape: type[Query], text: str) -> Any:
    asked = make_mocked_request("GET", f"/?{text}")
    check_query(asked, shape)
    return read_query(asked, shape)


@pytest.mark.parametrize(
    ("shape", "defaults"),
    [
        (parameters.NoQuery, {}),
        (parameters.ListRuns, {"status": None, "limit": 50, "before": None}),
        (parameters.GetRun, {"workflow": False}),
        (parameters.ListEvents, {"after": 0, "limit": 10_000}),
        (parameters.ExplainRun, {"offset": 0, "limit": 1_000, "node": None}),
        (parameters.GetWorkflow, {"versions": False, "version": None}),
        (parameters.ListOutputs, {"limit": 100, "before": 0}),
        (parameters.GetFile, {"v": None, "key": None}),
        (parameters.GetThumbnail, {"v": None, "key": None, "size": 256}),
    ],
)
def test_what_is_left_out_has_its_default(shape: type[Query], defaults: dict[str, Any]) -> None:
    found = read(shape, "")
    assert {name: getattr(found, name) for name in shape.__struct_fields__} == defaults


@pytest.mark.parametrize(
    ("shape", "name", "low", "high"),
    [
        (parameters.ListRuns, "limit", 1, 500),
        (parameters.ListEvents, "after", 0, 2**53),
        (parameters.ListEvents, "limit", 1, parameters.LARGEST_PAGE_OF_EVENTS),
        (parameters.ExplainRun, "offset", 0, 2**31),
        (parameters.ExplainRun, "limit", 1, 10_000),
        (parameters.ListOutputs, "limit", 1, 500),
        (parameters.ListOutputs, "before", 0, 2**53),
        (parameters.GetThumbnail, "size", parameters.SMALLEST_THUMBNAIL, parameters.LARGEST_THUMBNAIL),
    ],
)
def test_a_number_is_held_between_its_limits(shape: type[Query], name: str, low: int, high: int) -> None:
    for asked, found in ((0, low), (low, low), (high, high), (high + 1, high), (10**18, high)):
        assert getattr(read(shape, f"{name}={asked}"), name) == found
    with pytest.raises(ApiError, match="must be a whole number") as refused:
        read(shape, f"{name}=-1")
    assert (refused.value.status, refused.value.code) == (400, "wrong_shape")
    assert refused.value.remedy == f"Use one from {low} to {high}."


@pytest.mark.parametrize(
    ("shape", "text", "code"),
    [
        (parameters.NoQuery, "limit=1", "unknown_key"),
        (parameters.GetFile, "size=64", "unknown_key"),
        (parameters.GetRun, "workflow=2", "wrong_shape"),
        (parameters.GetWorkflow, "versions=all", "wrong_shape"),
        (parameters.ListRuns, "status=a&status=b", "wrong_shape"),
        (parameters.ExplainRun, "node=%00", "bad_text"),
        (parameters.GetFile, "key=" + "x" * 501, "too_long"),
    ],
)
def test_what_a_route_does_not_read_is_refused(shape: type[Query], text: str, code: str) -> None:
    with pytest.raises(ApiError) as refused:
        read(shape, text)
    assert (refused.value.status, refused.value.code) == (400, code)


def test_a_thumbnail_is_asked_for_like_a_file_with_a_size() -> None:
    found = read(parameters.GetThumbnail, "v=3&key=k&size=64")
    assert (found.v, found.key, found.size) == ("3", "k", 64)


def test_saving_only_what_is_new_is_asked_for_by_the_same_header_as_what_is_known() -> None:
    assert parameters.ONLY_NEW.name == parameters.IF_NONE_MATCH.name == "If-None-Match"
    assert parameters.ONLY_NEW != parameters.IF_NONE_MATCH
