"""The wire sweep: every fault at every byte of a recorded conversation, in virtual time.

    conversation.py  what is swept: a script, a handler, and what the protocol allows
    recording.py     a script made by holding a conversation
    faults.py        what can happen, and at which bytes: the cells
    connection.py    a client, a fault and the handler's streams
    trial.py         one cell: what was seen of the handler
    outcome.py       what that came to
    sweep.py         all cells

Nothing here reads a real clock or draws: the same conversation gives the same sweep.
"""

from chaoskit.wire.sweep.conversation import Conversation, Exchange
from chaoskit.wire.sweep.faults import Fault, FaultKind, Side, fault_named
from chaoskit.wire.sweep.outcome import Found
from chaoskit.wire.sweep.recording import record
from chaoskit.wire.sweep.sweep import Trials, sweep
from chaoskit.wire.sweep.trial import Observation

__all__ = [
    "Conversation",
    "Exchange",
    "Fault",
    "FaultKind",
    "Found",
    "Observation",
    "Side",
    "Trials",
    "fault_named",
    "record",
    "sweep",
]
