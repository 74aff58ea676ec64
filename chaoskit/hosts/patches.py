"""While asyncio hosts live, the parts of Python that know of clocks, chance, threads and sockets ask which host runs first.

`time.time()` in a host is that host's clock; outside of every host it is what it always is. Names that other modules imported
before (`from time import monotonic`) are exchanged, too: each module is searched once a process, when hosts live. What is
compiled and looks at the system itself is out of reach: numpy's global generator, OpenSSL's chance and its clock.
"""

from __future__ import annotations

import _posixsubprocess
import _thread
import logging
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from asyncio import events
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import _bootstrap
from typing import Any

from chaoskit.hosts import dates, in_line
from chaoskit.hosts.escapes import NO_PROCESSES, ONE_THREAD, SLEEP, STREAMS, refuse
from chaoskit.hosts.logs import LastResort
from chaoskit.hosts.loop import HOOKS, HostLoop
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
    """Every place where something is exchanged."""

    def __init__(self) -> None:
        self._depth = 0
        self._by_original: dict[int, Any] = {}
        self._originals: list[Any] = []  # kept, so that their ids stay theirs
        self._searched: dict[str, Any] = {__name__: sys.modules[__name__]}
        self._seen: list[Any] = []  # what was loaded at the last search
        self._modules: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = []  # (names, originals, substitutes)
        self._methods: list[tuple[Any, str, Any, Any]] = []  # (owner, name, original, substitute)

    def enter(self) -> None:
        self._depth += 1
        if self._depth > 1:
            return
        if not self._by_original:
            self._prepare()
        self.search()
        self._hooks = sys.get_asyncgen_hooks()
        for names, _, substitutes in self._modules:
            names.update(substitutes)
        for owner, name, _, substitute in self._methods:
            setattr(owner, name, substitute)

    def leave(self) -> None:
        self._depth -= 1
        if self._depth:
            return
        HOOKS.loop = None
        sys.set_asyncgen_hooks(*self._hooks)
        for names, originals, _ in self._modules:
            names.update(originals)
        for owner, name, original, _ in self._methods:
            setattr(owner, name, original)

    def search(self) -> None:
        """Modules that were not searched yet, for any name that is one of the originals, and for late members."""
        modules = list(sys.modules.values())
        if modules == self._seen:
            return
        self._seen = modules
        searched, late = self._searched, []
        for module_name, module in list(sys.modules.items()):
            if searched.get(module_name) is module:
                continue
            searched[module_name] = module
            names = getattr(module, "__dict__", {})
            originals = {name: value for name, value in list(names.items()) if id(value) in self._by_original}
            if originals:
                self._modules.append((names, originals, {name: self._by_original[id(it)] for name, it in originals.items()}))
            late += [_member(names[owner], name, inside) for owner, name, inside in _LATE_MEMBERS.get(module_name, ())]
        self._methods += late
        for owner, name, _, substitute in late if self._depth else ():
            setattr(owner, name, substitute)

    def _prepare(self) -> None:
        for owner, names in _FUNCTIONS.items():
            for name, inside in names.items():
                original = getattr(owner, name, None)
                if original is not None:
                    self._originals.append(original)
                    self._by_original[id(original)] = staticmethod(_either(original, inside))  # static: a class may hold it
        self._methods += [*(_member(*member) for member in _MEMBERS), *dates.places(_either)]
        load = _bootstrap._find_and_load  # type: ignore[attr-defined]
        self._methods.append((_bootstrap, "_find_and_load", load, _imported(load)))
        unconfigured = logging.lastResort
        if unconfigured is not None:
            self._methods.append((logging, "lastResort", unconfigured, LastResort(unconfigured, _host_loop)))


def _host_loop() -> HostLoop | None:
    """The loop of the host that runs, if one does."""
    loop = _running_loop()
    return loop if type(loop) is HostLoop else None


