"""Reads request bodies and queries within limits: JSON, multipart, and the memory for them.

Which bodies a route takes is declared in `server.http.routes`.

- `body_shape`: reads a body into the shape that the route declares
- `json_body`: parses and checks JSON bodies of bounded size and depth
- `memory_limit`: limits the memory for bodies that are being read
- `multipart`: reads a multipart body part by part
- `query`: reads the parameters of an address into the shape that the route declares
"""
