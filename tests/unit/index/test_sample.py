from __future__ import annotations

from graphrag_lite.index.sample import choose_sample
from graphrag_lite.records import Chunk
from graphrag_lite.text.tokens import estimate_tokens

TOPICS = ("lighthouse lamp keeper", "pump impeller seal", "eelgrass meadow survey", "ferry timetable harbour")


def chunk(document: int, ordinal: int, words: str) -> Chunk:
    text = f"{words} " * 12 + f"note {document} {ordinal}"
    return Chunk(f"{document}-{ordinal}", str(document), ordinal, 0, len(text), text, f"{document}-{ordinal}")


CHUNKS = [chunk(d, n, TOPICS[d % 4]) for d in range(8) for n in range(3)]


def test_every_topic_is_shown_before_one_is_shown_twice() -> None:
    sample = choose_sample(CHUNKS, most=4, budget_tokens=10_000)
    assert {c.text.split(" note")[0] for c in sample} == {(f"{t} " * 12).strip() for t in TOPICS}


def test_documents_take_turns() -> None:
    same = [chunk(d, n, "harbour wall repair") for d in range(3) for n in range(5)]
    assert [c.document_id for c in choose_sample(same, most=3, budget_tokens=10_000)] == ["0", "1", "2"]


def test_the_budget_is_kept() -> None:
    sample = choose_sample(CHUNKS, most=50, budget_tokens=300)
    assert 0 < sum(estimate_tokens(c.text) for c in sample) <= 300


def test_a_sample_is_in_document_order_and_always_the_same() -> None:
    sample = choose_sample(CHUNKS, most=6, budget_tokens=10_000)
    assert sample == sorted(sample, key=CHUNKS.index) == choose_sample(CHUNKS, most=6, budget_tokens=10_000)


def test_a_licence_is_no_sample_of_a_work() -> None:
    licence = "*** END OF THE BOOK ***\n" + "You may copy, distribute and redistribute this licensed work. " * 10
    book = [chunk(0, n, f"The ghost {n} rattled its chain") for n in range(8)]
    end = Chunk("0-8", "0", 8, 0, len(licence), licence, "0-8")
    assert end not in choose_sample([*book, end], most=20, budget_tokens=100_000)
