"""The queue: submission, order, dispatch to the worker, and the record of each run.

Knows no HTTP.
"""
