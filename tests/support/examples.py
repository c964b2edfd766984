"""How many random examples a test tries: its own number in `make test`, a part of that in `make check`."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

OF_THE_WHOLE_SUITE = 100
"""What a profile tries of a property that names no number of its own: hypothesis' default."""
FEWEST = 3


def examples(count: int, **options: Any) -> settings:
    """Settings that try `count` examples, or as small a part of them as the profile is smaller than the usual one."""
    part = min(1.0, settings().max_examples / OF_THE_WHOLE_SUITE)
    return settings(max_examples=max(FEWEST, round(count * part)), deadline=None, **options)
