"""May this output feed that input? Types, streams and lists together, answered with a reason.

What is not plain is told, also where it fits: a conversion, a node that runs once for each item, items that are
collected. A conversion is of one item. Which types fit each other is told in `graph.node_types.sockets`.
"""

from __future__ import annotations

from dataclasses import replace

from graph.node_types.node_type import Input, Output
from graph.node_types.sockets import Fit, can_connect, in_words

_IN_WORDS = {"each": "runs once for each item", "collects": "collects all items"}


def can_feed(output: Output, target: Input) -> Fit:
    """Say whether `output` may feed the input `target`, and if not, why and what to do about it."""
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
