"""From a document with sub-workflows to a flat one, and sub-workflows as values for loops.

Builds no graph: `graph.building` takes the flat document.

- `body_bypass`: removes bypassed nodes inside a body, whose inputs are not connected yet
- `bypass`: which input a bypassed node passes through
- `flatten`: from a document with sub-workflows to a flat one
- `inline`: replaces instances of sub-workflows by their inner nodes
- `instance_types`: the node type of the instances of a sub-workflow
- `make_body`: makes a `Body` of a definition
- `name_words`: finds the values of workflow words in file names
- `nesting`: the order, cycles and sizes of nested sub-workflows
- `problems`: the messages about wrong sub-workflows
"""
