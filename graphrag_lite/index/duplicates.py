"""Documents that say the same thing, found by signatures that can be stored.

Two documents are one when their word sequences are nearly the same (MinHash over shingles of three words, or
characters in Chinese, Japanese and Korean; candidates by banded hashing) *and* the later one brings nothing a reader
could ask for: no number, no name, no ideograph that the stored one lacks. So a reformatted or lightly edited copy
folds; the same form filled in for somebody else, or a contract with another price, does not, however similar. Texts
under 30 words fold only when they are equal but for white space.

Source: Broder 1997, On the resemblance and containment of documents. numpy instead of a library: stored
signatures must never change between its versions, and 1,000 words cost about as much as in datasketch (1 to 2 ms).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HASHES = 128
_SHINGLE = 3
_MIN_WORDS = 30
_MAX_TELLING = 1024  # kept per document: those with the smallest hashes, so that two samples can be compared
_BLOCK = 4096  # shingles hashed at once: 4 MB of work space
_RECALL = 0.999  # of pairs at the threshold, by the choice of bands
_HEADER = struct.Struct("<16sII")

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W_{_CJK}]+")
# Numbers, ideographs, and capitalised words inside a sentence: what a question could ask for.
_TELLING = (
    re.compile(r"\d+"),
    re.compile(r"(?<=[^.!?…\s][ \t\n])[A-Z\u00c0-\u00de\u0400-\u042f]\w+"),
    re.compile(r"[\u3400-\u9fff\uf900-\ufaff]"),
)


@dataclass(frozen=True, slots=True)
class _Signature:
    digest: bytes
    shingles: int
    minima: NDArray[np.uint32] | None  # None: too short to be near anything
    telling: frozenset[int]
    is_sample: bool

    @classmethod
    def from_bytes(cls, data: bytes) -> _Signature:
        import numpy as np

        digest, shingles, count = _HEADER.unpack_from(data)
        numbers = np.frombuffer(data, dtype="<u4", offset=_HEADER.size)
        if not shingles:
            return cls(digest, 0, None, frozenset(), False)
        telling = frozenset(numbers[_HASHES:].tolist())
        return cls(digest, shingles, numbers[:_HASHES], telling, count > len(telling))


def signature(text: str) -> bytes:
    """What `NearDuplicates` needs to know of a text: 24 bytes, or 0.5 to 4.6 KB from 30 words up."""
    import numpy as np

    digest = blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    words = _TOKEN.findall(text.lower())
    if len(words) < _MIN_WORDS:
        return _HEADER.pack(digest, 0, 0)
    hashes = {word: zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in set(words)}
    shingles = _shingles(np.array([hashes[word] for word in words], dtype=np.uint64))
    told = {word for pattern in _TELLING for word in pattern.findall(text)}
    telling = {zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in told}
    kept = sorted(telling)[:_MAX_TELLING]
    return b"".join(
        (
            _HEADER.pack(digest, len(shingles), len(telling)),
            _minima(shingles).astype("<u4").tobytes(),
            np.array(kept, dtype="<u4").tobytes(),
        )
    )


class NearDuplicates:
    """Stored documents by signature, and which of them a text repeats.

    Args:
        threshold: Least similarity (Jaccard of the shingles) from 0 to 1; 0 finds nothing.

    An answer does not depend on the order of `add`: among several it is the most similar, then the smallest id.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._rows = _rows_per_band(threshold)
        self._stored: dict[str, _Signature] = {}
        self._bands: defaultdict[tuple[int, bytes], list[str]] = defaultdict(list)

    def add(self, id: str, text: str | bytes) -> None:
        """Store a document by its text, or by its `signature`."""
        new = _parse(text)
        self.discard(id)
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
        if not self._threshold:
            return None
        new = _parse(text)
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
        if new.digest == old.digest:
            return 1.0
        if new.minima is None or old.minima is None:
            return 0.0
        shorter, longer = sorted((new.shingles, old.shingles))
        if shorter < self._threshold * longer or not _tells_nothing_new(new, old):
            return 0.0
        return float((new.minima == old.minima).mean())


def _tells_nothing_new(new: _Signature, old: _Signature) -> bool:
    limits = [max(s.telling) for s in (new, old) if s.is_sample]
    limit = min(limits, default=1 << 32)
    return all(value in old.telling for value in new.telling if value <= limit)


def _parse(text: str | bytes) -> _Signature:
    return _Signature.from_bytes(signature(text) if isinstance(text, str) else text)


def _shingles(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Distinct hashes of runs of words."""
    import numpy as np

    count = len(words) - _SHINGLE + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for shift in range(_SHINGLE):
        mixed = (mixed ^ (words[shift : shift + count] + np.uint64(1))) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return np.unique(mixed)


def _minima(shingles: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The least value of each of `_HASHES` hash functions over the shingles."""
    import numpy as np

    factors, offsets = _functions()
    mixed = (shingles >> np.uint64(32)).astype(np.uint32)
    least = np.full(_HASHES, 0xFFFFFFFF, dtype=np.uint32)
    for at in range(0, len(mixed), _BLOCK):
        least = np.minimum(least, (mixed[at : at + _BLOCK] * factors + offsets).min(axis=1))
    return least


@cache
def _functions() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Factors and offsets of the hash functions x -> factor * x + offset, modulo 2**32."""
    import numpy as np

    numbers = np.array([_splitmix(i) & 0xFFFFFFFF for i in range(2 * _HASHES)], dtype=np.uint32)
    return numbers[:_HASHES, None] | np.uint32(1), numbers[_HASHES:, None]


def _splitmix(index: int) -> int:
    """The `index`-th number of the SplitMix64 sequence: the same for ever, unlike a library's generator."""
    z = (index + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    z = (z ^ z >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
    return z ^ z >> 31


def _rows_per_band(threshold: float) -> int:
    """The longest bands that still find pairs at the threshold almost surely."""
    rows = (rows for rows in (16, 8, 4, 2) if 1 - (1 - threshold**rows) ** (_HASHES // rows) >= _RECALL)
    return next(rows, 1)
