"""What the server keeps on disk: the database, saved workflows, pictures, uploads, small versions.

The tables of runs are in `server.runs`.

- `artifact_urls`: artifacts as the API tells them
- `data_folder`: the data folder
- `database`: the database
- `database_file`: the file of the database
- `database_work`: a piece of work for the database's thread, and who is told what became of it
- `disk_errors`: what is said when a disk says no
- `node_type_store`: the node types, as the last worker told them
- `notices`: what a person should know about the installation itself
- `picture_threads`: threads of their own for pictures of strangers
- `private_folders`: folders with pictures, values and prompts are their owner's alone, whatever the umask; and no
- `salvage`: rows out of a damaged database
- `salvage_pages`: rows off the pages of a damaged database, where the way to them is gone
- `saved_workflows`: saved workflows
- `set_aside`: damaged files are put out of the way under a name that tells when, and are never deleted
- `temp_cleanup`: what is tidied away at the start
- `thumbnails`: small versions of pictures, made once and kept in a folder of bounded size
- `uploads`: uploads
"""
