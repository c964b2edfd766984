"""The disk tier of the cache: an index in SQLite and values in files, shared by several processes.

Only `graph.caching` visits it.

- `blob_store`: files named by the content mark of the value that they hold
- `cache_folder`: a cache folder with its index, and what happens when there is trouble with it
- `disk_cache`: the disk tier
- `filesystem`: the few calls by which the disk tier touches a disk, so that a test can hand in a disk that fails
- `free_space`: how much a cache may take of its disk
- `index`: the index of a cache folder
- `reader`: reading values back from a cache folder
- `safetensors_file`: the safetensors format
- `serialization`: a value as plain parts and back
- `transaction`: what may be done to the index of a cache folder inside of a transaction
- `write_behind`: a thread that writes what it is given, in order, behind the back of who gave it
- `writer`: what the disk tier's thread does
"""
