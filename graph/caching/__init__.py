"""Cache keys, the memory tier, both tiers together, and the history of calls.

The disk tier has a wing of its own inside: `graph.caching.disk`.
"""
