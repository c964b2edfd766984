"""Launch codes: good once and for ten minutes, as many as are asked for, and bounded."""

from __future__ import annotations

from server.access.launch import LASTS_SECONDS, LaunchCodes, launch_address


def test_a_code_is_good_once() -> None:
    codes = LaunchCodes()
    code = codes.new()
    assert not codes.take(f"{code}x")
    assert not codes.take("")
    assert codes.take(code)
    assert not codes.take(code)


def test_a_code_is_good_for_ten_minutes() -> None:
    now = 0.0
    codes = LaunchCodes(lambda: now)
    early, late = codes.new(), codes.new()
    now = LASTS_SECONDS - 1
    assert codes.take(early)
    now = LASTS_SECONDS
    assert not codes.take(late)


def test_codes_are_long_and_their_number_is_bounded() -> None:
    codes = LaunchCodes()
    made = [codes.new() for _ in range(1000)]
    assert len({*made}) == 1000
    assert all(len(code) >= 43 for code in made)  # 6 bits a character
    assert sum(map(codes.take, made)) == 64
    assert launch_address("http://127.0.0.1:8188/", "abc") == "http://127.0.0.1:8188/#launch=abc"
