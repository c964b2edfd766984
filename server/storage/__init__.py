"""Everything that the server stores on disk: the database, saved workflows, uploads, thumbnails.

The tables of runs, events and outputs are in `server.runs`.

- `artifact_urls`: describes artifacts for the API, with addresses of the file and its thumbnail
- `data_folder`: makes and locks the data folder; reads or draws the token
- `database`: executes work on SQLite in one thread, and retries it while the disk fails
- `database_file`: opens, migrates, replaces and recreates the database file
- `database_work`: one piece of work for the database's thread, and the futures that report its result
- `disk_errors`: turns an error of the disk into an answer of the API
- `node_type_store`: the catalogue of node types that the last worker reported
- `notices`: notices about the installation, for the console, the log and every page
- `picture_threads`: a small thread pool for reading uploaded and stored pictures
- `private_folders`: makes folders private to their owner, and turns core dumps off
- `salvage`: copies readable rows of a damaged database into a new one
- `salvage_pages`: reads rows from the pages of a damaged database that SQLite cannot read
- `saved_workflows`: reads, saves and deletes workflow files, and keeps their earlier versions
- `set_aside`: renames damaged files, which are never deleted
- `temp_cleanup`: removes old temporary pictures and unfinished files at the start
- `thumbnails`: makes small versions of pictures, and keeps a bounded number of them
- `uploads`: receives a picture and stores it under a safe name
"""
