"""Small ICC profiles, made from nothing but numbers."""

from __future__ import annotations

import struct

import numpy as np


def profile_of(primaries, gamma=2.2) -> bytes:
    """An RGB profile with other primaries (x, y of red, green, blue), after the ICC specification, version 2.4."""

    def xyz(values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    def curve():
        return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"

    white = np.array([0.9642, 1.0, 0.8249])
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    columns = columns * np.linalg.solve(columns, white)
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(12 + 67)
    text += bytes(-len(text) % 4)
    bodies = [(b"desc", text), (b"cprt", b"text\0\0\0\0free\0\0\0\0"), (b"wtpt", xyz(white))]
    bodies += [(name, xyz(columns[:, at])) for at, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))]
    bodies += [(name, curve()) for name in (b"rTRC", b"gTRC", b"bTRC")]
    offset = 128 + 4 + 12 * len(bodies)
    table, data = struct.pack(">I", len(bodies)), b""
    for name, body in bodies:
        table += name + struct.pack(">II", offset + len(data), len(body))
        data += body
    head = struct.pack(
        ">I4sI4s4s4s12s4s", offset + len(data), b"\0\0\0\0", 0x02400000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp"
    )
    head += bytes(28) + struct.pack(">3i", *(round(value * 65536) for value in white))
    return (head + bytes(128 - len(head))) + table + data


P3_LIKE = profile_of([(0.72, 0.31), (0.27, 0.69), (0.15, 0.06)])
"""Wider than sRGB: what is (200, 40, 40) here is a stronger red there."""
