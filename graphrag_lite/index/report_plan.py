"""Which reports a language model writes, with how many tokens of facts each, and in which order.

The facts of a community that take time to find are asked for late: those that the plan does not hang on when the turn
of their report comes, while the calls of others are under way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import islice, zip_longest

from graphrag_lite.llm.protocols import Message, prompt_messages
from graphrag_lite.prompts import numbered, render
from graphrag_lite.records import Community, CommunityReport, Evidence
from graphrag_lite.settings import ReportSettings
from graphrag_lite.text.normalize import terms
from graphrag_lite.text.tokens import estimate_tokens

_FACT_OVERHEAD_TOKENS = 3  # its line "#mark number"
# Six sentences, as an extractive report may quote: a model that reads less says less than it. Somewhat less will do
# where more reports take no longer.
_USUAL_FACT_TOKENS = 240
LEAST_FACT_TOKENS = 180
_SAID = 0.8  # of the words of a fact, in another
_SUMMARY_TOKENS = 90  # title and summary of a child, about


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement that a report may build on and cite, with the spans that support it.

    `find` looks for them where that takes time; it is asked for what a report cites.
    """

    text: str
    evidence: tuple[Evidence, ...] = ()
    find: Callable[[], tuple[Evidence, ...]] | None = None

    @property
    def spans(self) -> tuple[Evidence, ...]:
        """The evidence, found where it has to be."""
        return self.evidence or (self.find() if self.find else ())


@dataclass(frozen=True, slots=True)
class ReportMaterial:
    """A community and its facts, the most telling first.

    `best` gives facts that take time to find, each of which comes between two of `facts`; it is asked only for what a
    call will show.
    """

    community: Community
    facts: tuple[Fact, ...]
    importance: float = 0.0
    best: Callable[[], Iterable[Fact]] = tuple

    def all_facts(self) -> tuple[Fact, ...]:
        """Every fact, each text once."""
        return distinct(tuple(in_turn(self.facts[::2], self.best(), self.facts[1::2])))


def in_turn(*kinds: Iterable[Fact]) -> Iterator[Fact]:
    """The first fact of each kind, then the second, and so on."""
    return (fact for facts in zip_longest(*kinds) for fact in facts if fact is not None)


