"""What would run, what is reused, and why; the tasks that a run is made of.

Calls no node.
"""
