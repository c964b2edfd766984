"""What a node is: sockets, widgets, signatures, the registry; and what a node function may take, give and report.

Knows no graph and no run.

- `body`: a sub-workflow as a value
- `catalogue`: node types from their description
- `compatibility`: may this output feed that input?
- `context`: what a running node may ask of its run
- `decorator`: the decorator that makes a typed function a node type
- `digests`: identities that a cache key is made of
- `expansion`: a graph that a node returns to be run in its place
- `external_state`: what an author's `fingerprint` says that a node depends on besides its inputs, as a part of keys
- `flow`: what a node may take and give besides plain values
- `generics`: the types of nodes that pass on what flows in
- `make_node_type`: makes a node type of a function and its inputs and outputs as data
- `node_type`: node types as data
- `registry`: the node types that an installation has, by id
- `report_checks`: what a node tells about itself while it runs, checked where it is told
- `signature`: reads the signature of a node function, the one place where a node is described
- `signature_checks`: what an author may not say of an input
- `sockets`: what flows along an edge
- `value_checks`: the check of one value against one input
- `warnings`: what nodes warn of
- `widgets`: how the editor lets a person set an input
"""
