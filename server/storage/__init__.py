"""What the server keeps on disk: the database, saved workflows, pictures, uploads, small versions.

The tables of runs are in `server.runs`.
"""