def distinct(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Each text once."""
    return tuple({fact.text: fact for fact in reversed(facts)}.values())[::-1]


def plan_reports(
    materials: Sequence[ReportMaterial],
    settings: ReportSettings,
    *,
    corpus_tokens: int,
    concurrency: int = 1,
    calls_beside: int = 0,
) -> dict[str, int]:
    """Fact tokens for each community that gets a report by the model, by community id.

    All prompts together stay within `settings.share` of the corpus: every report gets the same room, and where that
    would be too little to say anything, the least important communities keep their extractive report. So do the few
    that would open a last round of `concurrency` calls, `calls_beside` for other things included: the others share
    their room; a round that is opened is filled, as far as the room allows. A corpus that fits one usual report is let
    have one in any case.
    """
    overhead, total, most = _room(settings, corpus_tokens)
    ranked = sorted(materials, key=lambda m: (-m.importance, m.community.level, m.community.id))
    chosen = list(islice((m for m in ranked if m.facts or m.all_facts()), most))
    chosen = chosen[: count_reports(len(chosen), settings, corpus_tokens, concurrency, calls_beside)]
    left = total - overhead * len(chosen)
    needs = {m.community.id: min(settings.max_tokens, _tokens(m.facts)) for m in chosen}
    # Who needs more than an even share without its best facts gets that share whatever these are.
    share = max(_share_out(needs, left).values(), default=0)
    for material in chosen:
        key = material.community.id
        if needs[key] <= share and needs[key] < settings.max_tokens:
            needs[key] = min(settings.max_tokens, _tokens(material.all_facts()))
    return _share_out(needs, left)


def most_reports(settings: ReportSettings, corpus_tokens: int) -> int:
    """How many communities can get a report by the model, at most."""
    return _room(settings, corpus_tokens)[2]


def count_reports(
    communities: int, settings: ReportSettings, corpus_tokens: int, concurrency: int, calls_beside: int = 0
) -> int:
    """How many of so many communities get a report by the model."""
    overhead, total, most = _room(settings, corpus_tokens)
    most = min(communities, most)
    usual = min(most, max(1, total // (overhead + _USUAL_FACT_TOKENS)))
    return max(1, _full_rounds(usual, most, concurrency, calls_beside))


def report_tokens(settings: ReportSettings, corpus_tokens: int) -> int:
    """How many tokens the prompts of all reports have together, at most."""
    return _room(settings, corpus_tokens)[1]


def _room(settings: ReportSettings, corpus_tokens: int) -> tuple[int, int, int]:
    """(tokens of a prompt without facts, tokens of all prompts, reports that fit)."""
    overhead = estimate_tokens(render_report((), settings, "en", "")[0].content)
    total = max(int(settings.share * corpus_tokens), min(settings.max_tokens, overhead + 2 * _USUAL_FACT_TOKENS))
    return overhead, total, max(1, total // (overhead + LEAST_FACT_TOKENS))


def _full_rounds(usual: int, most: int, concurrency: int, beside: int) -> int:
    """As many reports as are usual, less the few beyond a full round, or more that fill it where there are so many."""
    calls = usual + beside
    beyond = calls % concurrency
    if calls > concurrency and beyond <= max(concurrency // 5, calls // 5):
        return usual - beyond
    filled = usual + -calls % concurrency
    return filled if filled <= most else usual


def _tokens(facts: Sequence[Fact]) -> int:
    return sum(estimate_tokens(fact.text) + _FACT_OVERHEAD_TOKENS for fact in facts)


def _share_out(needs: Mapping[str, int], total: int) -> dict[str, int]:
    """Everybody's need, capped evenly so that the sum stays within `total`."""
    given: dict[str, int] = {}
    left, waiting = max(0, total), len(needs)
    for key, need in sorted(needs.items(), key=lambda item: (item[1], item[0])):
        if need > left // waiting:
            break
        given[key] = need
        left -= need
        waiting -= 1
    over = sorted(needs.keys() - given.keys())
    return given | {key: (left + n) // waiting for n, key in enumerate(over)}


def render_report(
    facts: Sequence[Fact], settings: ReportSettings, language: str, prompts: str
) -> tuple[Message, Message]:
    """The two messages of a report's call."""
    prompt = render(
        "report",
        language,
        prompts,
        findings=settings.max_findings,
        language=settings.language,
        facts=numbered(("", fact.text) for fact in facts),
    )
    return prompt_messages(prompt)


class ReportOrder:
    """Which report to write next: one whose children are done, one way or the other, and on which most depends.

    That is the one with the longest chain of parents that wait for it, then one of the finest level.

    Args:
        materials: Of all planned reports.
        plan: Their tokens.
        done: Those that are written already.
        rounds: How many calls follow one another in any case: a chain of parents that wait is no longer than that.
    """

    def __init__(
        self,
        materials: Sequence[ReportMaterial],
        plan: Mapping[str, int],
        done: Mapping[str, CommunityReport],
        rounds: int,
    ) -> None:
        self._materials = {m.community.id: m for m in materials if m.community.id not in done}
        self._children = _children_to_read([m.community for m in materials], plan, rounds)
        self._waits_for = {key: {c for c in self._children[key] if c in self._materials} for key in self._materials}
        self._parent_of = {child: key for key, children in self._waits_for.items() for child in children}
        self._reports: dict[str, CommunityReport] = dict(done)
        self._ready: list[tuple[int, int, int, ReportMaterial]] = []
        self._added = 0
        for key, children in self._waits_for.items():
            if not children:
                self._add(self._materials[key])

    def next(self) -> ReportMaterial | None:
        """A report to write now; None while there is none."""
        return heappop(self._ready)[-1] if self._ready else None

    def finished(self, material: ReportMaterial, report: CommunityReport | None) -> None:
        """Note one outcome, which may have been the last to hold up a parent."""
        key = material.community.id
        if report is not None:
            self._reports[key] = report
        if (parent := self._parent_of.get(key)) is not None:
            self._waits_for[parent].discard(key)
            if not self._waits_for[parent]:
                self._add(self._materials[parent])

    def _add(self, material: ReportMaterial) -> None:
        self._added += 1
        above, parent = 0, self._parent_of.get(material.community.id)
        while parent is not None:
            above, parent = above + 1, self._parent_of.get(parent)
        heappush(self._ready, (-above, -material.community.level, self._added, material))

    def child_reports(self, material: ReportMaterial) -> list[CommunityReport]:
        """Those that its report shall read, as far as they came to be."""
        return [self._reports[key] for key in self._children[material.community.id] if key in self._reports]


def _children_to_read(communities: Sequence[Community], plan: Mapping[str, int], rounds: int) -> dict[str, list[str]]:
    """For each community its children with a report, where their summaries leave half of the room to its own facts."""
    read: dict[str, list[str]] = {}
    chain: dict[str, int] = {}  # calls that follow one another up to this report
    for community in sorted(communities, key=lambda c: -c.level):
        key = community.id
        children = [child for child in community.child_ids if child in plan]
        chain[key] = 1 + max((chain.get(child, 1) for child in children), default=0)
        if chain[key] > rounds or 2 * _SUMMARY_TOKENS * len(children) > plan[key]:
            children, chain[key] = [], 1
        read[key] = children
    return read


def choose_facts(material: ReportMaterial, children: Sequence[CommunityReport], max_tokens: int) -> list[Fact]:
    """What the prompt shows: summaries of the children first, then own facts, as far as the tokens reach.

    A fact whose words one before it has says nothing new: what a sentence tells is often stated of two entities, too.
    """
    from_children = [
        Fact(f"{report.title}: {report.summary}", tuple(e for finding in report.findings for e in finding.evidence)[:8])
        for report in sorted(children, key=lambda report: (-report.rating, report.community_id))
    ]
    chosen: list[Fact] = []
    said: list[frozenset[str]] = []
    facts = material.all_facts()
    left = max_tokens
    for fact in (*from_children, *facts):
        tokens = estimate_tokens(fact.text) + _FACT_OVERHEAD_TOKENS
        if tokens > left:
            continue
        says = frozenset(terms(fact.text))
        if not any(len(says & other) >= _SAID * len(says) for other in said):
            chosen.append(fact)
            said.append(says)
            left -= tokens
    return chosen or [replace(facts[0], text=facts[0].text[: 4 * max_tokens])]
