"""A replicated key-value store over HTTP, written in plain asyncio: atomic registers from majority quorums.

The protocol is ABD's (see `chaoskit.models.abd`); the program is one that could run on real machines: `asyncio.start_server`,
pooled connections, time-outs, awaited syncs. It is here to show how such a program is tested.
"""

from __future__ import annotations

from chaoskit.hosts import asyncio_node
from chaoskit.model import Model, Tolerates
from chaoskit.models.kv_http.bugs import BUGS
from chaoskit.models.kv_http.client import HttpClient
from chaoskit.models.kv_http.node import main

kv_http = Model(
    name="kv_http",
    summary="a replicated key-value store over HTTP, in plain asyncio",
    node=asyncio_node(main),
    clients={"register": HttpClient},
    bugs=BUGS,
    tolerates=Tolerates(down="minority", kill="all", power_loss="all", wipe="none"),
    workload_parameters={"register": {"cas": False}},
)
