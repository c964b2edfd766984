"""Workflows from Python: built, opened, changed and run by a script in its own process.

Knows no concrete node, no torch and no folder of an installation: a `session` brings them (`commands.scripting`).

- `builder`: a workflow that is being built, node by node
- `errors`: what scripts get for names that are not there, and for runs that did not finish
- `handles`: a node and an output of a workflow, as scripts hold them
- `input_checks`: whether a node may have some inputs, and the types of its outputs then
- `interrupts`: Ctrl+C cancels a run at its next step
- `layout`: places for nodes that have none
- `script`: a workflow of a script: built, run, saved
- `session`: what a script's workflows are run with
- `stubs`: the text of a stub file for type checkers and editors, from node types
- `targets`: the values of a run for the targets that a script asked for
- `written_values`: what is written into a document for a Python value
"""
