"""Request bodies, read within bounds: JSON, multipart, and the memory they may take.

Which bodies a route takes is declared in `server.http.routes`.

- `json_body`: reading what a request says
- `memory_limit`: room in memory for bodies that are being read
- `multipart`: a multipart body, part by part
"""
