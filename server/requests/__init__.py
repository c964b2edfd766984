"""Request bodies, read within bounds: JSON, multipart, and the memory they may take.

Which bodies a route takes is declared in `server.http.routes`.
"""
