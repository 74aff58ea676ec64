"""A Raft node: elections, replication, reads and client requests (Ongaro, Ousterhout 2014; Ongaro's thesis 2014).

Rules that the correct protocol keeps, each of which a planted bug breaks:
- Term, vote and entries are on disk before anything that rests on them is said: what is sent after a `sync` leaves when it is
  done.
- A leader commits only entries of its own term by counting, and earlier ones with them.
- A read is answered once a majority has confirmed, after the read came, that the leader still leads, and an entry of its term
  is committed.
- Every command has a session and a serial, so that the retries of gateways and clients apply once.
"""

from __future__ import annotations

from typing import Any

from chaoskit.model import MILLISECOND, Handler, Message, Promise, Request
from chaoskit.models.raft import bugs
from chaoskit.models.raft.gateway import CANDIDATE, FOLLOWER, LEADER, Deposed, Gateway
from chaoskit.models.raft.machine import Machine
from chaoskit.models.raft.messages import (
    COMMAND,
    CONFIG,
    Append,
    Appended,
    Ask,
    AskVote,
    Entry,
    Forward,
    Install,
    Meta,
    Snapshot,
    Vote,
)
from chaoskit.models.raft.storage import Storage

HEARTBEAT = 75 * MILLISECOND
ELECTION_MIN, ELECTION_MAX = 3 * HEARTBEAT, 6 * HEARTBEAT
RECONFIGURE = 700 * MILLISECOND  # how often a leader changes the membership, when it does


