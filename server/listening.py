"""Where the server listens: sockets on this machine's own addresses, or on another only with a token that was chosen.

127.0.0.1 brings ::1 along, because browsers try it for `localhost`.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket

_BACKLOG = 128
_ATTEMPTS = 20


class CannotListenError(RuntimeError):
    """The server cannot listen there; the message says what to do."""


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def open_sockets(address: str, port: int) -> list[socket.socket]:
    """Listening sockets; port 0 takes a free one, the same on all. Raises `CannotListenError`."""
    if address not in ("127.0.0.1", "localhost"):
        return [_open(address, port)]
    for _ in range(_ATTEMPTS):
        first = _open("127.0.0.1", port)
        try:
            second = _open("::1", first.getsockname()[1])
        except CannotListenError as error:
            if port == 0 and isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
                first.close()
                continue
            return [first]  # no IPv6 here, or someone else has the port there
        return [first, second]
    raise CannotListenError("No free port was found.")


def allowed_hosts(address: str, port: int, extra: list[str]) -> frozenset[str]:
    """The Host headers to answer: this machine's names, the address itself, and what the user allows."""
    names = ["127.0.0.1", "localhost", "[::1]"]
    with contextlib.suppress(ValueError):
        ip = ipaddress.ip_address(address)
        if not ip.is_unspecified:
            names.append(f"[{ip}]" if ip.version == 6 else str(ip))
    found = {f"{name}:{port}" for name in names} | ({*names} if port == 80 else set())
    for host in extra:
        found |= {host.lower(), f"{host.lower()}:{port}"}
    return frozenset(found)


def _open(address: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotListenError(
            f"There is no address {address!r} to listen on; use --listen with an IP address."
        ) from error
    opened = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(place)
        opened.listen(_BACKLOG)
    except OSError as error:
        opened.close()
        raise CannotListenError(_explain(error, address, port)) from error
    return opened


def _explain(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use, perhaps by another Jacquard. Choose another with --port; 0 takes a free one."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user. Choose one above 1024 with --port."
    return f"The server cannot listen on {address}, port {port}: {error.strerror}."
