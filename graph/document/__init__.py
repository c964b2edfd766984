"""The workflow file as plain data: its JSON, read strictly and written back.

Knows no node types: whether a node exists or an edge fits is decided in `graph.building`.
"""
