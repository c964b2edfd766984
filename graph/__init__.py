"""The engine: node types, workflow documents, validation, cache keys, scheduling, events.

Knows no torch, no HTTP and no concrete node. Node authors and scripts use the door `graph.api`.
"""

__version__ = "0.1.0"
