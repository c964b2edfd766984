"""The names that this server answers to, and the origins whose pages may use it: exact texts, made once at the start.

- A server has its own names: 127.0.0.1, localhost, ::1 and the addresses that it listens on, each with its port and
  with `http` only, for it speaks nothing else.
- A name that the user allows stands for the ports that browsers leave out (80 of `http`, 443 of `https`) and for the
  server's own; a name with a port for that port alone. A proxy may add TLS, so both schemes are allowed.
- A server on all interfaces answers to every IP address with its port, since it cannot know its own. The origin must
  then be the very address that was asked for: anyone can put a page at an IP address of theirs.

Hosts and origins are checked each on its own: a proxy may hand on another Host than the browser shows.
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
    """This is no name that a browser could come by; the message says what to write."""


def allowed_hosts(addresses: Iterable[str], port: int, extra: Iterable[str]) -> frozenset[str]:
    """The Host headers to answer, in lower case."""
    found = {f"{name}:{port}" for name in _own(addresses)} | (set(_own(addresses)) if port == 80 else set())
    for name, at in map(read_name, extra):
        ports = (at,) if at else (80, 443, port)
        found |= {f"{name}:{one}" for one in ports}
        if not at or at in _LEFT_OUT.values():
            found.add(name)
    return frozenset(found)


def allowed_origins(addresses: Iterable[str], port: int, extra: Iterable[str]) -> frozenset[str]:
    """The origins of pages that may change something, in lower case."""
    found = {_origin("http", name, port) for name in _own(addresses)}
    for name, at in map(read_name, extra):
        for scheme, usual in _LEFT_OUT.items():
            found |= {_origin(scheme, name, one) for one in ((at,) if at else (usual, port))}
    return frozenset(found)


def read_name(text: str) -> tuple[str, int | None]:
    """A name and its port, as `--allow-host` takes them. Raises `WrongNameError`."""
    name = text.strip().lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode()
        name = f"[{ipaddress.IPv6Address(name.strip('[]'))}]" if name.count(":") > 1 and "]:" not in name else name
    except ValueError:
        pass  # told below
    match = _NAME.match(name)
    port = int(match["port"]) if match and match["port"] else None
    if match is None or (port is not None and not 0 < port < 65536):
        raise WrongNameError(
            f"{text!r} is not a host name. Give what stands in the browser's address between '//' and the next '/': "
            "--allow-host box.example, or --allow-host box.example:8443."
        )
    return match["name"], port


def is_our_host(host: str, settings: Settings) -> bool:
    """Whether a Host header (name or address, and port) is one that we answer to."""
    host = host.lower()
    return host in settings.allowed_hosts or _is_our_address(host, settings)


def is_our_origin(origin: str, host: str, settings: Settings) -> bool:
    """Whether an Origin header is that of our page; `host` is what the request was sent to."""
    origin = origin.lower()
    return origin in settings.allowed_origins or (
        origin == f"http://{host.lower()}" and _is_our_address(host.lower(), settings)
    )


def how_to_allow(host: str) -> str:
    """The flag that lets this server answer to a Host header; nothing where that is no name."""
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
    """Whether it is an IP address with our port, and we listen on all of them."""
    if not settings.any_address or (match := _ADDRESS.match(host)) is None:
        return False
    try:
        ipaddress.ip_address(match["six"] or match["four"])
    except ValueError:
        return False
    return (match["port"] or ":80") == f":{settings.port}"
