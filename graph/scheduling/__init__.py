"""Tasks on threads: when each is done, and on which lane.

Knows no node function, no value and no cache.
"""
