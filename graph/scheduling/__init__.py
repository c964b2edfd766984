"""Tasks on threads: when each is performed, and on which lane.

Knows no node function, no value and no cache.

- `drain`: notices when a run has nothing left to do but reading and writing, so that another may have the device
- `lanes`: the threads that do the work of all runs
- `scheduler`: when each task of a run is performed
"""
