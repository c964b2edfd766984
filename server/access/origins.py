"""The Host headers that this server answers, and the origins whose pages may use it: exact texts, made at the start.

- The server's own names are 127.0.0.1, localhost, ::1 and the addresses that it listens on, each with its port and with
  `http` only, because it does not speak TLS.
- A name that the user allows covers the default ports of browsers (80 for `http`, 443 for `https`) and the server's
  port; a name with a port covers that port only. A proxy may add TLS, so both schemes are allowed.
- A server on all interfaces answers every IP address with its port, because it cannot know its own addresses. The
  origin must then equal the requested address: anyone can serve a page from an IP address of theirs.

Hosts and origins are checked independently: a proxy may send another Host than the one that the browser shows.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from server.settings import Settings

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_LEFT_OUT = {"http": 80, "https": 443}
_ADDRESS = re.compile(r"^(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<four>[0-9.]+))(?P<port>:[0-9]+)?$")
_NAME = re.compile(r"^(?P<name>\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:(?P<port>[0-9]{1,5}))?$")


class WrongNameError(ValueError):
    """This is not a host name that a browser could send; the message says what to write."""


def allowed_hosts(addresses: Iterable[str], port: int, extra: Iterable[str]) -> frozenset[str]:
    """Returns the Host headers to answer, in lower case."""
    found = {f"{name}:{port}" for name in _own(addresses)} | (set(_own(addresses)) if port == 80 else set())
    for name, at in map(read_name, extra):
        ports = (at,) if at else (80, 443, port)
        found |= {f"{name}:{one}" for one in ports}
        if not at or at in _LEFT_OUT.values():
            found.add(name)
    return frozenset(found)


def allowed_origins(addresses: Iterable[str], port: int, extra: Iterable[str]) -> frozenset[str]:
    """Returns the origins whose pages may change something, in lower case."""
    found = {_origin("http", name, port) for name in _own(addresses)}
    for name, at in map(read_name, extra):
        for scheme, usual in _LEFT_OUT.items():
            found |= {_origin(scheme, name, one) for one in ((at,) if at else (usual, port))}
    return frozenset(found)


def read_name(text: str) -> tuple[str, int | None]:
    """Parses the name and port of `--allow-host`. Raises `WrongNameError`."""
    name = text.strip().lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode()
        name = f"[{ipaddress.IPv6Address(name.strip('[]'))}]" if name.count(":") > 1 and "]:" not in name else name
    except ValueError:
        pass  # raised below
    match = _NAME.match(name)
    port = int(match["port"]) if match and match["port"] else None
    if match is None or (port is not None and not 0 < port < 65536):
        raise WrongNameError(
            f"{text!r} is not a host name. Give what stands in the browser's address between '//' and the next '/': "
            "--allow-host box.example, or --allow-host box.example:8443."
        )
    return match["name"], port


def is_our_host(host: str, settings: Settings) -> bool:
    """Whether a Host header (name or address, and port) is one that this server answers."""
    host = host.lower()
    return host in settings.allowed_hosts or _is_our_address(host, settings)


def is_our_origin(origin: str, host: str, settings: Settings) -> bool:
    """Whether an Origin header is that of our page; `host` is the Host header of the request."""
    origin = origin.lower()
    return origin in settings.allowed_origins or (
        origin == f"http://{host.lower()}" and _is_our_address(host.lower(), settings)
    )


def how_to_allow(host: str) -> str:
    """Returns the flag that allows a Host header; empty if it is not a host name."""
    try:
        read_name(host)
    except WrongNameError:
        return ""
    return f"--allow-host {host}"


def _own(addresses: Iterable[str]) -> list[str]:
    found = list(_LOOPBACK)
    for address in addresses:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            found.append(address.lower())
            continue
        if not ip.is_unspecified:
            found.append(f"[{ip}]" if ip.version == 6 else str(ip))
    return found


def _origin(scheme: str, name: str, port: int) -> str:
    return f"{scheme}://{name}" if port == _LEFT_OUT[scheme] else f"{scheme}://{name}:{port}"


def _is_our_address(host: str, settings: Settings) -> bool:
    """Whether it is an IP address with our port, and the server listens on all interfaces."""
    if not settings.any_address or (match := _ADDRESS.match(host)) is None:
        return False
    try:
        ipaddress.ip_address(match["six"] or match["four"])
    except ValueError:
        return False
    return (match["port"] or ":80") == f":{settings.port}"
