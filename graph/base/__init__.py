"""What every other wing stands on: errors, suggestions for wrong names, topological order, file primitives.

Knows nothing of nodes, workflows or runs.
"""
