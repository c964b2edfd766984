"""From a document with sub-workflows to one without, and sub-workflows as values of loops.

Builds no graph: `graph.building` takes what comes out.
"""
