from collections.abc import Mapping, Sequence

import pytest

from graphrag_lite.errors import InputError, SettingsError
from graphrag_lite.evaluate import metrics, report
from graphrag_lite.evaluate.questions import Question
from graphrag_lite.records import Passage


def passage(document_id: str, source: str = "") -> Passage:
    return Passage(document_id, f"{document_id}-0", "text", 0, 4, 1.0, source=source)


class FakeRetriever:
    def __init__(self, rankings: Mapping[str, Sequence[str]]) -> None:
        self.rankings = rankings

    def retrieve(self, question: str, *, top_k: int | None = None) -> list[Passage]:
        return [passage(document_id) for document_id in self.rankings[question][:top_k]]


QUESTIONS = [
    Question("1", "one", gold=("a", "b"), hops=2),
    Question("2", "two", gold=("c",), hops=1),
    Question("3", "none"),
]
RUN = metrics.ask(FakeRetriever({"one": "xayzb", "two": "yzxyzc"}), QUESTIONS, 5)


def test_gold_is_found_by_id_source_and_end_of_source() -> None:
    passages = [passage("d0", "/docs/sub/notes.md"), passage("d1", "/docs/sub/a.md"), passage("d2")]
    question = Question("q", "?", gold=("d2", "sub/a.md", "/docs/sub/notes.md", "es.md", "gone"))
    assert metrics.gold_ranks(question, passages) == (3, 2, 1, 0, 0)


def test_alternative_counts_as_the_gold_document() -> None:
    question = Question("q", "?", gold=("gone",), alternatives={"gone": ("d1",)})
    assert metrics.gold_ranks(question, [passage("d0"), passage("d1")]) == (2,)


def test_ranks_count_passages_and_question_without_gold_is_left_out() -> None:
    assert [one.ranks for one in RUN.results] == [(2, 5), (0,)]
    assert RUN.unscored == 1


@pytest.mark.parametrize(
    ("metric", "expected"),
    [("recall@1", 0), ("recall@2", 0.25), ("recall@5", 0.5), ("all-gold@2", 0), ("all-gold@5", 0.5), ("mrr", 0.25)],
)
def test_metric(metric: str, expected: float) -> None:
    assert metrics.score(RUN.results, 5)[metric] == pytest.approx(expected)


def test_groups_by_hops() -> None:
    assert {name: len(results) for name, results in metrics.groups(RUN.results).items()} == {"1 hops": 1, "2 hops": 1}


def test_one_group_is_no_breakdown() -> None:
    assert metrics.groups(RUN.results[:1]) == {}


def test_nothing_to_measure_is_an_input_error() -> None:
    with pytest.raises(InputError, match="gold"):
        metrics.ask(FakeRetriever({}), QUESTIONS[2:], 5)


def test_paired_difference_is_seeded_and_holds_the_mean() -> None:
    better = metrics.ask(FakeRetriever({"one": "abxyz", "two": "cxyz"}), QUESTIONS, 5)
    mean, low, high = metrics.paired_difference(RUN, better, "recall@5")
    assert (mean, low, high) == metrics.paired_difference(RUN, better, "recall@5")
    assert low <= mean <= high
    assert mean == pytest.approx(0.5)


def test_limits_are_parsed_and_missed() -> None:
    limits = metrics.parse_limits(["recall@5 = 0.7", "mrr=0.1"], 5)
    assert metrics.missed(RUN, limits) == ["recall@5 is 0.500, not 0.7"]


@pytest.mark.parametrize(
    "text", ["recall@5", "recall=0.5", "recall@x=1", "f1@5=0.5", "recall@0=1", "recall@9=0.5", "mrr=nan"]
)
def test_wrong_limit_is_a_settings_error(text: str) -> None:
    with pytest.raises(SettingsError, match="="):
        metrics.parse_limits([text], 5)


def test_report_text_shows_groups_latency_and_verdict() -> None:
    better = metrics.ask(FakeRetriever({"one": "abxyz", "two": "cxyz"}), QUESTIONS, 5)
    text = report.as_text(report.make({"first": RUN, "second": better}))
    assert "first: 2 questions, 1 without gold left out" in text
    assert "2 hops" in text
    assert "latency: p50" in text
    assert "second against the first" in text
    assert "recall@5      +0.500" in text
