"""Cache keys, the memory tier, both tiers together, and the history of calls.

The disk tier has a wing of its own inside: `graph.caching.disk`.

- `cache`: the cache of an engine, in two tiers: memory, then disk
- `call_history`: the calls of earlier runs, to explain why a node ran
- `keys`: cache keys: a deep key of the recipe and a shallow key of the input values
- `memory_cache`: the memory tier
"""
