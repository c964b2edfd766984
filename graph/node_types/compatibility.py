"""Whether an output may feed an input, with the reason: types, streams and lists together.

An allowed edge may have a reason, too: a conversion, a node that runs once for each item, items that are collected.
Conversions apply to single items. Which types fit each other is decided in `graph.node_types.sockets`.
"""

from __future__ import annotations

from dataclasses import replace

from graph.node_types.node_type import Input, Output
from graph.node_types.sockets import Fit, can_connect, in_words

_IN_WORDS = {"each": "runs once for each item", "collects": "collects all items"}


def can_feed(output: Output, target: Input) -> Fit:
    """Return whether `output` may feed the input `target`; if not, why and what to do about it."""
    fit = can_connect(output.type, target.type)
    if not (output.is_list or output.each) or not fit.ok:
        return fit
    if output.is_list and not target.collects and target.type.name != "*":
        reason = f"a list of {in_words(output.type)} does not fit one {in_words(target.type)}"
        remedy = "put ListToEach between: the node then runs once for each item"
        return Fit(False, reason, remedy=remedy, code="list_for_one")
    if not output.each:
        return fit
    stream = "collects" if target.collects and not output.is_list else "each"
    return replace(fit, reason="; ".join(filter(None, (fit.reason, _IN_WORDS[stream]))), stream=stream)
