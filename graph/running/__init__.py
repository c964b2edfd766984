"""One run: calls are evaluated, streams and expansions run, events are published.

What must run is decided in `graph.planning`, when it runs in `graph.scheduling`.
"""
