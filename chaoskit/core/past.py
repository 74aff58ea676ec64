"""What can have led to something: its causal past, read off a journal from there back to the beginning.

An event is in the past of an instant at a host when it happened there before, or at another host before it sent a message
that arrived in the past. Everything else may be left out without the hosts noticing.

(Lamport: Time, Clocks, and the Ordering of Events in a Distributed System, 1978.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from chaoskit.core.journal import Journal


def invocations_in_past(journal: Journal, since: Mapping[str, int], *, upto: Iterable[str] = ()) -> list[int]:
    """History indices of the invocations in the causal past of several events, in order.

    `since` says for each host up to which instant (ns) its events count; `upto` are hosts whose every event counts.
    """
    hosts = dict(since)
    hosts.update(dict.fromkeys(upto, 1 << 62))
    known: set[str] = set()
    messages: set[int] = set()
    found: list[int] = []
    for _, entry in reversed(list(journal.entries())):
        time, kind, host = entry[0], entry[1], entry[2]
        if kind == "send" and entry[4] in messages:
            known.add(host)
        if host not in known:
            if time > hosts.get(host, -1):
                continue
            known.add(host)
        if kind == "deliver":
            messages.add(entry[4])
        elif kind == "invoke":
            found.append(entry[4])
    return found[::-1]
