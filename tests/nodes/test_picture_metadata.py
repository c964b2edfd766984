"""The record inside a PNG: what goes in comes out, other programs can read it, and strangers' bytes do no harm."""

import io
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from nodes.picture_metadata import embed, read

BUFFER = io.BytesIO()
Image.new("RGB", (4, 3), "red").save(BUFFER, "PNG")
PNG = BUFFER.getvalue()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(record=st.dictionaries(st.text(), JSON, max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_record_comes_back(record):
    assert read(embed(PNG, record)) == record


def test_the_picture_stays_the_same_and_pillow_finds_the_text():
    picture = Image.open(io.BytesIO(embed(PNG, {"prompt": "Füchse, 狐"})))
    assert json.loads(picture.info["jacquard"]) == {"prompt": "Füchse, 狐"}
    assert picture.convert("RGB").getpixel((2, 2)) == (255, 0, 0)


def test_what_json_cannot_hold_becomes_null_or_text():
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    record = {"nan": math.nan, "inf": [math.inf, -math.inf], "tuple": (1, 2), "when": moment, 5: "five"}
    expected = {"nan": None, "inf": [None, None], "tuple": [1, 2], "when": str(moment), "5": "five"}
    assert read(embed(PNG, record)) == expected


def test_half_a_surrogate_pair_does_not_stop_a_picture_from_being_saved():
    assert read(embed(PNG, {"text": "\ud800"})) == {"text": "\ud800"}


def test_a_picture_without_a_record_has_none():
    assert read(PNG) is None
    assert read(b"") is None
    assert read(b"GIF89a") is None


def test_a_record_that_is_no_json_object_is_none():
    assert read(embed(PNG, {"a": 1}).replace(b'{"a":1}', b'["a",1]')) is None
    deep = b"[" * 100_000
    record = embed(PNG, {"a": "x" * (len(deep) - 8)})
    start = record.index(b'{"a"')
    assert read(record[:start] + deep + record[start + len(deep) :]) is None


@given(data=st.binary(max_size=80), cut=st.integers(0, 200))
@settings(max_examples=80, deadline=None)
def test_strange_bytes_are_no_record(data, cut):
    whole = embed(PNG, {"a": 1})
    found = read(whole[:cut] + data)
    assert found is None or isinstance(found, dict)


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_lying_length_is_not_believed(length):
    assert read(PNG[:33] + length.to_bytes(4, "big") + b"iTXt" + b"jacquard") is None
