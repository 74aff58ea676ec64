"""What a protocol is written against. `from chaoskit.model import Model, Node, Client, Message …` is all that a model needs."""

from chaoskit.core.errors import ModelError
from chaoskit.core.op import Op
from chaoskit.core.parameters import Parameter
from chaoskit.core.units import MICROSECOND, MILLISECOND, SECOND
from chaoskit.model.disk import Disk, RecordLog, Table
from chaoskit.model.model import Bug, Invariant, Model, Role
from chaoskit.model.node import Client, Handler, Message, Node, Setting, replace
from chaoskit.sim.cast import Breach, View, Watch
from chaoskit.sim.claim import Tolerates
from chaoskit.sim.disks import DiskError
from chaoskit.sim.failures import Disconnected, Refused, TimedOut
from chaoskit.sim.host import Request
from chaoskit.sim.tasks import Promise

__all__ = [
    "MICROSECOND",
    "MILLISECOND",
    "SECOND",
    "Breach",
    "Bug",
    "Client",
    "Disconnected",
    "Disk",
    "DiskError",
    "Handler",
    "Invariant",
    "Message",
    "Model",
    "ModelError",
    "Node",
    "Op",
    "Parameter",
    "Promise",
    "RecordLog",
    "Refused",
    "Request",
    "Role",
    "Setting",
    "Table",
    "TimedOut",
    "Tolerates",
    "View",
    "Watch",
    "replace",
]