class Raft(Gateway):
    """One node. Indices count from 1; `match[p]` is the last index that p is known to hold."""

    def start(self) -> None:
        self.store = Storage(self.disk, self.nodes)
        self.store.sync()  # a killed process may have left what is not on disk yet: nothing is said of it before
        self.machine = Machine(once=not self.bug(bugs.NO_SESSIONS))
        self.machine.restore(self.store.snapshot)
        self.members = self.store.members()
        self.commit = self.applied = self.store.base
        self.role = FOLLOWER
        self.leader = ""
        self.heard = -ELECTION_MAX  # local time at which a leader was heard last
        self.votes: set[str] = set()
        self.next: dict[str, int] = {}
        self.match: dict[str, int] = {}
        self.round = 0  # of appends; reads wait for a later one to be confirmed
        self.busy: dict[str, int] = {}  # follower → the round it was sent last, until it answers that
        self.confirmed: dict[str, int] = {}
        self.answered: dict[str, int] = {}  # local time at which each follower answered last
        self.sent: dict[str, int] = {}  # and at which it was sent something last
        self.term_start = 0  # index of this leader's no-op
        self.observed: dict[str, Any] = {}
        self.observed_state: tuple[Any, ...] = ()
        self.patience = 0  # how long it waits for a leader before it asks for votes
        self.proposals: dict[int, tuple[int, list[Promise]]] = {}  # index → (term, the results to come)
        self.proposed: dict[tuple[str, int], int] = {}  # (session, serial) → index, of what it proposed and has not applied
        self.reads: list[tuple[int, int, Ask, Promise]] = []  # (round, index, ask, the result to come)
        self._draw_patience()

    def observe(self) -> dict[str, Any]:
        store = self.store
        state = (self.role, store.meta, self.commit, store.changes)
        if state != self.observed_state:  # asked for after every event: most change nothing
            self.observed_state = state
            self.observed = {
                "role": self.role,
                "term": store.meta.term,
                "commit": self.commit,
                "log_length": store.last,
                "state": store.digest_at(min(self.commit, store.last)),
                "boot": self.boot,
            }
        return self.observed

    def receive(self, request: Request) -> Handler:
        body = request.body
        match body:
            case Append():
                self.on_append(request, body)
            case Appended():
                self.on_appended(request.sender, body)
            case Ask():
                return self.serve(request, body)
            case Forward(ask):
                return self.serve_forwarded(request, ask)
            case AskVote():
                self.on_ask_vote(request, body)
            case Vote():
                self.on_vote(request.sender, body)
            case Install():
                self.on_install(request, body)
        return None

    # Terms and votes -----------------------------------------------------------------------------------------------------------

    @property
    def term(self) -> int:
        return self.store.meta.term

    def remember(self, term: int, vote: str) -> None:
        """Moves to a term and vote, on disk before anything else is said."""
        saved_term = 0 if self.bug(bugs.FORGET_TERM) else term
        saved_vote = "" if self.bug(bugs.FORGET_VOTE) or self.bug(bugs.FORGET_TERM) else vote
        self.store.save_meta(Meta(term, vote), durable=Meta(saved_term, saved_vote))
        self.store.sync()

    @property
    def quorum_size(self) -> int:
        """How many members make a majority."""
        size = len(self.members)
        return (size + 1) // 2 if self.bug(bugs.EVEN_MAJORITY) else size // 2 + 1

    def election_due(self) -> None:
        """No leader was heard for long: ask for votes, or first whether it is worth it."""
        self._draw_patience()
        if self.role == LEADER or self.name not in self.members:
            return
        self.leader = ""
        if self.setting.parameters["pre_vote"]:
            self.role = FOLLOWER  # an election that it lost is over
            self.votes = {self.name}
            self._ask_votes(self.term + 1, trial=True)
        else:
            self.campaign()

    def campaign(self) -> None:
        self.role = CANDIDATE
        self.votes = {self.name}
        self.remember(self.term + 1, self.name)
        self._ask_votes(self.term, trial=False)

    def _ask_votes(self, term: int, *, trial: bool) -> None:
        self.broadcast_to_members(AskVote(term, self.store.last, self.store.last_term, trial))
        if len(self.votes) >= self.quorum_size:
            self.campaign() if trial else self.set_timer(self.durable_alone, 0)

    def on_ask_vote(self, request: Request, ask: AskVote) -> None:
        if self._hears_a_leader():
            return  # a leader that is well is not to be disturbed by who cannot hear it
        if ask.trial:
            granted = ask.term > self.term and self._up_to_date(ask)
            request.reply(Vote(ask.term if granted else self.term, granted, trial=True))
            return
        if ask.term > self.term:
            self.step_down(ask.term)
        granted = ask.term == self.term and self.store.meta.vote in ("", request.sender) and self._up_to_date(ask)
        if granted:
            self.remember(self.term, request.sender)
            self._draw_patience()  # another one: else who asks in vain, but often, could keep the only one that can win waiting
        request.reply(Vote(self.term, granted))

    def _up_to_date(self, ask: AskVote) -> bool:
        """Whether a candidate's log holds all that may be committed."""
        if self.bug(bugs.VOTE_WITHOUT_LOG_CHECK):
            return True
        return (ask.last_term, ask.last_index) >= (self.store.last_term, self.store.last)

    def _hears_a_leader(self) -> bool:
        if self.role == LEADER:
            return True
        return 0 <= self.now() - self.heard < ELECTION_MIN  # a clock that jumped back must not make it deaf for long

    def on_vote(self, sender: str, vote: Vote) -> None:
        if vote.term > self.term and not (vote.trial and vote.granted):
            self.step_down(vote.term)
            return
        asking = self.role == FOLLOWER and not self.leader if vote.trial else self.role == CANDIDATE
        if not asking or not vote.granted or vote.term != self.term + vote.trial:
            return
        self.votes.add(sender)
        if len(self.votes) >= self.quorum_size:
            self.campaign() if vote.trial else self.lead()

    def step_down(self, term: int) -> None:
        """Follows whoever leads this term."""
        if term > self.term:
            self.remember(term, "")
        if self.role == LEADER:
            self.cancel_timer(self.heartbeat_due)
            self.cancel_timer(self.reconfigure_due)
            self._draw_patience()
        self.role = FOLLOWER
        self.leader = ""
        waiting = [promise for _, promises in self.proposals.values() for promise in promises]
        waiting += [promise for *_, promise in self.reads]
        self.proposals, self.proposed, self.reads = {}, {}, []
        for promise in waiting:
            promise.fail(Deposed())

    def _draw_patience(self) -> None:
        """Draws how long to wait for a leader, so that candidates do not meet for ever, and waits."""
        self.patience = self.random(ELECTION_MIN, ELECTION_MAX)
        self._reset_election()

    def _reset_election(self) -> None:
        self.set_timer(self.election_due, self.patience)

    # Leading -------------------------------------------------------------------------------------------------------------------

    def lead(self) -> None:
        self.role, self.leader = LEADER, self.name
        now = self.now()
        self.next = dict.fromkeys(self.peers, self.store.last + 1)
        self.match = dict.fromkeys(self.nodes, 0)
        self.confirmed = dict.fromkeys(self.peers, 0)
        self.answered = dict.fromkeys(self.peers, now)
        self.sent = dict.fromkeys(self.peers, now - HEARTBEAT)
        self.busy.clear()
        self.cancel_timer(self.election_due)
        self.append(Entry(self.store.last + 1, self.term))
        self.term_start = self.store.last
        self.heartbeat_due()
        if self.setting.parameters["reconfigure"]:
            self.set_timer(self.reconfigure_due, RECONFIGURE)

    def heartbeat_due(self) -> None:
        if not self._reaches_majority():
            self.step_down(self.term)  # cut off: let the clients wait for a leader that can serve
            return
        now = self.now()
        self.round += 1
        for peer in self.peers:
            if not 0 <= now - self.sent[peer] < HEARTBEAT // 2:  # else what it was sent just now is as good
                self.replicate(peer, now)
        self._lead_alone()
        self.set_timer(self.heartbeat_due, min(self.sent.values(), default=now) + HEARTBEAT - now)

    def _reaches_majority(self) -> bool:
        """Whether a majority answered within an election time-out. A clock that jumped starts the count anew."""
        now = self.now()
        for peer, last in self.answered.items():
            if not 0 <= now - last < 60 * ELECTION_MAX:
                self.answered[peer] = now
        reached = sum(peer == self.name or now - self.answered[peer] < 2 * ELECTION_MAX for peer in self.members)
        return reached >= self.quorum_size

    def append(self, entry: Entry) -> None:
        """Appends to its own log; what is sent next leaves once that is on disk, so its copy counts as soon as others answer."""
        self.store.append(entry)
        if entry.kind == CONFIG:
            self.members = entry.members
        if not self.bug(bugs.UNSYNCED_LOG):
            self.store.sync()

    def broadcast_to_members(self, message: Message) -> None:
        for peer in self.peers:
            if peer in self.members:
                self.send(peer, message)

    def replicate_idle(self) -> None:
        """Begins a round with those who wait for nothing; the others get theirs, in one batch, when they have answered.

        Those outside the membership too, so that they learn of it.
        """
        now = self.now()
        self.round += 1
        for peer in self.peers:
            if peer not in self.busy:
                self.replicate(peer, now)
        self._lead_alone()

    def _lead_alone(self) -> None:
        """The only member has nobody to wait for but its disk."""
        if self.quorum_size == 1 and self.match[self.name] < self.store.last:
            self.set_timer(self.durable_alone, 0)

    async def durable_alone(self) -> None:
        """Counts its own vote, or its own entries, once they are on disk: no answer of another shows that they are."""
        role, term, last = self.role, self.term, self.store.last
        await self.disk.synced()
        if (self.role, self.term) != (role, term):
            return
        if role == CANDIDATE:
            self.lead()
        elif role == LEADER:
            self.match[self.name] = max(self.match[self.name], last)
            self.advance_commit()

    def replicate(self, peer: str, now: int) -> None:
        """Sends a follower what it lacks, or a heartbeat."""
        self.busy[peer] = self.round
        self.sent[peer] = now
        store = self.store
        previous = self.next[peer] - 1
        if previous < store.base:
            self.send(peer, Install(self.term, store.snapshot, self.round))
            return
        entries = store.after(previous, self.setting.parameters["batch"])
        self.send(peer, Append(self.term, previous, store.term_at(previous), entries, self.commit, self.round))

    def on_appended(self, sender: str, answer: Appended) -> None:
        if answer.term > self.term:
            self.step_down(answer.term)
        if self.role != LEADER or answer.term != self.term:
            return
        now = self.answered[sender] = self.now()
        self.confirmed[sender] = max(self.confirmed[sender], answer.round)
        idle = self.busy.get(sender) == answer.round  # else this answer is old, and one to what was sent since will come
        if idle:
            del self.busy[sender]
        if answer.refused:
            earlier = max(self.match[sender] + 1, min(answer.hint, self.next[sender] - 1))
            more = earlier < self.next[sender]  # else the refusal tells nothing new: the next heartbeat will do
            self.next[sender] = min(earlier, self.next[sender])
        else:
            self.match[sender] = max(self.match[sender], answer.match)
            self.next[sender] = max(self.next[sender], self.match[sender] + 1)
            more = self.next[sender] <= self.store.last or (bool(self.reads) and self.reads[-1][0] > answer.round)
            self.advance_commit()
        if idle and more:
            self.round += 1
            self.replicate(sender, now)
        self.serve_reads()

    def advance_commit(self) -> None:
        """Commits what a majority holds, if the newest of it is of this term."""
        if self.role != LEADER or self.commit == self.store.last:
            return
        own = self.match[self.name] if self.quorum_size == 1 else self.store.last
        held = sorted((own if peer == self.name else self.match[peer] for peer in self.members), reverse=True)
        index = held[self.quorum_size - 1]
        of_term = index > self.store.base and (self.store.term_at(index) == self.term or self.bug(bugs.COMMIT_OLD_TERM))
        if index > self.commit and of_term:
            self.commit = index
            self.apply()
            self.serve_reads()

    def reconfigure_due(self) -> None:
        """Takes a member out, or the missing one in again: a cluster whose machines are replaced one by one."""
        if self.role != LEADER or len(self.nodes) == 1:  # the only machine stays
            return
        self.set_timer(self.reconfigure_due, RECONFIGURE)
        pending = self.store.last_config()[0] > self.commit or self.commit < self.term_start
        if pending and not self.bug(bugs.MEMBERSHIP_OVERLAP):
            return
        missing = [node for node in self.nodes if node not in self.members]
        if missing:
            members = tuple(node for node in self.nodes if node in self.members or node == missing[0])
        else:
            others = [node for node in self.members if node != self.name]
            out = others[self.random(0, len(others) - 1)]
            members = tuple(node for node in self.members if node != out)
        self.append(Entry(self.store.last + 1, self.term, kind=CONFIG, members=members))
        self.replicate_idle()

    # Following -----------------------------------------------------------------------------------------------------------------

    def on_append(self, request: Request, append: Append) -> None:
        if not self._follows(request, append.term, append.round):
            return
        store = self.store
        previous, entries = append.previous, append.entries
        if previous < store.base:  # what the snapshot covers is committed, and so the same
            entries = tuple(entry for entry in entries if entry.index > store.base)
            previous = min(store.base, append.previous + len(append.entries))
        covered = append.previous < store.base
        matches = covered or (previous <= store.last and store.term_at(previous) == append.previous_term)
        if self.bug(bugs.NO_PREV_CHECK):
            matches = previous <= store.last
        if not matches:
            request.reply(Appended(self.term, append.round, refused=True, hint=store.conflict_from(previous)))
            return
        self._take(previous, entries)
        matched = previous + len(entries)
        self.commit_up_to(store.last if self.bug(bugs.COMMIT_PAST_MATCH) else matched, append.commit)
        request.reply(Appended(self.term, append.round, match=matched))

    def _follows(self, request: Request, term: int, round_: int) -> bool:
        """Whether a message comes from this term's leader; a leader of the past is told so."""
        if term < self.term:
            request.reply(Appended(self.term, round_, refused=True))
            return False
        if term > self.term or self.role != FOLLOWER:
            self.step_down(term)
        self.leader = request.sender
        self.heard = self.now()
        self._reset_election()
        return True

    def _take(self, previous: int, entries: tuple[Entry, ...]) -> None:
        """Makes the log hold these entries after `previous`."""
        store = self.store
        if self.bug(bugs.TRUNCATE_ON_OLD_APPEND) and store.last > previous + len(entries):
            store.truncate(max(store.base, previous + len(entries)))
        if store.hold(entries):
            self.members = store.members()
            if not self.bug(bugs.UNSYNCED_LOG):
                store.sync()

    def commit_up_to(self, matched: int, leader_commit: int) -> None:
        index = min(leader_commit, matched)
        if index > self.commit:
            self.commit = index
            self.apply()

    def on_install(self, request: Request, install: Install) -> None:
        if not self._follows(request, install.term, install.round):
            return
        snapshot, store = install.snapshot, self.store
        if self.bug(bugs.SNAPSHOT_LOSES_TAIL):
            if snapshot.index >= store.base:
                self._replace_state(snapshot)
        elif snapshot.index > self.commit:
            if snapshot.index <= store.last and store.term_at(snapshot.index) == snapshot.term:
                self.commit = snapshot.index  # its log goes on behind the snapshot: keep it, and apply what is there
                self.apply()
            else:
                self._replace_state(snapshot)
        request.reply(Appended(self.term, install.round, match=snapshot.index))

    def _replace_state(self, snapshot: Snapshot) -> None:
        self.store.install(snapshot)
        self.store.sync()
        self.machine.restore(snapshot)
        self.members = self.store.members()
        self.commit = self.applied = snapshot.index

    # Applying ------------------------------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Applies what is committed, answers who waits for it, and takes a snapshot when the log has grown long."""
        store = self.store
        while self.applied < min(self.commit, store.last):
            self.applied += 1
            entry = store.entry(self.applied)
            result = self.machine.apply(entry)
            self.proposed.pop((entry.session, entry.serial), None)
            term, promises = self.proposals.pop(self.applied, (0, []))
            for promise in promises:
                if term == entry.term:
                    promise.resolve(result)
                else:
                    promise.fail(Deposed())
        every = self.setting.parameters["snapshot_every"]
        if every and self.applied - store.base >= every:
            store.compact(self.applied, data=dict(self.machine.data), sessions=dict(self.machine.sessions))
            store.sync()

    # Serving -------------------------------------------------------------------------------------------------------------------

    async def execute(self, ask: Ask) -> Any:
        """Carries out an operation as the leader. Raises `Deposed` when it is not, or no longer."""
        if self.role != LEADER:
            raise Deposed
        if ask.f == "read":
            return await self.read(ask)
        promise = self.promise(f"{ask.f} of {ask.session} committed")
        index = self.proposed.get((ask.session, ask.serial))
        if index is None or self.bug(bugs.NO_SESSIONS):
            self.propose(ask, promise)
        else:  # tried again while it is under way
            self.proposals[index][1].append(promise)
        return True if self.bug(bugs.ACK_ON_APPEND) else await promise

    def propose(self, ask: Ask, promise: Promise) -> None:
        """Appends a command and sends it on its way."""
        index = self.store.last + 1
        self.proposed[(ask.session, ask.serial)] = index
        self.proposals[index] = (self.term, [promise])
        self.append(Entry(index, self.term, COMMAND, ask.session, ask.serial, ask.f, ask.key, ask.value))
        self.replicate_idle()

    async def read(self, ask: Ask) -> Any:
        if self.bug(bugs.STALE_READ):
            return self.machine.read(ask)
        if self.bug(bugs.DIRTY_READ):
            return self.machine.ahead(self.store.after(self.applied, self.store.last - self.applied)).read(ask)
        promise = self.promise(f"read of {ask.key} confirmed")
        index = self.commit if self.bug(bugs.READ_BEFORE_NOOP) else max(self.commit, self.term_start)
        self.reads.append((self.round + 1, index, ask, promise))
        self.replicate_idle()
        self.serve_reads()
        return await promise

    def serve_reads(self) -> None:
        """Answers the reads whose round a majority has confirmed and whose index is applied."""
        if not self.reads or self.role != LEADER:
            return
        rounds = sorted((self.round if peer == self.name else self.confirmed[peer] for peer in self.members), reverse=True)
        confirmed = rounds[self.quorum_size - 1]
        ready = [read for read in self.reads if read[0] <= confirmed and read[1] <= self.applied]
        self.reads = [read for read in self.reads if read not in ready]
        for _, _, ask, promise in ready:
            promise.resolve(self.machine.read(ask))
