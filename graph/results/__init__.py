"""The result of a call: its values, their fingerprints and sizes, and whether it is worth storing.

Where results are stored is in `graph.caching`.

- `arrays`: arrays as the engine sees them
- `fingerprint`: content marks
- `result`: what a cache remembers under a key
- `sizes`: what values hold in memory, so that memory that several of them share is counted once
- `storage_policy`: what is worth its bytes
"""
