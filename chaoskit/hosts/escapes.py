"""What would leave the simulated world, and what to do instead: refused by name, where it is asked for.

A thread, a real socket, another process, a real sleep: each would bring back something that no seed decides.
"""

from __future__ import annotations

from asyncio import events
from typing import Any, NoReturn

from chaoskit.sim.loops import EscapeError

ONE_THREAD = "there is one thread: await it, or call loop.run_in_executor, which runs it in line"
STREAMS = "use asyncio's streams or protocols (asyncio.open_connection, asyncio.start_server)"
NO_PROCESSES = "start it as a host of its own"
NO_PIPES = "hosts have no terminal and no pipes; write to host.log"
SLEEP = "await asyncio.sleep, which takes virtual time"

_running_loop = events._get_running_loop

LOOP_METHODS = {
    STREAMS: (
        "sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into sock_sendall sock_sendto sock_accept sock_sendfile sendfile "
        "add_reader remove_reader add_writer remove_writer create_unix_connection create_unix_server connect_accepted_socket"
    ),
    NO_PROCESSES: "subprocess_shell subprocess_exec",
    NO_PIPES: "connect_read_pipe connect_write_pipe",
}


def refuse(what: str, cure: str) -> NoReturn:
    """Raises `EscapeError`. The run is over even if the program swallows it: from here on it would not be what it seems."""
    loop: Any = _running_loop()
    error = loop.broken = EscapeError(f"{what} on host {loop.host.name} would leave the simulated world; {cure}.")
    raise error
