"""One run: calls are evaluated, streams and expansions run, events are published.

What must run is decided in `graph.planning`, when it runs in `graph.scheduling`.

- `call_checks`: what goes into a call and comes out of it
- `call_keys`: what has arrived for a call
- `crew`: what the rooms that work on a run's cells and streams may ask of the run
- `evaluation`: what happens to a cell once everything that it waits for is there
- `events`: what a run tells while it goes on
- `execution`: one run
- `expansion_graph`: a graph that a node returned, made ready to run in the node's place
- `expansion_run`: a graph that runs in the place of the node that returned it
- `ordered_effects`: side effects in the order of items
- `provenance`: what is written down about a run
- `run_log`: what a run tells while it goes on, and what can be said about it at its end
- `shadow`: shadow mode
- `single_flight`: equal work in flight is done once
- `streams`: streams at work
- `warning_log`: the warnings of one run
"""
