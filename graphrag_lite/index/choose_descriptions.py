"""Which of the many descriptions of one entity a model reads.

A company is described in nearly every chunk of its documents. To read all of that again for a hundred words, whenever
one more chunk names it, would cost more than to read the chunk, and in the end no context holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graphrag_lite.index.hashing import text_id
from graphrag_lite.text.tokens import estimate_tokens


def choose_descriptions(texts: Sequence[str], most_tokens: int) -> list[str]:
    """The descriptions to read, in the order given: all where they are short together.

    Else half are the longest, which say most, and half a sample of the others, in which is what many of them say. One
    description more or less hardly ever changes the choice, so what was paid for stands.

    Args:
        texts: Distinct descriptions.
        most_tokens: How long they may be together; one is always taken.

    Source: Cohen and Kaplan 2007, Summarizing data using bottom-k sketches (a sample by the smallest hashes).
    """
    if sum(map(estimate_tokens, texts)) <= most_tokens:
        return list(texts)
    longest = set(_within(most_tokens // 2, sorted(texts, key=lambda text: (-len(text), text))))
    left = most_tokens - sum(map(estimate_tokens, longest))
    chosen = longest.union(_within(left, sorted(set(texts) - longest, key=text_id)))
    return [text for text in texts if text in chosen] or list(texts[:1])


def _within(tokens: int, texts: Iterable[str]) -> Iterator[str]:
    """The first texts that are no longer together; what does not fit is left out."""
    for text in texts:
        if (length := estimate_tokens(text)) <= tokens:
            tokens -= length
            yield text
