"""Opens the sockets on which the server listens.

With 127.0.0.1 the server also listens on ::1 if there is IPv6, because browsers try it for `localhost`. All sockets
have the same port.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
from collections.abc import Iterable, Sequence

_BACKLOG = 128
_ATTEMPTS = 20
_ANY = {"0.0.0.0": 4, "::": 6}  # noqa: S104 - the user asks for it
_FROM_HERE = {"localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - the address to connect to from this machine


class CannotListenError(RuntimeError):
    """The server cannot listen there; the message says what to do."""


def read_addresses(given: Iterable[str]) -> list[str]:
    """Parses the addresses of `--listen`, separated by commas; each once. Raises `CannotListenError`."""
    found: list[str] = []
    for text in given:
        for part in text.split(","):
            address = part.strip().lower()
            address = address[1:-1] if address.startswith("[") and address.endswith("]") else address
            if not address:
                raise CannotListenError(
                    f"{text!r} names no address to listen on; give one, or several with commas: --listen 127.0.0.1,::1."
                )
            if address not in found:
                found.append(address)
    covered = {_ANY[address] for address in found if address in _ANY}
    return [address for address in found if address in _ANY or _version(address) not in covered]


def read_port(text: str) -> int:
    """Parses the port of `--port`. Raises `CannotListenError`."""
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise CannotListenError(
            f"--port takes a whole number from 1 to 65535, or 0 for any free port, and not {text!r}."
        )
    return int(text)


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def open_sockets(addresses: Sequence[str], port: int) -> list[socket.socket]:
    """Opens listening sockets; port 0 means a free one, the same for all. Raises `CannotListenError`."""
    for attempt in range(_ATTEMPTS):
        try:
            return _open_all(addresses, port)
        except CannotListenError as error:
            cause = error.__cause__
            in_use = isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE
            if port != 0 or not in_use or attempt == _ATTEMPTS - 1:
                raise
    raise CannotListenError("No free port was found.")


def reachable(addresses: Sequence[str]) -> str:
    """Returns the host by which this machine reaches the server, as it is written in a URL."""
    here = next((address for address in addresses if is_loopback(address) or address in _ANY), addresses[0])
    shown = _FROM_HERE.get(here, here)
    return f"[{shown}]" if ":" in shown else shown


def answers_any_address(sockets: Iterable[socket.socket]) -> bool:
    """Whether some socket listens on all interfaces."""
    return any(ipaddress.ip_address(one.getsockname()[0].split("%")[0]).is_unspecified for one in sockets)


def _open_all(addresses: Sequence[str], port: int) -> list[socket.socket]:
    opened: list[socket.socket] = []
    try:
        for address in addresses:
            opened.append(_open(address, opened[0].getsockname()[1] if opened else port))
        if any(address in ("127.0.0.1", "localhost") for address in addresses) and not {"::", "::1"} & {*addresses}:
            try:
                opened.append(_open("::1", opened[0].getsockname()[1]))
            except CannotListenError as error:  # IPv6 may be missing; but no other program may have half of `localhost`
                if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
                    raise
    except CannotListenError:
        for one in opened:
            with contextlib.suppress(OSError):
                one.close()
        raise
    return opened


def _version(address: str) -> int:
    if address == "localhost":
        return 4
    try:
        return ipaddress.ip_address(address).version
    except ValueError:
        return 0


def _open(address: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            _FROM_HERE["localhost"] if address == "localhost" else address, port, type=socket.SOCK_STREAM
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise CannotListenError(
            f"There is no address {address!r} to listen on; use --listen with an IP address of this machine."
        ) from error
    opened = None
    try:
        opened = socket.socket(family, kind, protocol)
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(place)
        opened.listen(_BACKLOG)
    except OSError as error:
        if opened is not None:
            opened.close()
        raise CannotListenError(_explain(error, address, port)) from error
    return opened


def _explain(error: OSError, address: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use on {address}, perhaps by another Jacquard. "
            "Choose another with --port; 0 takes a free one."
        )
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user. Choose one above 1024 with --port."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"This machine has no address {address}; use --listen with one that it has."
    return f"The server cannot listen on {address}, port {port}: {error.strerror}."
