"""The answers to requests, one topic a file; each ends with its routes. What they do is in the rooms of `server`."""
