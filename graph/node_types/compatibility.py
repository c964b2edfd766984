"""May this output feed that input? Types, streams and lists together, answered with a reason.

What is not plain is told, also where it fits: a conversion, a node that runs once for each item, items that are
collected. A conversion is of one item. Which types fit each other is told in `graph.node_types.sockets`.
"""

from __future__ import annotations

from graph.node_types.node_type import Input, Output
from graph.node_types.sockets import FITS, Fit, can_connect, in_words

_EACH = "runs once for each item"
_COLLECTS = "collects all items"


def can_feed(output: Output, target: Input) -> Fit:
    """Say whether `output` may feed the input `target`, and if not, why and what to do about it."""
    fit = can_connect(output.type, target.type)
    if not (output.is_list or output.each) or not fit.ok:
        return fit
    if output.is_list and not target.collects and target.type.name != "*":
        reason = f"a list of {in_words(output.type)} does not fit one {in_words(target.type)}"
        return Fit(False, reason, remedy="put ListToEach between: the node then runs once for each item")
    rule = "" if not output.each else _COLLECTS if target.collects and not output.is_list else _EACH
    reason = "; ".join(filter(None, (fit.reason, rule)))
    return Fit(True, reason, fit.convert) if reason else FITS
