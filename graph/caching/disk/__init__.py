"""The disk tier of the cache: an index in SQLite and values in files, shared by several processes.

Only `graph.caching` uses it.

- `blob_store`: files of values, named by content fingerprint
- `cache_folder`: opens a cache folder, and recovers from a broken index and from disk errors
- `disk_cache`: the disk tier
- `filesystem`: the file operations of the disk tier, replaceable in tests
- `free_space`: how much of its disk a cache may use
- `index`: the index of a cache folder: results by key, and where their values are
- `reader`: reads values back and verifies their fingerprints
- `safetensors_file`: the safetensors format
- `serialization`: a value as JSON and buffers, and back
- `transaction`: the changes to an index, each inside a transaction
- `write_behind`: a background writer with a bounded queue
- `writer`: writes batches of results: files first, then rows
"""
