"""The bands of document signatures as columns of numbers, to find the few that can be near copies of another one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from graphrag_lite.index.duplicates import FORMAT, HASHES, HEADER, rows_per_band

_MIX = np.uint64(0x9E3779B97F4A7C15)


def band_numbers(signatures: Sequence[bytes], threshold: float) -> NDArray[np.uint32]:
    """Numbers of shape [signatures, bands + 1]: what differs from all others in every column is near to none of them.

    Args:
        signatures: As `duplicates.signature` makes them; those of another format are taken for equal.
        threshold: Least similarity, as given to `NearDuplicates`.
    """
    rows = rows_per_band(threshold)
    numbers = np.zeros((len(signatures), HASHES // rows + 1), np.uint64)
    minima = np.zeros((len(signatures), HASHES), np.uint64)
    for at, data in enumerate(signatures):
        if data.startswith(FORMAT):
            digest = data[4:20]
            # Too short to be near to anything but an equal text: its minima are made of the hash of the text.
            least = data[HEADER.size :][: 4 * HASHES] or digest * (HASHES // 4)
            numbers[at, 0] = int.from_bytes(digest[:8], "little")
            minima[at] = np.frombuffer(least, "<u4")
    for at in range(rows):
        numbers[:, 1:] = (numbers[:, 1:] ^ minima[:, at::rows]) * _MIX
    return (numbers >> np.uint64(32)).astype(np.uint32)
