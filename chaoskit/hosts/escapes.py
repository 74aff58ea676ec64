"""What would leave the simulated world, and what to do instead: refused by name, where it is asked for.

A thread, a real socket, another process, a real sleep: each would bring back something that no seed decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from chaoskit.core.errors import ModelError

ONE_THREAD = "there is one thread: await it, or call loop.run_in_executor, which runs it in line"
STREAMS = "use asyncio's streams or protocols (asyncio.open_connection, asyncio.start_server)"
NO_PROCESSES = "start it as a host of its own"
NO_PIPES = "hosts have no terminal and no pipes; write to host.log"
SLEEP = "await asyncio.sleep, which takes virtual time"

LOOP_METHODS = {
    STREAMS: (
        "sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into sock_sendall sock_sendto sock_accept sock_sendfile sendfile "
        "add_reader remove_reader add_writer remove_writer create_unix_connection create_unix_server connect_accepted_socket"
    ),
    NO_PROCESSES: "subprocess_shell subprocess_exec",
    NO_PIPES: "connect_read_pipe connect_write_pipe",
}


class EscapeError(ModelError):
    """Something would have left the world: says what, on which host, and what to do instead."""


def refuse(what: str, host: str, cure: str) -> NoReturn:
    raise EscapeError(f"{what} on host {host} would leave the simulated world; {cure}.")


def refusing_methods(loop: type, refusal: Callable[[str, str, str], NoReturn]) -> None:
    """Gives a loop class the methods of asyncio that it refuses."""
    for cure, names in LOOP_METHODS.items():
        for name in names.split():
            setattr(loop, name, _refusing(name, cure, refusal))
    loop.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]


def _refusing(name: str, cure: str, refusal: Callable[[str, str, str], NoReturn]) -> Callable[..., Any]:
    def method(self: Any, *arguments: Any, **options: Any) -> NoReturn:
        refusal(f"loop.{name}", self.host.name, cure)

    return method
