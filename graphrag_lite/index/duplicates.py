"""Documents that say the same thing, found by signatures that can be stored.

Two documents are one when their word sequences are nearly the same (MinHash over shingles of three words, or
characters in Chinese, Japanese and Korean; candidates by banded hashing) *and* the later one brings nothing a reader
could ask for. So a reformatted or lightly edited copy folds, or one with another footer; the same form filled in for
somebody else, or a report with another figure, does not, however similar. To lose a fact is worse than to keep a
copy, so a copy is kept where it has

- a number, a name or a negation between other words than in the stored text (figures that changed places, too),
- an ideograph that the stored text lacks (in Chinese every edited word brings one),
- more than a few other new words, or
- other metadata: what a filter tells apart is not one document.

Lines at the beginning and end that only say where the copy comes from (print date, page, source, copyright) count for
nothing. Texts under 30 words fold only when they are equal but for white space.

Source: Broder 1997, On the resemblance and containment of documents. numpy instead of a library: stored
signatures must never change between its versions, and 1,000 words cost about as much as in datasketch (1 to 2 ms).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HASHES = 128
_SHINGLE = 3
_MIN_WORDS = 30
_MAX_TELLING = 1024  # kept per document: those with the smallest hashes, so that two samples can be compared
_MAX_WORDS = 512
_NEW_WORDS = 0.05  # of a copy's different words may be new to the stored text; one always may
_BLOCK = 512  # shingles hashed at once: what lies in the cache of a core takes an eighth of the time
_RECALL = 0.999  # of pairs at the threshold, by the choice of bands
HEADER = struct.Struct("<4s16s8sIIII")
FORMAT = b"NDS2"  # signatures of another format are near to nothing

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"([{_CJK}]|[^\W_{_CJK}]+)")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_NEGATIONS = frozenset("not no never none nor neither cannot without t 不 没 无 未 非 否".split())  # noqa: SIM905  # t: isn't
_SENTENCE_END = re.compile(r"[.!?…][\W_]*\s|[.!?…]\Z|[。！？]|\n\s*\n")
_EDGE_LINES = 5
_EDGE_WORDS = 25
_PROVENANCE = re.compile(  # how a line begins that tells of the copy, not of its subject
    r"[\W_]*(?:©|\(c\) |copyright\b|all rights reserved|page \d+\b|\d+ (?:of|/) \d+\s*$|https?://\S+\s*$"
    r"|(?:printed|downloaded|retrieved|reprinted|reproduced|exported|archived|(?:last )?(?:updated|modified|edited))\b"
    r"|(?:published|posted|source|via)\b\s*(?:on\b|by\b|:)"
    r"|版权所有|第\s*\d+\s*页|(?:打印|下载|导出|更新|发布|转载|编辑)(?:时间|日期|于|自)?\s*[：:]|(?:本文)?(?:来源|转自|转载自|摘自))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Hashes of some things: all of them, or the smallest of `total`."""

    hashes: frozenset[int]
    total: int

    @property
    def limit(self) -> int:
        """Hashes up to here are complete."""
        return 1 << 32 if self.total <= len(self.hashes) else max(self.hashes)

    def new_share(self, other: _Sample) -> tuple[int, float]:
        """How many of these the other lacks, and which share of these that is."""
        limit = min(self.limit, other.limit)
        seen = [value for value in self.hashes if value <= limit]
        new = sum(value not in other.hashes for value in seen)
        return new, new / max(len(seen), 1)


@dataclass(frozen=True, slots=True)
class _Signature:
    digest: bytes
    kind: bytes  # of its metadata: documents of different kinds are never near
    shingles: int
    minima: NDArray[np.uint32] | None  # None: too short to be near anything
    telling: _Sample
    words: _Sample

    @classmethod
    def from_bytes(cls, data: bytes) -> _Signature:
        import numpy as np

        _, digest, kind, shingles, told, kept, words = HEADER.unpack_from(data)
        numbers = np.frombuffer(data, dtype="<u4", offset=HEADER.size)
        nothing = _Sample(frozenset(), 0)
        if not shingles:
            return cls(digest, kind, 0, None, nothing, nothing)
        telling, rest = numbers[HASHES : HASHES + kept], numbers[HASHES + kept :]
        samples = _Sample(frozenset(telling.tolist()), told), _Sample(frozenset(rest.tolist()), words)
        return cls(digest, kind, shingles, numbers[:HASHES], *samples)


