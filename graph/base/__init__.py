"""What every other wing stands on: errors, suggestions for wrong names, topological order, file primitives.

Knows nothing of nodes, workflows or runs.

- `errors`: errors that say what to do
- `file_lock`: a lock on a file that ends with the process that holds it, however that ends; its children do not hold
- `gc_pacing`: python's cyclic garbage collector while runs are at work
- `plain_files`: opening files that strangers may have put there
- `suggestions`: words that help with a wrong name
- `topological_order`: topological order in one pass, and the names of the circles where there is none
"""
