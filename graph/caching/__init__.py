"""Cache keys, the memory tier, both tiers together, and the history of calls.

The disk tier has a wing of its own inside: `graph.caching.disk`.

- `cache`: what an engine remembers, in two tiers
- `call_history`: why did this run?
- `keys`: cache keys
- `memory_cache`: the memory tier
"""
