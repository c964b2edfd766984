"""The answers to requests, one topic a file; each ends with its routes.

What the answers do is in the wings below.
"""
