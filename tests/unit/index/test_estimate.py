from __future__ import annotations

import pytest

from graphrag_lite.index.estimate import Calling, estimate_decisions, estimate_report_share, estimate_summaries
from graphrag_lite.index.resolve_doubts import MOST_PAIRS
from graphrag_lite.llm.prices import Price
from graphrag_lite.settings import ReportSettings

PRICE = Price(1.0, 2.0)
CALLING = Calling(PRICE, 25)


def test_what_cannot_be_counted_before_is_an_upper_bound() -> None:
    found = [
        estimate_decisions(50_000, CALLING),
        estimate_summaries(50_000, 50_000, CALLING),
        estimate_report_share(50_000, 1.0, 200, ReportSettings(), CALLING),
    ]
    assert [(one.step, one.at_most) for one in found] == [("resolve", True), ("summarise", True), ("report", True)]
    assert all(one.calls and one.cost_usd and one.minutes for one in found)


def test_nothing_to_read_costs_nothing() -> None:
    assert estimate_decisions(0, CALLING).cost_usd == 0
    assert estimate_summaries(0, 10**6, CALLING).cost_usd == 0


def test_decisions_are_bounded_however_large_the_corpus() -> None:
    assert estimate_decisions(10**7, CALLING).calls == estimate_decisions(10**9, CALLING).calls == MOST_PAIRS // 20


@pytest.mark.parametrize(("new", "corpus"), [(1_000, 10**6), (10**6, 10**6)])
def test_summaries_are_no_more_than_names_read_or_long_descriptions(new: int, corpus: int) -> None:
    calls = estimate_summaries(new, corpus, CALLING).calls
    assert 0 < calls <= min(new // 75 + 1, corpus // 1500)
