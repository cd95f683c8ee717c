"""Chunks that share a call: planned so that calls fill their rounds, and made shorter where replies do not fit."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from graphrag_lite.llm.structured import CutOffError
from graphrag_lite.prompts import prompt_language
from graphrag_lite.records import Chunk
from graphrag_lite.settings import ExtractSettings
from graphrag_lite.text.tokens import estimate_tokens

_LENGTHS_KEPT = 100
_ABOUT = 1.2  # packs whose lengths differ by less are alike
_CUT_OFF_AT_LEAST, _CUT_OFF_SHARE = 2, 0.1


@dataclass(frozen=True, slots=True)
class Pack:
    """Chunks that share one call; all of one prompt language. `is_sent`: a batch holds the call, so it stays whole."""

    chunks: tuple[Chunk, ...]
    language: str = "en"
    priority: float = 0.0
    attempt: int = 0
    is_sent: bool = False

    @property
    def tokens(self) -> int:
        """Estimated tokens of its passages."""
        return sum(estimate_tokens(chunk.text) for chunk in self.chunks)


def plan_extraction(
    chunks: Iterable[Chunk],
    settings: ExtractSettings,
    *,
    concurrency: int = 1,
    priority: Mapping[str, float] | None = None,
) -> list[Pack]:
    """Packs of neighbouring chunks, each distinct text once, the most important first.

    Args:
        chunks: In document order.
        settings: `pack_tokens` bounds a pack.
        concurrency: Packs are made smaller, down to half, where that fills the last round of calls: same wall time,
            shorter replies.
        priority: By text hash; a pack counts as much as its best chunk.
    """
    by_language: dict[str, list[Chunk]] = {}
    distinct = {chunk.text_hash: chunk for chunk in reversed(list(chunks)) if chunk.text.strip()}
    for chunk in reversed(distinct.values()):
        by_language.setdefault(prompt_language(chunk.text), []).append(chunk)
    sizes = {language: sum(estimate_tokens(c.text) for c in group) for language, group in by_language.items()}
    target = _pack_size(sum(sizes.values()), settings.pack_tokens, concurrency)
    weights = priority or {}
    packs = [
        Pack(tuple(part), language, max(weights.get(c.text_hash, 0.0) for c in part))
        for language, group in by_language.items()
        for part in _cut(group, target)
    ]
    return sorted(packs, key=lambda pack: -pack.priority)


def _pack_size(total_tokens: int, pack_tokens: int, concurrency: int) -> float:
    fewest = max(1, -(-total_tokens // pack_tokens))
    full_rounds = -(-fewest // concurrency) * concurrency
    most = max(1, 2 * total_tokens // pack_tokens)
    return max(1.0, total_tokens / max(fewest, min(full_rounds, most)))


def _cut(chunks: Sequence[Chunk], target: float) -> Iterator[list[Chunk]]:
    """Runs of chunks of about `target` tokens: a chunk belongs to the run in which its middle falls."""
    run: list[Chunk] = []
    seen, number = 0, 0
    for chunk in chunks:
        size = estimate_tokens(chunk.text)
        if run and int((seen + size / 2) / target) > number:
            yield run
            run = []
        number = int((seen + size / 2) / target)
        run.append(chunk)
        seen += size
    if run:
        yield run


def halve(pack: Pack) -> list[Pack]:
    """Two packs of half its chunks each, for calls of their own."""
    middle = len(pack.chunks) // 2
    return [replace(pack, chunks=part, is_sent=False) for part in (pack.chunks[:middle], pack.chunks[middle:])]


class PackLengths:
    """Learns how much text a call can take: where replies were cut off, packs as long are halved before they are sent.

    A reply that is cut off costs its whole output limit for nothing; one call more costs the instructions once more,
    a small part of that. So a few cut-off replies are enough. One unusually dense passage is not.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[int, bool]] = deque(maxlen=_LENGTHS_KEPT)
        self._lock = threading.Lock()

    @contextmanager
    def noting(self, pack: Pack) -> Iterator[None]:
        """Around a call: learns whether its reply was cut off."""
        try:
            yield
        except CutOffError:
            self.note(pack, is_cut_off=True)
            raise
        self.note(pack, is_cut_off=False)

    def note(self, pack: Pack, *, is_cut_off: bool) -> None:
        """What became of a call."""
        if len(pack.chunks) > 1:
            with self._lock:
                self._seen.append((pack.tokens, is_cut_off))

    def is_too_long(self, pack: Pack) -> bool:
        """True when replies about no more text than this were often cut off, and those about as much seldom whole."""
        with self._lock:
            seen = list(self._seen)
        if len(pack.chunks) < 2 or not any(is_cut_off for _, is_cut_off in seen):
            return False
        tokens = pack.tokens
        cut_off = sum(is_cut_off and other <= _ABOUT * tokens for other, is_cut_off in seen)
        whole = sum(not is_cut_off and _ABOUT * other >= tokens for other, is_cut_off in seen)
        return cut_off >= _CUT_OFF_AT_LEAST and cut_off > _CUT_OFF_SHARE * (cut_off + whole)
