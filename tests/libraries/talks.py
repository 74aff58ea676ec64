"""Talks between unmodified programs of a library, on hosts of the world: what was said, and the digest of the run.

A talk is a function of a seed. Its name and the first line of its docstring are in the support table of
docs/reference/asyncio-support.md; every talk is held to equal digests in other processes.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from chaoskit.hosts import Universe
from chaoskit.sim.control import Control

CERTIFICATE = Path(__file__).parents[1] / "unit" / "hosts" / "certificate.pem"  # RSA, for the name `server`

Fault = Callable[[Control], None]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a talk left: what the client's program returned, and what of the run is the same in every process."""

    said: Any
    digest: str
    failures: list[str]
    logs: list[str]
    types: dict[str, int] = field(default_factory=dict)  # packets by type


Talk = Callable[[int], Told]


@dataclass(frozen=True, kw_only=True)
class Library:
    """A row of the support table: the packages that took part, what of them was used, and the talks."""

    name: str
    packages: tuple[str, ...]
    used: str
    talks: tuple[Talk, ...]


def played(programs: Mapping[str, Any], *, seed: int, faults: Sequence[tuple[float, Fault]] = (), **weather: Any) -> Told:
    """Plays programs with faults at instants (s) until the one of the host `client` has ended."""
    with Universe(programs, seed=seed, **weather) as universe:
        for instant, fault in faults:
            universe.run(instant)
            fault(universe.control)
        said = universe.run("client")
        types: dict[str, int] = {}
        for event in universe.events("send"):
            types[event.data["type"]] = types.get(event.data["type"], 0) + 1
        return Told(said=said, digest=universe.digest(), failures=universe.failures, logs=universe.logs(), types=types)


def cut(control: Control) -> None:
    """Nothing passes between client and server any more."""
    control.cut("cut", "client", "server")
    control.cut("cut", "server", "client")


def heal_cut(control: Control) -> None:
    control.heal("cut")


def kill(control: Control) -> None:
    """The server's process ends; its machine goes on."""
    control.kill("kill", "server")


def lose_power(control: Control) -> None:
    """The server's machine is dark."""
    control.kill("power", "server", power_loss=True)


def restore_power(control: Control) -> None:
    control.heal("power")


@cache
def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@cache
def client_tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(CERTIFICATE))
