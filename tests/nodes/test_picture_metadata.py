"""The record inside a PNG: what goes in comes out, other programs can read it, and strangers' bytes do no harm."""

import base64
import io
import json
import math
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nodes.picture_metadata import KEYWORD, MAX_BYTES, DamagedRecordError, embed, read
from tests.support.examples import examples

BUFFER = io.BytesIO()
Image.new("RGB", (4, 3), "red").save(BUFFER, "PNG")
PNG = BUFFER.getvalue()

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(record=st.dictionaries(st.text(), JSON, max_size=4))
@examples(60)
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


CASES = json.loads((Path(__file__).resolve().parents[1] / "cases" / "picture-records.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_picture_is_read_or_refused_as_the_cases_say(case):
    png = base64.b64decode(case["base64"])
    if case["record"] == "damaged":
        with pytest.raises(DamagedRecordError):
            read(png)
    else:
        assert read(png) == case["record"]


def test_a_text_that_unpacks_beyond_all_measure_is_refused():
    bomb = zlib.compress(b" " * (MAX_BYTES + 1), 9)
    body = b"zTXt" + KEYWORD + b"\0\0" + bomb
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    with pytest.raises(DamagedRecordError, match="more than"):
        read(PNG[:33] + chunk + PNG[33:])


@given(data=st.binary(max_size=80), cut=st.integers(0, 200))
@examples(80)
def test_strange_bytes_are_no_record(data, cut):
    whole = embed(PNG, {"a": 1})
    try:
        found = read(whole[:cut] + data)
    except DamagedRecordError:
        return
    assert found is None or isinstance(found, dict)


@pytest.mark.parametrize("length", [0xFFFFFFFF, 0x7FFFFFFF])
def test_a_lying_length_is_not_believed(length):
    assert read(PNG[:33] + length.to_bytes(4, "big") + b"iTXt" + b"jacquards\0") is None
    with pytest.raises(DamagedRecordError, match="cut off"):
        read(PNG[:33] + length.to_bytes(4, "big") + b"iTXt" + b"jacquard\0")
