from __future__ import annotations

import pytest

from graphrag_lite.index.estimate import (
    Calling,
    Estimate,
    Touched,
    estimate_decisions,
    estimate_embedding,
    estimate_extraction,
    estimate_reports,
    estimate_summaries,
    expected_communities,
    touched,
)
from graphrag_lite.index.extract_llm import Extraction
from graphrag_lite.index.names_ahead import NamesAhead
from graphrag_lite.index.packs import Pack
from graphrag_lite.index.report_plan import count_reports, most_reports
from graphrag_lite.index.resolve_doubts import MOST_PAIRS
from graphrag_lite.llm.prices import Price
from graphrag_lite.records import Chunk, Usage
from graphrag_lite.settings import ExtractSettings, ReportSettings

PRICE = Price(1.0, 2.0)
CALLING = Calling(PRICE, 25)
NAMES = NamesAhead(0.03, (100, 60, 25, 15, *[1] * 996), 600)


ALL, NOTHING = Touched(1.0, 1.0), Touched(0.0, 0.0)


def reporting(corpus: int, share: Touched = ALL, names: NamesAhead = NAMES, standing: int = 0) -> Estimate:
    communities = expected_communities(names, corpus // 250)
    return estimate_reports(corpus, share, communities, ReportSettings(), CALLING, standing)


def test_at_most_is_no_less_than_what_is_likely() -> None:
    found = [
        reading(),
        estimate_decisions(ALL, NAMES, CALLING),
        estimate_summaries(ALL, 200, NAMES, CALLING),
        reporting(50_000),
        estimate_embedding(9, 5_000, 4, Calling(PRICE)),
    ]
    assert [one.step for one in found] == ["extract", "resolve", "summarise", "report", "embed"]
    for one in found:
        assert 0 < one.likely.calls <= one.most.calls
        assert 0 < one.likely.prompt_tokens <= one.most.prompt_tokens
        assert one.likely.completion_tokens <= one.most.completion_tokens
        assert (one.likely.cost_usd or 0) < (one.most.cost_usd or 0)
        assert one.minutes


def test_nothing_to_read_costs_nothing() -> None:
    for one in (
        reading(packs=0),
        estimate_decisions(NOTHING, NAMES, CALLING),
        estimate_summaries(NOTHING, 10**4, NAMES, CALLING),
        reporting(10**6, NOTHING),
    ):
        assert one.likely == one.most == Usage(), one.step


def reading(
    calling: Calling = CALLING, *, packs: int = 2, gleanings: int = 0, claims: bool = False, names: NamesAhead = NAMES
) -> Estimate:
    """What it costs to read packs of one passage."""
    text = "Ada Renn mended the lamp. " * 100
    planned = [Pack((Chunk(f"c{n}", "d", n, 0, len(text), text, f"h{n}"),)) for n in range(packs)]
    return estimate_extraction(planned, Extraction(ExtractSettings(gleanings=gleanings, claims=claims)), names, calling)


def test_every_call_has_its_price() -> None:
    embedding = estimate_embedding(9, 5_000, 4, Calling(Price(2.0)))
    assert embedding.likely == Usage(3, 0, 5_000, 0, 0.01)
    assert embedding.minutes == pytest.approx(0.05)
    found = reading().likely
    assert found.cost_usd == pytest.approx((found.prompt_tokens + 2 * found.completion_tokens) / 1e6)
    assert found.completion_tokens > 0


def test_a_gleaning_is_a_call_that_sends_the_first_reply_again() -> None:
    once, twice = reading(packs=20).likely, reading(packs=20, gleanings=1).likely
    assert twice.calls == 2 * once.calls
    assert twice.prompt_tokens >= 2 * once.prompt_tokens + once.completion_tokens - 2
    assert once.completion_tokens < twice.completion_tokens < 2 * once.completion_tokens


def test_texts_full_of_names_and_claims_are_written_more_about() -> None:
    plain = reading().likely
    assert reading(names=NamesAhead(0.1)).likely.completion_tokens > 1.5 * plain.completion_tokens
    assert reading(claims=True).likely.completion_tokens > plain.completion_tokens
    assert reading(names=NamesAhead()).likely.completion_tokens > 0


def test_what_is_written_beyond_the_limit_of_a_reply_takes_more_calls() -> None:
    short = reading(Calling(PRICE, 25, reply_tokens=500), packs=10)
    assert short.likely.calls > 10
    assert short.likely.completion_tokens == reading(packs=10).likely.completion_tokens
    assert short.most.completion_tokens > reading(packs=10).most.completion_tokens  # replies that were cut off


def test_what_a_model_thinks_is_paid_for_with_every_call() -> None:
    plain, thinking = reading(), reading(Calling(PRICE, 25, thought_tokens=1000))
    assert thinking.likely.completion_tokens == plain.likely.completion_tokens + 1000 * plain.likely.calls
    assert thinking.most.completion_tokens > plain.most.completion_tokens + 1000 * plain.most.calls


def test_the_cost_of_calls_is_unknown_without_a_price_and_that_of_none_is_nothing() -> None:
    assert reading(Calling(None)).likely.cost_usd is reading(Calling(None)).most.cost_usd is None
    assert reading(Calling(None), packs=0).likely.cost_usd == 0


def test_calls_at_once_take_as_long_as_one() -> None:
    alone, at_once = reading(Calling(PRICE, 1), packs=20), reading(Calling(PRICE, 10), packs=20)
    assert alone.minutes == pytest.approx(10 * at_once.minutes)


def test_decisions_are_bounded_however_many_names_there_are() -> None:
    many = NamesAhead(0.03, (1,) * 10_000, 5_000, 50.0)
    assert estimate_decisions(ALL, many, CALLING).likely.calls == MOST_PAIRS // 20
    assert estimate_decisions(ALL, many, CALLING).most.calls == 2 * MOST_PAIRS // 20


def test_summarised_are_names_that_many_chunks_describe() -> None:
    assert estimate_summaries(ALL, 200, NAMES, CALLING).likely.calls == 3
    assert estimate_summaries(ALL, 200, NAMES, CALLING).most.calls >= 4
    assert estimate_summaries(Touched(0.1, 0.2), 200, NAMES, CALLING).likely.calls < 3
    assert estimate_summaries(ALL, 200, NamesAhead(), CALLING).most.calls > 0  # things without a name


def test_there_is_a_report_for_a_community_and_no_more_than_fit_their_share_of_the_corpus() -> None:
    settings, communities = ReportSettings(), expected_communities(NAMES, 200)[0]
    assert reporting(50_000).likely.calls == count_reports(communities, settings, 50_000, 25)
    assert reporting(50_000).most.calls >= most_reports(settings, 50_000)
    assert reporting(5_000_000, names=NAMES).likely.calls < most_reports(ReportSettings(), 5_000_000) / 2
    assert reporting(300).likely.calls <= most_reports(ReportSettings(), 300)


def test_a_small_change_is_likely_to_touch_few_reports_and_may_touch_all() -> None:
    few = reporting(50_000, touched(0.001))
    assert 0 < few.likely.calls < reporting(50_000).likely.calls / 5
    assert few.most == reporting(50_000).most


def test_reports_that_stand_are_not_written_again() -> None:
    planned = reporting(50_000).likely.calls
    assert reporting(50_000, touched(0.0), standing=planned - 10).likely.calls == 10
    assert reporting(50_000, Touched(0.0, 1.0), standing=planned + 5).likely.calls == 0


@pytest.mark.parametrize("changed", [1e-6, 0.001, 0.05, 0.2, 1.0])
def test_a_change_touches_more_than_its_share_and_at_most_everything(changed: float) -> None:
    assert changed <= touched(changed).likely <= touched(changed).most <= 1.0


def test_no_change_touches_nothing_and_more_than_there_was_touches_everything() -> None:
    assert touched(0.0) == NOTHING
    assert touched(2.0) == ALL
