"""Frames between server and worker: what goes in comes out, and what is no frame is refused."""

from __future__ import annotations

import asyncio
import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.shapes.worker_messages import Cancel
from server.workers import frames
from tests.support.examples import examples
from tests.support.serving import asynchronous

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@examples(60)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.binary(max_size=50))
def test_a_frame_comes_out_as_it_went_in(data: dict[str, Any], payload: bytes) -> None:
    pipe = io.BytesIO(2 * frames.encode(data, payload))
    for _ in range(2):
        frame = frames.read_blocking(pipe)
        assert frame is not None
        assert (frames.read_object(frame), frame.payload) == (data, payload)
    assert frames.read_blocking(pipe) is None


@given(st.binary(max_size=60))
def test_what_is_no_frame_is_the_end_or_an_error_and_nothing_else(data: bytes) -> None:
    pipe = io.BytesIO(data)
    try:
        while frames.read_blocking(pipe) is not None:
            pass
    except frames.FrameError:
        pass


@asynchronous
async def test_the_other_reader_agrees() -> None:
    data = frames.encode(Cancel(run="r"), b"picture")
    reader = asyncio.StreamReader()
    reader.feed_data(data + data[:-1])
    reader.feed_eof()
    assert await frames.read(reader) == frames.Frame(b'{"type":"cancel","run":"r"}', b"picture")
    assert await frames.read(reader) is None
    reader = asyncio.StreamReader()
    reader.feed_data(struct.pack(">I", 2**31))
    with pytest.raises(frames.FrameError):
        await frames.read(reader)
