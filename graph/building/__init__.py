"""From a flat document to a checked graph of calls; all messages about wrong edges and values are made here.

Runs nothing and looks up no results.

- `build`: from a document to the graph that runs
- `calls`: the graph that runs: calls and edges
- `file_clashes`: whether parts of files that a graph joins can work together
- `given_values`: documents with values that were given from Python: what of them JSON can hold
- `missing_outputs`: nodes of unknown types that may have been meant as outputs
- `muting`: removes muted nodes, and what cannot run without them, from a graph
- `name_checks`: checks of the names of files that nodes will write
- `problems`: the messages about a graph that cannot run
- `seeds`: randomizes and counts seeds before a run
- `source_map`: from the path of an inner node to the node on the canvas and the way from there
- `stream_groups`: which calls run once for each item of a stream, and of which stream
- `type_inference`: the types that flow through generic nodes, and the check of their edges
- `validation`: the checks before a document is queued or run for a person
"""
