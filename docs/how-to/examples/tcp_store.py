"""A store of registers in plain asyncio, with a mistake: it answers a write before that is on its disk."""

from __future__ import annotations

import asyncio
import json

from chaoskit.hosts import AsyncioClient, AsyncioHost, asyncio_node
from chaoskit.model import Model, Op, Tolerates

PORT = 4000


async def main(host: AsyncioHost) -> None:
    """The program: what a real machine would run, with the host's disk for files."""
    cells: dict[str, object] = {}
    for line in host.disk.read("log").splitlines(keepends=True):
        if line.endswith(b"\n"):  # what a power loss tore in two was never answered
            cells.update(json.loads(line))
        else:
            host.disk.truncate("log", host.disk.size("log") - len(line))

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                command, key, *value = json.loads(line)
                if command == "write":
                    host.disk.append("log", json.dumps({key: value[0]}).encode() + b"\n")
                    cells[key] = value[0]
                writer.write(json.dumps(cells.get(key)).encode() + b"\n")
                await writer.drain()
        except OSError:
            pass  # the client is gone, or the disk refuses
        finally:
            writer.close()

    server = await asyncio.start_server(converse, port=PORT)
    await server.serve_forever()


class TcpClient(AsyncioClient):
    async def ask(self, op: Op) -> Op:
        reader, writer = await asyncio.open_connection(self.node, PORT)
        try:
            command = [op.f, op.key] if op.f == "read" else [op.f, op.key, op.value]
            writer.write(json.dumps(command).encode() + b"\n")
            answer = await reader.readline()
            if not answer.endswith(b"\n"):
                raise EOFError("the store broke off")
            return op.ok(json.loads(answer))
        finally:
            writer.close()


tcp_store = Model(
    name="tcp_store",
    node=asyncio_node(main),
    clients={"register": TcpClient},
    nodes=(1,),
    sizes=(1, 1),
    tolerates=Tolerates(down="none"),
    workload_parameters={"register": {"cas": False}},
)
