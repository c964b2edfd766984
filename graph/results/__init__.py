"""The result of a call: its values, their fingerprints and sizes, and the policy that decides what is stored.

The tiers that store results are in `graph.caching`.

- `arrays`: the protocol by which the engine handles arrays without importing torch or numpy
- `fingerprint`: content fingerprints of values
- `result`: the result of a call, as caches store it
- `sizes`: the memory that values hold, with shared memory counted once
- `storage_policy`: which results both cache tiers admit, and which values they evict first
"""
