"""What a Raft node keeps on disk: term and vote, the log, and the snapshot that stands for the log's beginning.

Indices count from 1. The log holds entries `base + 1 … last`; what is up to `base` is in the snapshot. The snapshot is replaced
before the log is cut, and entries know their index, so that a crash between the two leaves an overlap and never a hole.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from chaoskit.model import Disk
from chaoskit.models.raft.messages import CONFIG, Entry, Meta, Snapshot

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


class Storage:
    """The durable half of a node. Changes need `sync()` to be durable; what is sent after that leaves when they are."""

    def __init__(self, disk: Disk, members: tuple[str, ...]) -> None:
        self._disk = disk
        self._meta = disk.log("meta", Meta)
        self._snapshots = disk.log("snapshot", Snapshot)
        self._entries = disk.log("log", Entry)
        self._founders = members
        self.meta = self._meta[-1] if len(self._meta) else Meta()
        self.snapshot = self._snapshots[-1] if len(self._snapshots) else Snapshot(members=members)
        kept = [entry for entry in self._entries if entry.index > self.snapshot.index]
        if len(kept) < len(self._entries):
            self._entries.rewrite(kept)
        self._digests: list[int] = []
        for entry in self._entries:
            self._digests.append(_chain(self._digests[-1] if self._digests else self.snapshot.digest, entry))
        self.base = self.snapshot.index
        self.last = self.base + len(self._entries)  # the index of the last entry
        self.changes = 0  # counts changes of the log

    @property
    def last_term(self) -> int:
        return self._entries[-1].term if len(self._entries) else self.snapshot.term

    def entry(self, index: int) -> Entry:
        """An entry after the base."""
        return self._entries[index - self.base - 1]

    def term_at(self, index: int) -> int:
        """The term of the entry at an index from the base on."""
        return self.snapshot.term if index == self.base else self.entry(index).term

    def digest_at(self, index: int) -> int:
        """A hash over all entries up to an index from the base on."""
        return self.snapshot.digest if index <= self.base else self._digests[index - self.base - 1]

    def conflict_from(self, previous: int) -> int:
        """From where a leader should send again whose entry at `previous` is not here: past the end, or its whole term back."""
        if previous > self.last:
            return self.last + 1
        index, term = previous, self.term_at(previous)
        while index > self.base + 1 and self.term_at(index - 1) == term:
            index -= 1
        return index

    def after(self, index: int, most: int) -> tuple[Entry, ...]:
        """Up to `most` entries that follow an index from the base on."""
        start = index - self.base
        return self._entries.part(start, start + most)

    def members(self) -> tuple[str, ...]:
        """The newest configuration in the log, committed or not: a node uses it as soon as it holds it."""
        return self.last_config()[1]

    def last_config(self) -> tuple[int, tuple[str, ...]]:
        """(index, members) of the newest configuration."""
        for entry in reversed(self._entries.part(0)):
            if entry.kind == CONFIG:
                return entry.index, entry.members
        return self.base, self.snapshot.members or self._founders

    def save_meta(self, meta: Meta, *, durable: Meta) -> None:
        """Keeps term and vote: `meta` in memory, `durable` on disk (they differ only under a planted bug)."""
        self.meta = meta
        if len(self._meta) > 32:
            self._meta.rewrite([durable])
        else:
            self._meta.append(durable)

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._digests.append(_chain(self._digests[-1] if self._digests else self.snapshot.digest, entry))
        self.last += 1
        self.changes += 1

    def truncate(self, last: int) -> None:
        """Keeps entries up to `last`."""
        count = min(max(0, last - self.base), len(self._entries))
        self._entries.truncate(count)
        del self._digests[count:]
        self.last = self.base + count
        self.changes += 1

    def hold(self, entries: tuple[Entry, ...]) -> bool:
        """Makes the log hold these. Those that match are left alone: they may come from an old message. Whether it changed."""
        changed = False
        for entry in entries:
            if entry.index <= self.last:
                if self.term_at(entry.index) == entry.term:
                    continue
                self.truncate(entry.index - 1)
            self.append(entry)
            changed = True
        return changed

    def compact(self, index: int, *, data: dict[str, Any], sessions: dict[str, tuple[int, Any]]) -> None:
        """Puts a snapshot of the machine in the place of the entries up to the one applied last, and keeps those after it."""
        kept = [entry for entry in self._entries if entry.index > index]
        configs = [entry.members for entry in self.after(self.base, index - self.base) if entry.kind == CONFIG]
        snapshot = Snapshot(
            index=index,
            term=self.term_at(index),
            digest=self.digest_at(index),
            members=configs[-1] if configs else self.snapshot.members,
            data=data,
            sessions=sessions,
        )
        digests = self._digests[len(self._digests) - len(kept) :] if kept else []
        self._replace(snapshot, kept)
        self._digests = digests

    def install(self, snapshot: Snapshot) -> None:
        """Puts a snapshot in the place of the whole log."""
        self._replace(snapshot, [])
        self._digests = []

    def sync(self) -> None:
        self._disk.sync()

    def _replace(self, snapshot: Snapshot, kept: list[Entry]) -> None:
        self._snapshots.rewrite([snapshot])
        self.snapshot = snapshot
        self._entries.rewrite(kept)
        self.base = snapshot.index
        self.last = snapshot.index + len(kept)
        self.changes += 1


def _chain(before: int, entry: Entry) -> int:
    return zlib.crc32(_ENCODER.encode(entry), before)
