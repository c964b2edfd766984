"""The workflow file as plain data: its JSON, read strictly and written back.

Knows no node types: whether a node exists or an edge fits is decided in `graph.building`.

- `json_positions`: where in a JSON text something is wrong
- `json_shapes`: looking at parsed JSON
- `json_text`: from bytes to JSON, with every way in which it can go wrong told in words
- `literals`: which texts and numbers are taken from outside
- `reader`: reading workflow files
- `workflow`: the workflow document
- `writer`: writing workflow files
"""
