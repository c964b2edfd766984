"""What every other wing uses: errors, suggestions for wrong names, topological order, file primitives.

Knows nothing of nodes, workflows or runs.

- `errors`: errors that say what is wrong and what to do
- `file_lock`: a lock on a file that ends with the process that holds it
- `gc_pacing`: the pace of Python's cyclic garbage collector during runs
- `plain_files`: opening files that others may have put there, plain files only
- `suggestions`: the closest known name for a wrong one, and lists of known names for messages
- `topological_order`: topological order in linear time, and the cycles where there is none
"""
