"""How many names texts have and how often each comes: what a run will write, summarise and report hangs on it.

In lists, tables and headings capitals tell nothing about a single word, so it is no candidate there; but a model writes
about what stands in them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.records import Chunk
from graphrag_lite.text.normalize import name_key
from graphrag_lite.text.tokens import estimate_tokens

_MOST_CHUNKS_READ = 5000  # in about two seconds
_RUN = re.compile(
    r"(?:(?<=[a-z,;:|/(] )|(?<=[|,;(\t]))[A-Z][\w'’-]*(?: +[A-Z][\w'’-]*)*|[A-Z][\w'’-]*(?: +[A-Z][\w'’-]*)+"
)  # of capitals, but for single words that begin a sentence or a line


@dataclass(frozen=True, slots=True)
class NamesAhead:
    """The names of a corpus, counted in a sample.

    Attributes:
        per_token: Names of a chunk, or runs of capitals where these are more, each once, for a token of it.
        counts: In how many chunks of the sample each name is.
        half: How many names every second of these chunks has.
        times: How much larger the corpus is than the sample.
    """

    per_token: float = 0.0
    counts: tuple[int, ...] = ()
    half: int = 0
    times: float = 1.0

    @property
    def distinct(self) -> int:
        """Names of the corpus: they go on growing as they grew from half of the sample to the whole (Heaps' law)."""
        growth = log2(len(self.counts) / self.half) if self.half else 1.0
        return int(len(self.counts) * self.times**growth)

    def frequent(self, chunks: int, most: int) -> tuple[int, int]:
        """How many names are in more chunks of the corpus than that, and in how many these are together.

        Of each at most so many count.
        """
        least = max(chunks / self.times, 1.0) if self.times > 1 else chunks  # once in a sample tells nothing
        found = [self.times * count for count in self.counts if count > least]
        return len(found), int(sum(min(count, most) for count in found))


def count_names(chunks: Iterable[Chunk]) -> NamesAhead:
    """The names of some chunks; of many, those of chunks at even distances. Each distinct text counts once."""
    distinct = list({chunk.text_hash: chunk.text for chunk in chunks}.values())
    texts = distinct[:: max(1, -(-len(distinct) // _MOST_CHUNKS_READ))]
    runs = [set(_RUN.findall(text)) for text in texts]
    found = [{name_key(surface) for surface, *_ in extract_candidates(text).names} - {""} for text in texts]
    names = [in_text or {name_key(run) for run in of_text} for in_text, of_text in zip(found, runs, strict=True)]
    to_write = sum(max(len(in_text), len(of_text)) for in_text, of_text in zip(names, runs, strict=True))
    counts = tuple(Counter(name for in_text in names for name in in_text).values())
    return NamesAhead(
        to_write / max(1, sum(map(estimate_tokens, texts))),
        counts,
        len(set().union(*names[::2])),
        len(distinct) / len(texts) if texts else 1.0,
    )
