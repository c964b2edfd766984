"""The result of a call: its values, their fingerprints and sizes, and whether it is worth storing.

Where results are stored is in `graph.caching`.
"""
