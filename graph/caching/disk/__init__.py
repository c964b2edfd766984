"""The disk tier of the cache: an index in SQLite and values in files, shared by several processes.

Only `graph.caching` visits it.
"""
