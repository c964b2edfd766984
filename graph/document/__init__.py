"""The workflow file as plain data: its JSON, read strictly and written back.

Knows no node types: whether a node exists or an edge fits is decided in `graph.building`.

- `json_positions`: line, column and path of a fault in a JSON text
- `json_shapes`: checks of the shape of parsed JSON
- `json_text`: from bytes to parsed JSON, with an error message for everything that can be wrong
- `literals`: which texts and numbers are accepted from outside
- `reader`: from JSON to the workflow document
- `workflow`: the workflow document
- `writer`: from the workflow document to JSON
"""
