"""One run: calls are evaluated, streams and expansions run, events are published.

What must run is decided in `graph.planning`, when it runs in `graph.scheduling`.

- `call_checks`: what goes into a call and comes out of it
- `changes`: what becomes of a run when one of its tasks waits, is done or stops
- `driver`: performs the tasks of a run; the one owner of its lock
- `evaluation`: one call, from ready to done: the steps, and a drawing of them
- `events`: the events that a run publishes
- `execution`: one run, from the targets of a graph to their values
- `expansion_graph`: a graph that a node returned, made ready to run in the node's place
- `expansion_run`: a graph that runs in the place of the node that returned it
- `failures`: what nodes raised in a run, as problems
- `file_hashes`: SHA-256 of models, in the background
- `ordered_effects`: side effects in the order of items
- `provenance`: what is written down about a run
- `publisher`: hands the events of a run to its listener
- `run_log`: what a run publishes while it goes on, and what can be said about it at its end
- `shadow`: shadow mode
- `single_flight`: equal work is done once
- `streams`: the items that sources give, and what is collected of them
- `unfinished`: what calls that take long have worked out so far
- `warning_log`: the warnings of one run
"""
