"""From a flat document to a checked graph of calls; all messages about wrong edges and values are made here.

Runs nothing and looks up nothing.

- `build`: from a document to the graph that runs
- `calls`: what a run works on
- `missing_outputs`: nodes that may have been meant to save or show something, and are not installed
- `muting`: what is left of a graph when some of its nodes are muted
- `name_checks`: the check of the files that nodes will write, before anything runs
- `problems`: the words for what is wrong with a graph before it runs
- `seeds`: what happens to seeds before a run
- `source_map`: where something is, for a person
- `stream_groups`: which calls of a graph run once for each item of a stream, and of which stream
- `type_inference`: what flows through nodes that pass on what comes in, and the check of the edges that had to wait
- `validation`: what a document has to pass before it is queued or run for a person
"""