def _either(original: Callable[..., Any], inside: Inside) -> Callable[..., Any]:
    """Does what `inside` says in a host, and what it always did outside."""

    def either(*arguments: Any, **options: Any) -> Any:
        loop = _running_loop()
        if type(loop) is not HostLoop:
            return original(*arguments, **options)
        return inside(loop, *arguments, **options)

    return either


def _member(owner: type, name: str, inside: Inside) -> tuple[Any, str, Any, Any]:
    """A place in a class: a method, or a class method."""
    original = owner.__dict__.get(name, getattr(owner, name))
    if isinstance(original, classmethod):
        return owner, name, original, classmethod(_either(original.__func__, inside))
    return owner, name, original, _either(getattr(owner, name), inside)


def _drawn(name: str) -> Inside:
    return lambda loop, *arguments, **options: getattr(loop.entropy.random, name)(*arguments, **options)


def _refused(what: str, cure: str) -> Inside:
    return lambda loop, *arguments, **options: refuse(what, cure)


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


def _clock_ns(loop: HostLoop, clock: int) -> int:
    return loop.wall_ns() if clock == time.CLOCK_REALTIME else loop.monotonic_ns()


def _selected(loop: HostLoop, reading: Any, writing: Any, failing: Any, timeout: float | None = None) -> Any:
    """Looking whether a socket is ready is harmless; waiting for one is not."""
    if timeout != 0:
        refuse("select.select with a wait", STREAMS)
    return _SELECT(reading, writing, failing, 0)


_SELECT = select.select
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
        "thread_time": lambda loop: loop.monotonic_ns() / SECOND,
        "thread_time_ns": lambda loop: loop.monotonic_ns(),
        "clock_gettime": lambda loop, clock: _clock_ns(loop, clock) / SECOND,
        "clock_gettime_ns": _clock_ns,
        "localtime": _at(_gmtime),  # hosts live in UTC
        "gmtime": _at(_gmtime),
        "ctime": lambda loop, seconds=None: time.asctime(_gmtime(loop.wall_ns() / SECOND if seconds is None else seconds)),
        "strftime": lambda loop, form, when=None: _strftime(form, _gmtime(loop.wall_ns() / SECOND) if when is None else when),
        "sleep": _refused("time.sleep", SLEEP),
    },
    os: {
        "urandom": lambda loop, size: loop.entropy.urandom(size),
        "getrandom": lambda loop, size, flags=0: loop.entropy.urandom(size),
        "getpid": lambda loop: 1000 + loop.host.number,
        "fork": _refused("os.fork", NO_PROCESSES),
        "system": _refused("os.system", NO_PROCESSES),
        "posix_spawn": _refused("os.posix_spawn", NO_PROCESSES),
        "posix_spawnp": _refused("os.posix_spawnp", NO_PROCESSES),
        "forkpty": _refused("os.forkpty", NO_PROCESSES),
    },
    _posixsubprocess: {"fork_exec": _refused("a new process", NO_PROCESSES)},
    _thread: {
        "start_new_thread": _refused("_thread.start_new_thread", ONE_THREAD),
        "start_joinable_thread": _refused("_thread.start_joinable_thread", ONE_THREAD),
    },
    select: {"select": _selected},
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
            _PATCHES.search()
            events._set_running_loop(loop)

    return outside


_MEMBERS: list[tuple[type, str, Inside]] = [
    (threading.Thread, "start", lambda loop, thread: refuse(f"Thread.start of {thread.name!r}", ONE_THREAD)),
    (ThreadPoolExecutor, "submit", in_line.submit),
    (subprocess.Popen, "__init__", _refused("subprocess.Popen", NO_PROCESSES)),
    (random.Random, "seed", _seeded),
    (random.Random, "random", _own(random.Random.random)),
    (random.Random, "getrandbits", _own(random.Random.getrandbits)),
    (socket.socket, "__new__", _socket_of),
]
_LATE_MEMBERS: dict[str, list[tuple[str, str, Inside]]] = {  # of modules that may never be imported
    "anyio._backends._asyncio": [("AsyncIOBackend", "run_sync_in_worker_thread", in_line.run_sync)],
}
_PATCHES = _Patches()
