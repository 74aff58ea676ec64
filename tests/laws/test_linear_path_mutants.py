"""Planted mistakes in what is judged without a search, each of which the oracle of small histories must see."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from path_oracle import SPECS, hard_problems, is_wrong, path_of, random_problems

from chaoskit.check.linear import append_lists, counters, elements, fifo, lifo, priority, sets, texts, unordered
from chaoskit.check.linear.normalise import Problem
from chaoskit.check.linear.paths import Path as LinearPath
from chaoskit.spec import complete, spec_from_text
from chaoskit.testing.small_histories import small_problems

RANDOM = 6_000
ENTRIES = {  # by spec: where it is judged, and by what
    "fifo-queue": (fifo, "judge_fifo"),
    "unordered-queue": (unordered, "judge_unordered"),
    "priority-queue": (priority, "judge_priority"),
    "stack": (lifo, "judge_lifo"),
    "append-list": (append_lists, "judge_append_list"),
    "set": (sets, "judge_set"),
    "counter": (counters, "judge_counter"),
    "kv": (texts, "judge_text"),
}
MUTANTS: dict[str, tuple[str, ModuleType, str, str]] = {
    # what all collections share
    "nothing was put in": ("fifo-queue", elements, "wrong = ended[phantom | again]", "wrong = ended[again]"),
    "an element may be taken twice": ("fifo-queue", elements, "wrong = ended[phantom | again]", "wrong = ended[phantom]"),
    "a put ends when it is answered": (
        "fifo-queue",
        elements,
        "put_ended=np.minimum(put_ended, take_ended)",
        "put_ended=put_ended",
    ),
    "whoever found nothing is right": ("unordered-queue", elements, "if len(covered):", "if False:"),
    "only one element is in at a time": (
        "unordered-queue",
        elements,
        "np.maximum.accumulate(elements.take_began[inside])",
        "elements.take_began[inside]",
    ),
    "unanswered takes are enough for any number": (
        "unordered-queue",
        elements,
        "return enough if len(deadlines) > enough else None",
        "return None",
    ),
    "unanswered takes never happen": (
        "fifo-queue",
        elements,
        "if not len(left) or not (len(self.waiting) or (self.own[left] >= 0).any()):",
        "if True:",
    ),
    "what an unanswered take chose proves something": ("fifo-queue", elements, "takes), decides=False)", "takes))"),
    "a take that ended later may take anything": (
        "unordered-queue",
        elements,
        "open_takes[calls.got[open_takes] == NO_VALUE]",
        "open_takes",
    ),
    "an element need not be put in once": ("unordered-queue", elements, "if (times_put > 1).any():", "if False:"),
    "every unanswered take is too late": (
        "unordered-queue",
        elements,
        "began[:enough] >= deadlines[:enough]",
        "began[:enough] >= 0",
    ),
    "a take may have its effect before its put": (
        "stack",
        elements,
        "np.maximum(calls.began[taken[is_taken]], put_began[is_taken])",
        "calls.began[taken[is_taken]]",
    ),
    # disciplines
    "queues have no order": ("fifo-queue", fifo, "if len(wrong):", "if False:"),
    "an element is behind all that are taken after it began to be": (
        "fifo-queue",
        fifo,
        "elements.take_ended, side=",
        "elements.take_began, side=",
    ),
    "all that was in must be out for what came later": ("fifo-queue", fifo, "left.put_ended)]", "left.put_began)]"),
    "the order of takes does not matter": (
        "fifo-queue",
        fifo,
        "np.lexsort((elements.take_ended, latest_put))",
        "np.argsort(elements.put_ended)",
    ),
    "an element comes in as if nobody had to find nothing": (
        "unordered-queue",
        unordered,
        "elements.put_ended, moments)",
        "elements.put_ended, moments[:0])",
    ),
    "an element leaves when its take begins": (
        "unordered-queue",
        unordered,
        "np.maximum(elements.take_began * SPACING + AFTER, put)",
        "elements.take_began * SPACING + AFTER",
    ),
    "an element has to be out by any time": (
        "unordered-queue",
        unordered,
        "np.full(len(left.put), left.end)",
        "np.zeros(len(left.put), np.int64)",
    ),
    "worse elements come first": (
        "priority-queue",
        priority,
        'spec.first == "smallest"',
        'spec.first != "smallest"',
    ),
    "better elements are in nobody's way": ("priority-queue", priority, "if len(wrong):", "if False:"),
    "an element comes in when its put begins": (
        "priority-queue",
        priority,
        "elements.put_ended * SPACING - AFTER",
        "elements.put_began * SPACING + AFTER",
    ),
    "equals are in each other's way": (
        "priority-queue:first=largest,initial=[1]",
        priority,
        "firsts = _certain(elements, rank).free_from(elements.take_began, rank)",
        "firsts = _certain(elements, rank).free_from(elements.take_began, rank + 1)",
    ),
    "an element is in the way only while it is put in": (
        "priority-queue",
        priority,
        "Skyline(elements.put_ended, elements.take_began, rank)",
        "Skyline(elements.put_ended, elements.put_ended + 1, rank)",
    ),
    "worse elements have to be out at once": ("priority-queue", priority, "last[one] + 1", "first[one]"),
    "brackets may cross": ("stack", lifo, "if self.wrong:", "if False:"),
    "what encloses need not be pushed first": ("stack", lifo, "self._began[self._by_began[-1]] < begin", "True"),
    "what encloses need not be popped last": ("stack", lifo, "self._gone[self._by_gone[-1]] > end", "True"),
    "there is never a gap": ("stack", lifo, "part = core.part()", "part = None"),
    "what stays may be below what leaves": (
        "stack",
        lifo,
        "self.leaving[element] = elements.end + 2 + place",
        "self.leaving[element] = self.certain[element] + 1",
    ),
    "the smaller part is all there is": ("stack", lifo, "waiting.append((part, depth))", "pass"),
    # the others
    "adds of any amount count as one": (
        "counter:initial=1",
        counters,
        "if outside is not None or len(asked) > 1 or not amount:",
        "if outside is not None or not amount:",
    ),
    "reads come before the add that they count": ("counter", counters, "2 * counts + 1", "2 * counts - 1"),
    "reads come before the append that they saw": (
        "append-list",
        append_lists,
        "is_read[rows], place[rows]",
        "~is_read[rows], place[rows]",
    ),
    "an element may be read before it is appended": (
        "append-list",
        append_lists,
        "wrong = np.flatnonzero(calls.ended[order] < latest)",
        "wrong = order[:0]",
    ),
    "reads may disagree": ("append-list", append_lists, "if not wrong:\n        return None", "if True:\n        return None"),
    "a read may have anything": ("append-list", append_lists, "if not strange:", "if True:"),
    "what nobody saw was not appended": (
        "append-list",
        append_lists,
        "(place <= len(longest)) | (calls.ended < calls.horizon)",
        "place <= len(longest)",
    ),
    "reads need not be nested": ("set", sets, "if sizes[number] - len(new) < len(seen):", "if False:"),
    "a read may have what nobody added": ("set", sets, "or not anything.issuperset(elements)", ""),
    "a read may have an element twice": ("set", sets, "len(set(elements)) < len(elements) or", ""),
    "to be found does not bound an add": ("set", sets, "seen.before[add] = min(", "seen.after[add] = max("),
    "not to be found does not bound an add": (
        "set",
        sets,
        "seen.after[add] = max(int(seen.after[add]), int(calls.began[row]))",
        "pass",
    ),
    "reads come as early as they like": ("set", sets, " or (read_at > calls.ended[reads]).any()", ""),
    "unanswered adds that were found did not happen": ("set", sets, " | seen.found[adds]", ""),
    "a get may have anything": (
        "kv",
        texts,
        "if used >= len(rows):\n                return False",
        "if used >= len(rows): return True",
    ),
    "a piece is appended as often as you like": ("kv", texts, "self.used[piece] = used + 1", "self.used[piece] = 0"),
    "shorter gets may disagree": ("kv", texts, "if place != NOWHERE and block.text.startswith(text)", "if place != NOWHERE"),
    "longer gets may disagree": ("kv", texts, "if text.startswith(block.text) and self._goes_on", "if self._goes_on"),
    "an append may be seen before it is made": ("kv", texts, "if self.began[write] > now or self.ended", "if self.ended"),
    "a put may be seen before it is made": ("kv", texts, " or (head != BEGINNING and self.began[head] > now)", ""),
    "appends come in any order": ("kv", texts, " or self.ended[write] < block.latest:", ":"),
    "a get may come before what it has": ("kv", texts, "if block.firsts[later] < began:", "if False:"),
    "only writes come before what lacks them": ("kv", texts, "block.firsts[place] = min(block.firsts[place], ended)", "pass"),
    "blocks may overlap": ("kv", texts, "if first < before.latest and before.first < latest:", "if False:"),
    "a block may be inside another": ("kv", texts, "if owner is not block and first < (", "if False and ("),
    "what nobody saw may come at any time": ("kv", texts, "self.began[row] if owner is None", "-1 if owner is None"),
    "what ended before a block was divided stands apart": ("kv", texts, "block.swept = first", "block.swept = latest"),
    "what is divided stays as it was": (
        "kv",
        texts,
        "block.latest = max(block.latest, began)\n        self.owners",
        "self.owners",
    ),
    "a block comes where it begins": ("kv", texts, "2 * self.divided[around].latest + 1", "2 * latest"),
    "what is there at first may come later": ("kv:initial=z", texts, "first=-1, latest=-1", "first=self.text.horizon, latest=-1"),
    "pieces that nobody saw were not written": ("kv", texts, "if self.owners[row] is None]", "if False]"),
    "who appended first is seen first": ("kv", texts, "map(list, permutations(rows))", "[rows]"),
    "all gets begin with the same of several writes": ("kv", texts, "is_sure &= len(rows) == 1", "pass"),
    "what a get begins with was put": ("kv", texts, "self.appends.get(piece, ())[:1]", "self.appends.get(piece, ())[:0]"),
    "nobody saw the later of two puts": ("kv", texts, "sure_before = min(sure_before, found[1][0])", "pass"),
    "nobody saw the later of two appends": ("kv", texts, "sure_before = min(sure_before, self.began[rows[1]])", "pass"),
    "what was put comes before what was appended": ("kv", texts, "            found.sort()", "            pass"),
    "a history fails where its last reading does": (
        "kv",
        texts,
        "fails_at = max(fails_at, judged.near)",
        "fails_at = judged.near",
    ),
    "reads that count less may come later": ("counter", counters, "if (after[:last] > before).any():", "if False:"),
    "an add has all the time": ("counter", counters, "if not ready or ready[0][0] < place:", "if not ready:"),
    "adds at the end have all the time": ("counter", counters, "if any(limit <= last for _, limit in certain):", "if False:"),
    "an add may come before it began": ("counter", counters, 'side="right") + 1', 'side="right")'),
}


def mutated(monkeypatch: pytest.MonkeyPatch, name: str) -> LinearPath:
    """The path of a spec with a mistake planted in it, or in what it shares with others."""
    spec_name, module, old, new = MUTANTS[name]
    family = spec_name.partition(":")[0]
    judging, entry = ENTRIES[family]
    source = Path(str(module.__file__)).read_text()
    assert source.count(old) == 1, f"expected {old!r} once in {module.__name__}"
    mutant = types.ModuleType(module.__name__)
    monkeypatch.setitem(sys.modules, module.__name__, mutant)
    exec(compile(source.replace(old, new), f"mutant of {module.__name__}", "exec"), mutant.__dict__)
    if module is not judging:
        monkeypatch.delitem(sys.modules, judging.__name__)
        mutant = importlib.import_module(judging.__name__)
        monkeypatch.setitem(sys.modules, judging.__name__, judging)
    replay = path_of(complete(spec_from_text(spec_name))).replay
    return LinearPath(getattr(mutant, entry), replay)


def histories(name: str) -> Iterator[Problem]:
    """The hard ones, all small ones, then random ones."""
    spec = complete(spec_from_text(name))
    yield from hard_problems(name)
    for calls in (1, 2):
        yield from small_problems(spec, SPECS[name](2), calls=calls, clients=2)
    yield from random_problems(name, count=RANDOM, seed=6)


@pytest.mark.quality
@pytest.mark.mutants
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_small_histories_show_a_mistake_planted_in_a_path(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Goal: the laws are worth something. Method: change one line, and look for a small history that shows it."""
    path = mutated(monkeypatch, name)
    spec_name = MUTANTS[name][0]
    spec = complete(spec_from_text(spec_name))
    assert any(is_wrong(problem, spec, path) for problem in histories(spec_name)), f"nothing shows that {name}"
