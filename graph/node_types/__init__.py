"""What a node is: sockets, widgets, signatures, the registry; and what a node function receives, returns and reports.

Knows no graph and no run.

- `body`: a sub-workflow as a value, for nodes such as loops
- `catalogue`: node types restored from their JSON description, without their functions
- `compatibility`: whether an output may feed an input, with the reason
- `context`: the services of a run that a node may use: progress, previews, warnings, files, cancellation
- `decorator`: the `@node` decorator, which makes a typed function a node type
- `digests`: digests of literals, code and files, which cache keys are made of
- `expansion`: a graph that a node returns to be run in its place
- `external_state`: the state besides its inputs that a node depends on, by its author's `fingerprint`
- `flow`: special inputs and outputs: lazy inputs, streams, `BLOCK`, values given from outside
- `generics`: type variables: the types that flow through generic nodes
- `make_node_type`: makes a node type of a function and its inputs and outputs as data
- `node_type`: node types as data: `NodeType`, `Input`, `Output`
- `registry`: the node types of an installation, by id
- `report_checks`: checks of what a node reports during a run: artifacts, progress, previews, errors
- `signature`: reads inputs and outputs from the signature of a node function
- `signature_checks`: checks of the definition of an input
- `sockets`: socket types: which fit each other, how values are checked and converted
- `value_checks`: the check of one value against one input
- `warnings`: the warnings of nodes, collected and bounded
- `widgets`: the widgets that set inputs in the editor
"""
