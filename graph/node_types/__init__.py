"""What a node is: sockets, widgets, signatures, the registry; and what a node function may take, give and report.

Knows no graph and no run.
"""
