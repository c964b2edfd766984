"""Loading node packs: finding, importing, watching and describing them, and what their results depend on.

The rest of the engine sees only the node types that come out.

- `dependencies`: what the nodes of a pack stand on besides their own files
- `discovery`: which packs lie in a folder
- `faults`: what is wrong with a pack, in words, and with the place in its files
- `file_snapshot`: what tells one state of some files from another
- `import_guard`: what stands around the import of a pack
- `import_scan`: which modules a Python source names, read from its text
- `libraries`: which installed distributions there are, which modules they hold, and what tells one installation from
- `loading`: loading node packs
- `patches`: what a pack replaced in the program around it
- `process_settings`: what the process has of settings that one call reads and another sets; a pack may have changed
- `process_state`: what a pack changed in the process around it that is no code
- `quarantine`: what is noted about packs on the disk, so that one that ends or stops the process is not imported
"""
