"""The wire sweep: every fault at every byte of a recorded conversation, in virtual time.

    conversation.py  what is swept: a script, a handler, and what the protocol allows

Nothing here reads a real clock or draws: the same conversation gives the same sweep.
"""

from chaoskit.wire.sweep.conversation import Conversation, Exchange, refusals

__all__ = ["Conversation", "Exchange", "refusals"]
