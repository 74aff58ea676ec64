"""The fault families, by name, and what brings each kind of fault about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaoskit.core.fault import Fault
from chaoskit.nemeses.clock import CLOCK
from chaoskit.nemeses.disk import DISK
from chaoskit.nemeses.kill import KILL
from chaoskit.nemeses.nemesis import Nemesis
from chaoskit.nemeses.packet import PACKET
from chaoskit.nemeses.partition import PARTITION
from chaoskit.nemeses.pause import PAUSE
from chaoskit.nemeses.toxic import TOXIC
from chaoskit.nemeses.wipe import WIPE
from chaoskit.sim.control import Control

NEMESES: dict[str, Nemesis[Any]] = {
    nemesis.name: nemesis for nemesis in (PARTITION, KILL, PAUSE, CLOCK, PACKET, DISK, WIPE, TOXIC)
}
INJECTORS: dict[str, Callable[[Control, Fault, list[str]], dict[str, Any]]] = {
    kind: nemesis.inject for nemesis in NEMESES.values() for kind in nemesis.kinds
}
