"""While asyncio hosts live, the parts of Python that know of clocks, chance, threads and sockets ask which host runs first.

`time.time()` in a host is that host's clock; outside of every host it is what it always is. Names that other modules imported
before (`from time import monotonic`) are exchanged, too: each module is searched once a process, when hosts first live. What is
compiled and looks at the system itself is out of reach: `datetime.now`, numpy's global generator, OpenSSL's.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from asyncio import events
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import _bootstrap
from typing import Any

from chaoskit.hosts.escapes import NO_PROCESSES, ONE_THREAD, SLEEP, STREAMS, refuse
from chaoskit.hosts.loop import HostLoop
from chaoskit.hosts.sockets import HostSocket

Inside = Callable[..., Any]  # (loop, *arguments) → what a host gets
_running_loop = events._get_running_loop
SECOND = 1_000_000_000


@contextmanager
def hosts_live() -> Iterator[None]:
    """Between these, hosts see their own clocks, chance and sockets. May be nested."""
    _PATCHES.enter()
    try:
        yield
    finally:
        _PATCHES.leave()


class _Patches:
    """Every place where something was exchanged: (owner, name, original, substitute)."""

    def __init__(self) -> None:
        self.places: list[tuple[Any, str, Any, Any]] = []
        self._depth = 0
        self._searched: dict[str, None] = {__name__: None}
        self._by_original: dict[int, Any] = {}
        self._originals: list[Any] = []  # kept, so that their ids stay theirs

    def enter(self) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        if not self._by_original:
            self._prepare()
        if len(sys.modules) != len(self._searched):
            self._search()
        self._hooks = sys.get_asyncgen_hooks()
        for owner, name, _, substitute in self.places:
            setattr(owner, name, substitute)

    def leave(self) -> None:
        self._depth -= 1
        if not self._depth:
            HostLoop.hooked = None
            sys.set_asyncgen_hooks(*self._hooks)
            for owner, name, original, _ in self.places:
                setattr(owner, name, original)

    def _prepare(self) -> None:
        for owner, names in _FUNCTIONS.items():
            for name, inside in names.items():
                original = getattr(owner, name, None)
                if original is not None:
                    self._originals.append(original)
                    self._by_original[id(original)] = _substitute(original, inside)
        for owner, name, inside in _METHODS:
            original = getattr(owner, name)
            self.places.append((owner, name, original, _substitute(original, inside).__wrapped__))
        load = _bootstrap._find_and_load  # type: ignore[attr-defined]
        self.places.append((_bootstrap, "_find_and_load", load, _imported(load)))

    def _search(self) -> None:
        """Modules that were not searched yet, for any name that is one of the originals."""
        for name, module in list(sys.modules.items()):
            if name in self._searched:
                continue
            self._searched[name] = None
            for key, value in list(getattr(module, "__dict__", {}).items()):
                substitute = self._by_original.get(id(value))
                if substitute is not None:
                    self.places.append((module, key, value, substitute))


def _substitute(original: Any, inside: Inside) -> Any:
    """Does what `inside` says in a host, and what it always did outside. Static: a class may hold it."""

    def either(*arguments: Any, **options: Any) -> Any:
        loop = _running_loop()
        if type(loop) is not HostLoop:
            return original(*arguments, **options)
        return inside(loop, *arguments, **options)

    return staticmethod(either)


def _drawn(name: str) -> Inside:
    return lambda loop, *arguments, **options: getattr(loop.entropy.random, name)(*arguments, **options)


def _refused(what: str, cure: str) -> Inside:
    return lambda loop, *arguments, **options: refuse(what, loop.host.name, cure)


def _at(function: Callable[..., Any]) -> Inside:
    """A function of `time` that takes the current instant where none is given."""
    return lambda loop, seconds=None: function(loop.wall_ns() / SECOND if seconds is None else seconds)


def _seeded(loop: HostLoop, generator: random.Random, a: Any = None, version: int = 2) -> None:
    """`random.Random()` without a seed would ask the system for one."""
    generator.chaoskit_host = loop.process.place  # type: ignore[attr-defined]
    _SEED(generator, int.from_bytes(loop.entropy.urandom(32), "big") if a is None else a, version)


def _own(original: Callable[..., Any]) -> Inside:
    """A generator that was made outside, as a library's own, would go on from run to run: the host's stream stands in."""

    def draw(loop: HostLoop, generator: random.Random, *arguments: Any) -> Any:
        made_here = getattr(generator, "chaoskit_host", None) == loop.process.place
        return original(generator if made_here else loop.entropy.random, *arguments)

    return draw


def _socket_of(loop: HostLoop, cls: type, *arguments: Any, **options: Any) -> Any:
    return _NEW_SOCKET(HostSocket if cls is socket.socket else cls, *arguments, **options)


def _handled(loop: HostLoop, number: int, handler: Any) -> Any:
    """`signal.signal`."""
    before = loop.signals.get(int(number), signal.SIG_DFL)
    if callable(handler):
        loop.signals[int(number)] = lambda: handler(int(number), None)
    else:
        loop.signals.pop(int(number), None)
    return before


_SEED, _NEW_SOCKET = random.Random.seed, socket.socket.__new__
_localtime, _gmtime, _ctime, _strftime = time.localtime, time.gmtime, time.ctime, time.strftime
_FUNCTIONS: dict[Any, dict[str, Inside]] = {
    time: {
        "time": lambda loop: loop.wall_ns() / SECOND,
        "time_ns": lambda loop: loop.wall_ns(),
        "monotonic": lambda loop: loop.monotonic_ns() / SECOND,
        "monotonic_ns": lambda loop: loop.monotonic_ns(),
        "perf_counter": lambda loop: loop.monotonic_ns() / SECOND,
        "perf_counter_ns": lambda loop: loop.monotonic_ns(),
        "process_time": lambda loop: loop.monotonic_ns() / SECOND,
        "process_time_ns": lambda loop: loop.monotonic_ns(),
        "localtime": _at(_gmtime),  # hosts live in UTC
        "gmtime": _at(_gmtime),
        "ctime": lambda loop, seconds=None: time.asctime(_gmtime(loop.wall_ns() / SECOND if seconds is None else seconds)),
        "strftime": lambda loop, form, when=None: _strftime(form, _gmtime(loop.wall_ns() / SECOND) if when is None else when),
        "sleep": _refused("time.sleep", SLEEP),
    },
    os: {
        "urandom": lambda loop, size: loop.entropy.urandom(size),
        "getpid": lambda loop: 1000 + loop.host.number,
        "fork": _refused("os.fork", NO_PROCESSES),
        "system": _refused("os.system", NO_PROCESSES),
        "posix_spawn": _refused("os.posix_spawn", NO_PROCESSES),
    },
    random: {name: _drawn(name) for name, value in vars(random).items() if getattr(value, "__self__", None) is random._inst},
    uuid: {
        "uuid1": lambda loop, node=None, clock_seq=None: loop.entropy.uuid1(loop.wall_ns()),
        "getnode": lambda loop: loop.host.number,
    },
    socket: {
        "gethostname": lambda loop: loop.host.name,
        "getfqdn": lambda loop, name="": name or loop.host.name,
        "getaddrinfo": lambda loop, *arguments, flags=0, **options: loop.lookup(*arguments[:5], **options),
        "gethostbyname": lambda loop, name: loop.resolve(name),
        "create_connection": _refused("socket.create_connection", STREAMS),
        "socketpair": _refused("socket.socketpair", STREAMS),
    },
    signal: {
        "signal": _handled,
        "getsignal": lambda loop, number: loop.signals.get(int(number), signal.SIG_DFL),
        "raise_signal": lambda loop, number: loop.signal(int(number)),
    },
}


def _imported(find_and_load: Callable[..., Any]) -> Callable[..., Any]:
    """Modules are loaded outside of every host: what they do then is done once a process, not once a run."""

    def outside(*arguments: Any) -> Any:
        loop = _running_loop()
        if type(loop) is not HostLoop:
            return find_and_load(*arguments)
        events._set_running_loop(None)
        try:
            return find_and_load(*arguments)
        finally:
            events._set_running_loop(loop)

    return outside


_METHODS: list[tuple[Any, str, Inside]] = [
    (threading.Thread, "start", lambda loop, thread: refuse(f"Thread.start of {thread.name!r}", loop.host.name, ONE_THREAD)),
    (subprocess.Popen, "__init__", _refused("subprocess.Popen", NO_PROCESSES)),
    (random.Random, "seed", _seeded),
    (random.Random, "random", _own(random.Random.random)),
    (random.Random, "getrandbits", _own(random.Random.getrandbits)),
    (socket.socket, "__new__", _socket_of),
]
_PATCHES = _Patches()