def signature(text: str, kind: str = "") -> bytes:
    """What `NearDuplicates` needs to know of a text: 40 bytes, or 0.6 to 6.7 KB from 30 words up.

    Args:
        text: Of the document.
        kind: What sets it apart whatever it says; documents of different kinds are never one.
    """
    import numpy as np

    of_kind = blake2b(kind.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    digest = blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    text = _without_provenance(text)
    gaps = _TOKEN.split(text)  # alternating with the words
    raws = gaps[1::2]
    if len(raws) < _MIN_WORDS:
        return HEADER.pack(FORMAT, digest, of_kind, 0, 0, 0, 0)
    words = [raw.lower() for raw in raws]
    hashes = {word: zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    shingles = _shingles(np.array([hashes[word] for word in words], dtype=np.uint64))
    telling = {zlib.crc32(told.encode("utf-8", "surrogatepass")) for told in _telling(raws, words, gaps[2:-1:2])}
    plain = {value for word, value in hashes.items() if word.isalpha() and not _IDEOGRAPH.match(word)}
    told, kept = sorted(telling)[:_MAX_TELLING], sorted(plain)[:_MAX_WORDS]
    return b"".join(
        (
            HEADER.pack(FORMAT, digest, of_kind, len(shingles), len(telling), len(told), len(plain)),
            _minima(shingles).astype("<u4").tobytes(),
            np.array(told, dtype="<u4").tobytes(),
            np.array(kept, dtype="<u4").tobytes(),
        )
    )


def facts_told(signature: bytes) -> int:
    """How much a text tells: what repeats another text never tells more than that."""
    return int(HEADER.unpack_from(signature)[4]) if signature.startswith(FORMAT) else 0


def _without_provenance(text: str) -> str:
    lines = text.split("\n")
    filled = [number for number, line in enumerate(lines) if line.strip()]
    for number in {*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]}:
        if _PROVENANCE.match(lines[number]) and len(_TOKEN.findall(lines[number])) <= _EDGE_WORDS:
            lines[number] = ""
    return "\n".join(lines)


def _telling(raws: Sequence[str], words: Sequence[str], gaps: Sequence[str]) -> Iterator[str]:
    """What a question could ask for: ideographs; numbers, names and negations with the words beside them.

    Words of other sentences do not count, since these may have been cut.

    Args:
        raws: The words as they are written.
        words: The same in lower case.
        gaps: What stands between each word and the next.
    """
    # Each different word and gap is looked at once: a book has thirty times as many.
    ends = {gap for gap in set(gaps) if _SENTENCE_END.search(gap)}
    starts = [True, *(gap in ends for gap in gaps)]
    numbers = {word for word in set(words) if any(map(str.isdigit, word))}
    ideographs = set(filter(_IDEOGRAPH.match, set(words)))
    may_tell = {raw for raw in set(raws) if raw[0].isupper()} | numbers | ideographs | _NEGATIONS
    for i, (raw, word) in enumerate(zip(raws, words, strict=True)):
        if raw not in may_tell and word not in may_tell:
            continue
        is_number = word in numbers
        if is_number or word in _NEGATIONS or (not starts[i] and gaps[i - 1] and raw[0].isupper()):
            reach = 2 if is_number else 1  # "in 1950 and" may be there of another year
            first, last = i, i
            while first > max(i - reach, 0) and not starts[first]:
                first -= 1
            while last < min(i + reach, len(words) - 1) and not starts[last + 1]:
                last += 1
            yield " ".join(words[first : last + 1])
        if word in ideographs:
            yield word


class NearDuplicates:
    """Stored documents by signature, and which of them a text repeats.

    Args:
        threshold: Least similarity (Jaccard of the shingles) from 0 to 1; 0 finds nothing.

    An answer does not depend on the order of `add`: among several it is the most similar, then the smallest id.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._rows = rows_per_band(threshold)
        self._stored: dict[str, _Signature] = {}
        self._bands: defaultdict[tuple[int, bytes], list[str]] = defaultdict(list)

    def add(self, id: str, text: str | bytes) -> None:
        """Store a document by its text, or by its `signature`."""
        new = _parse(text)
        self.discard(id)
        if new is None:
            return
        self._stored[id] = new
        for key in self._keys(new):
            self._bands[key].append(id)

    def discard(self, id: str) -> None:
        """Forget a document, if it is known."""
        old = self._stored.pop(id, None)
        for key in self._keys(old) if old else ():
            self._bands[key].remove(id)

    def find(self, text: str | bytes) -> str | None:
        """The stored document that a text, or the text of a signature, repeats; None when it is new."""
        new = _parse(text)
        if new is None or not self._threshold:
            return None
        candidates = {id for key in self._keys(new) for id in self._bands.get(key, ())}
        found = [(-self._similarity(new, self._stored[id]), id) for id in candidates]
        return min((pair for pair in found if -pair[0] >= self._threshold), default=(0.0, None))[1]

    def _keys(self, signature: _Signature) -> list[tuple[int, bytes]]:
        keys = [(-1, signature.digest)]
        if signature.minima is not None:
            data, width = signature.minima.tobytes(), 4 * self._rows
            keys += [(at, data[at : at + width]) for at in range(0, len(data), width)]
        return keys

    def _similarity(self, new: _Signature, old: _Signature) -> float:
        if new.kind != old.kind:
            return 0.0
        if new.digest == old.digest:
            return 1.0
        if new.minima is None or old.minima is None:
            return 0.0
        shorter, longer = sorted((new.shingles, old.shingles))
        if shorter < self._threshold * longer or not _tells_nothing_new(new, old):
            return 0.0
        return float((new.minima == old.minima).mean())


def _tells_nothing_new(new: _Signature, old: _Signature) -> bool:
    if new.telling.new_share(old.telling)[0]:
        return False
    count, share = new.words.new_share(old.words)
    return count <= 1 or share <= _NEW_WORDS


def _parse(text: str | bytes) -> _Signature | None:
    data = signature(text) if isinstance(text, str) else text
    return _Signature.from_bytes(data) if data.startswith(FORMAT) else None


def _shingles(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Distinct hashes of runs of words."""
    import numpy as np

    count = len(words) - _SHINGLE + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for shift in range(_SHINGLE):
        mixed = (mixed ^ (words[shift : shift + count] + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    mixed.sort()
    is_first = np.append(True, mixed[1:] != mixed[:-1])
    return np.compress(is_first, mixed)  # np.unique would import masked arrays


def _minima(shingles: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The least value of each of `HASHES` hash functions over the shingles."""
    import numpy as np

    factors, offsets = _functions()
    mixed = (shingles >> np.uint64(32)).astype(np.uint32)
    least = np.full(HASHES, 0xFFFFFFFF, dtype=np.uint32)
    for at in range(0, len(mixed), _BLOCK):
        least = np.minimum(least, (mixed[at : at + _BLOCK] * factors + offsets).min(axis=1))
    return least


@cache
def _functions() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Factors and offsets of the hash functions x -> factor * x + offset, modulo 2**32."""
    import numpy as np

    numbers = np.array([_splitmix(i) & 0xFFFFFFFF for i in range(2 * HASHES)], dtype=np.uint32)
    return numbers[:HASHES, None] | np.uint32(1), numbers[HASHES:, None]


def _splitmix(index: int) -> int:
    """The `index`-th number of the SplitMix64 sequence: the same for ever, unlike a library's generator."""
    z = (index + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return z ^ z >> 31


def rows_per_band(threshold: float) -> int:
    """The longest bands that still find pairs at the threshold almost surely."""
    rows = (rows for rows in (16, 8, 4, 2) if 1 - (1 - threshold**rows) ** (HASHES // rows) >= _RECALL)
    return next(rows, 1)
