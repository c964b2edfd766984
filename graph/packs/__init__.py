"""Loading node packs: finding, importing, watching and describing them, and what their results depend on.

The rest of the engine sees only the resulting node types.

- `dependencies`: what the results of a pack's nodes depend on besides inputs: its files, modules and libraries
- `discovery`: the packs in a folder, without importing them
- `faults`: why a pack cannot be used, with the place in its files
- `file_snapshot`: the state of some files, to detect changes later
- `import_guard`: limits the time of an import, and keeps it from ending the process
- `import_scan`: the modules that a Python source imports, read from its text
- `libraries`: installed distributions: their modules, versions and requirements
- `loading`: imports packs and adds their nodes to a registry
- `patches`: finds and undoes code that a pack replaced in other modules
- `process_settings`: finds and undoes changes of process settings, such as the locale
- `process_state`: finds and undoes other changes of the process: streams, environment, handlers, limits
- `quarantine`: notes on disk about packs that end or block the process
"""
