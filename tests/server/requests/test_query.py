"""The parameters of an address: numbers are held between their limits, and what is none is refused."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from server.errors import ApiError
from server.requests.query import check_query, read_query
from server.shapes.parameters import GetRun, ListRuns, NoQuery, Query


def read(address: str, shape: type[Query] = ListRuns) -> Query:
    request = make_mocked_request("GET", address)
    check_query(request, shape)
    return read_query(request, shape)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/runs", ListRuns()),
        ("/runs?limit=3&before=x", ListRuns(limit=3, before="x")),
        ("/runs?limit=0", ListRuns(limit=1)),
        ("/runs?limit=99999999999999", ListRuns(limit=500)),
        ("/runs?status=", ListRuns(status="")),
    ],
)
def test_what_is_asked_is_read_and_held_between_limits(address: str, expected: ListRuns) -> None:
    assert read(address) == expected


@pytest.mark.parametrize(("word", "expected"), [("1", True), ("TRUE", True), ("0", False), ("", False)])
def test_a_wish_is_yes_or_no(word: str, expected: bool) -> None:
    assert read(f"/x?workflow={word}", GetRun) == GetRun(workflow=expected)


@pytest.mark.parametrize(
    ("address", "shape", "code", "words"),
    [
        ("/x?limit=-1", ListRuns, "wrong_shape", "Use one from 1 to 500."),
        ("/x?limit=1.5", ListRuns, "wrong_shape", "Use one from 1 to 500."),
        ("/x?limit=²", ListRuns, "wrong_shape", "Use one from 1 to 500."),
        ("/x?workflow=maybe", GetRun, "wrong_shape", "Write 1 for yes."),
        ("/x?before=" + "x" * 501, ListRuns, "too_long", ""),
        ("/x?before=%00", ListRuns, "bad_text", ""),
        ("/x?limits=3", ListRuns, "unknown_key", "'limit'"),
        ("/x?limit=3", NoQuery, "unknown_key", "Leave it out."),
        ("/x?limit=3&limit=4", ListRuns, "wrong_shape", "Give it once."),
    ],
)
def test_what_is_none_is_refused_in_words(address: str, shape: type[Query], code: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        read(address, shape)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert words in caught.value.remedy
