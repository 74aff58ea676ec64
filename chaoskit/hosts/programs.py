"""Programs written in asyncio, as nodes and clients of a model: `async def main(host)`.

    async def main(host: AsyncioHost) -> None:
        server = await asyncio.start_server(partial(serve, host), port=80)
        await server.serve_forever()

    kv = Model(name="kv", node=asyncio_node(main), clients={"register": KvClient}, ...)

A node's `main` is called at every boot; when it returns, the process has ended, and is started anew as after a crash. What
outlives it is `host.disk`. A client is a class with `async def invoke(self, op)`, on a loop of its own like every host.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from chaoskit.core.op import Op
from chaoskit.hosts.loop import HostLoop, new_loop
from chaoskit.hosts.patches import hosts_live
from chaoskit.model import Bug, Client, Disconnected, Message, Node, Refused, Request, Setting, TimedOut
from chaoskit.model.disk import Disk
from chaoskit.sim.host import Process
from chaoskit.sim.tasks import Promise

Main = Callable[["AsyncioHost"], Coroutine[Any, Any, Any]]
Receiver = Callable[[Request], Awaitable[None] | None]


class AsyncioHost:
    """What a `main` is given: who it is, its disk, and what it tells the run."""

    def __init__(self, process: Process, setting: Setting, loop: HostLoop) -> None:
        self.name = process.host.name
        self.boot = process.boot  # counts from 1 on each host
        self.setting = setting
        self.nodes = setting.nodes
        self.peers = tuple(node for node in setting.nodes if node != self.name)
        self.disk = Disk(process)
        self.loop = loop
        self.observed: dict[str, Any] = {}
        self.receiver: Receiver | None = None
        self._process = process

    @property
    def address(self) -> str:
        """Its IP address."""
        return self.loop.resolve(self.name)

    async def sync(self) -> None:
        """Waits until all that was written to the disk so far is durable."""
        self._process.sync()
        await self.loop.promised(self._process.synced())

    def observe(self, **facts: Any) -> None:
        """Tells what the program knows of itself: `role`, `state` …; small and JSON-like, for report, triggers, invariants."""
        self.observed = {**self.observed, **facts}

    def log(self, text: str) -> None:
        """A line for people; it changes no digest of behaviour."""
        self._process.log(text)

    def bug(self, bug: Bug) -> bool:
        """Whether a planted bug is on."""
        return bug.name in self.setting.bugs

    def unique(self) -> tuple[str, int, int]:
        """(host, boot, serial): never the same twice in a cluster."""
        return self._process.unique()

    # Messages, as actor nodes send them ------------------------------------------------------------------------------------

    def send(self, to: str, message: Message) -> None:
        """Sends a message to an actor node or another asyncio host."""
        self._process.send(to, message)

    async def call(self, to: str, message: Message, *, timeout: float | None = None) -> Any:  # noqa: ASYNC109  # as a Node's
        """Sends a message and waits for its answer. Raises `TimedOut` after so many seconds, when given."""
        limit = None if timeout is None else round(timeout * 1e9)
        return await self.loop.promised(self._process.call(to, message, limit))

    def on_message(self, receiver: Receiver) -> None:
        """Calls this for every message that is not an answer; when it is `async`, as a task of its own."""
        self.receiver = receiver


class AsyncioNode(Node):
    """A boot of a program; `asyncio_node` makes a class of it."""

    streams = True
    around = staticmethod(hosts_live)
    main: Main
    loop: HostLoop
    host: AsyncioHost
    result: Any = None  # what `main` returned
    on_end: Callable[[AsyncioNode, BaseException | None], None] | None = None  # told of its end first

    def start(self) -> None:
        self.loop = new_loop(self._process)
        self.host = AsyncioHost(self._process, self.setting, self.loop)
        self.loop.on_exit = self._ended
        self.loop.call_soon(self._begin)

    def receive(self, request: Request) -> None:
        self.loop.call_soon(self._receive, request)

    def observe(self) -> dict[str, Any]:
        return self.host.observed

    def _begin(self) -> None:
        self._task = self.loop.create_task(self.main(self.host), name="main")  # asyncio itself keeps no task alive
        self._task.add_done_callback(self._main_done)

    def _main_done(self, task: asyncio.Task[Any]) -> None:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            self.result = task.result()
        self._ended(error)

    def _receive(self, request: Request) -> None:
        if self.host.receiver is not None:
            waiting = self.host.receiver(request)
            if waiting is not None:
                self.loop.create_task(waiting)

    def _ended(self, error: BaseException | None) -> None:
        """The program is over: it returned, called `sys.exit` or failed."""
        world, process = self._process.world, self._process
        if self.on_end is not None:
            self.on_end(self, error)
        if isinstance(error, Exception):
            world.failed(process, error)
        elif process.alive:
            world.crash(process.host, "its program ended", power_loss=False)


class AsyncioClient(Client):
    """The base of clients written in asyncio: define `async def ask(self, op)`, which returns a completion of the op.

    What it lets through is judged by what had left the client: `TimeoutError`, `OSError` and `EOFError` are unknown outcomes once
    a byte was written for the operation, and refusals (`fail`) when none was. An answer that cannot be read says nothing of what
    the other end did: an unknown outcome as well, when `unreadable` names what it raises. Anything else is the client's mistake.
    One that opens no connections, and only sends messages to nodes, says `streams = False`: no toxics are planned for it then.
    """

    streams = True
    around = staticmethod(hosts_live)
    unreadable: tuple[type[Exception], ...] = ()

    def __init__(self, process: Process, setting: Setting, process_number: int) -> None:
        super().__init__(process, setting, process_number)
        self.loop = new_loop(process)
        self.host = AsyncioHost(process, setting, self.loop)
        self._asking: asyncio.Task[Op] | None = None

    async def ask(self, op: Op) -> Op:
        """Carries out an operation and returns `op.ok(value)`, `op.fail(error)` or `op.info(error)`."""
        raise NotImplementedError(f"{type(self).__name__} must define ask(op)")

    async def invoke(self, op: Op) -> Op:
        answer = Promise(f"{op.f} by asyncio")
        self.loop.call_soon(self._begin, op, answer)
        completion: Op = await answer
        return completion

    def _begin(self, op: Op, answer: Promise) -> None:
        if self._asking is not None and not self._asking.done():
            self._asking.cancel()  # nobody waits for what was asked before
        before = self.loop.written

        def done(task: asyncio.Task[Op]) -> None:
            if not task.cancelled():
                self.loop.outside(lambda: self._answer(answer, task, silent=self.loop.written == before))

        self._asking = self.loop.create_task(self.ask(op), name=f"{op.f} {op.index}")
        self._asking.add_done_callback(done)

    def _answer(self, answer: Promise, task: asyncio.Task[Op], *, silent: bool) -> None:
        error = task.exception()
        match error:
            case None:
                answer.resolve(task.result())
            case OSError() | EOFError() if silent:
                answer.fail(Refused(_told(error)))
            case TimeoutError():
                answer.fail(TimedOut(_told(error)))
            case OSError() | EOFError():
                answer.fail(Disconnected(_told(error)))
            case _ if isinstance(error, self.unreadable):
                answer.fail(Disconnected(f"an answer that cannot be read: {error}"))
            case _:
                answer.fail(error)


def asyncio_node(main: Main) -> type[AsyncioNode]:
    """The node class of a program, for a `Model`."""
    module = getattr(main, "__module__", __name__)
    name = getattr(main, "__name__", "main")
    return type(name, (AsyncioNode,), {"main": staticmethod(main), "__module__": module, "__doc__": main.__doc__})


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
