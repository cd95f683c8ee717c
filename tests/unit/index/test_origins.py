"""Near copies are found in columns first; what is left out there could never have been one."""

import random

import numpy as np
import pyarrow as pa
import pytest

from graphrag_lite.index.bands import band_numbers
from graphrag_lite.index.duplicates import NearDuplicates, facts_told, signature
from graphrag_lite.index.origins import find_copies, fold_origins

RANDOM = random.Random(5)
WORDS = ["".join(RANDOM.choice("abcdefghijk") for _ in range(6)) for _ in range(500)]


def text(seed: int, changed: int = 0) -> str:
    chooser = random.Random(seed)
    words = [chooser.choice(WORDS) for _ in range(120)]
    words[:changed] = [f"w{n}" for n in range(changed)]
    return " ".join(words)


TEXTS = {f"d{n}": text(n) for n in range(20)} | {
    "copy": text(3) + " and more",
    "edited": text(4, changed=1),
    "far": text(5, changed=60),
    "short": "few words",
    "short again": "few\nwords",
    "empty": "",
}
SIGNATURES = {name: signature(text) for name, text in TEXTS.items()}


class Documents:
    """The table of documents, and how it is read."""

    def batches(self, name, columns, size):
        rows = sorted(SIGNATURES)
        for start in range(0, len(rows), 7):
            part = rows[start : start + 7]
            signatures = pa.array([SIGNATURES[one] for one in part], pa.binary())
            yield pa.record_batch({"document_id": pa.array(part), "signature": signatures})

    def read_keys(self, name, keys, columns):
        rows = [{"document_id": k, "signature": SIGNATURES[k], "characters": len(TEXTS[k])} for k in sorted(keys)]
        self.read = set(keys)
        return pa.Table.from_pylist(rows)


def places(pairs: list[tuple[str, str]]) -> pa.Table:
    return pa.table([[d for d, _ in sorted(pairs)], [s for _, s in sorted(pairs)]], ["document_id", "source"])


def test_only_documents_that_share_a_band_are_compared_and_the_copies_are_those_of_comparing_all():
    documents = Documents()
    found = find_copies(documents, places([(name, name) for name in TEXTS]), 0.7)
    finder, expected = NearDuplicates(0.7), {}
    for name in sorted(TEXTS, key=lambda name: (-facts_told(SIGNATURES[name]), -len(TEXTS[name]), name)):
        kept = finder.find(SIGNATURES[name])
        if kept is None:
            finder.add(name, SIGNATURES[name])
        else:
            expected[name] = kept
    assert found == expected
    assert {"d3", "short again"} <= found.keys() | set(found.values())
    assert len(documents.read) < len(TEXTS) / 2


def test_the_longest_stands_for_its_copies_and_of_equals_the_first_source():
    documents = Documents()
    pairs = [(name, name) for name in TEXTS if not name.startswith("short")]
    found = find_copies(documents, places([*pairs, ("short", "b"), ("short again", "a")]), 0.7)
    assert found["d3"] == "copy"
    assert found["short"] == "short again"


@pytest.mark.parametrize("data", [b"", b"OLD1" + bytes(60)], ids=["empty", "another format"])
def test_what_is_no_signature_has_numbers_too(data):
    assert band_numbers([data], 0.9).shape == band_numbers([SIGNATURES["d1"]], 0.9).shape
    assert not np.array_equal(band_numbers([data], 0.9), band_numbers([SIGNATURES["d1"]], 0.9))


def test_a_copy_gives_its_sources_to_the_document_that_stands_for_it():
    rows = fold_origins(places([("a", "1.txt"), ("b", "2.txt"), ("b", "0.txt")]), ["a", "b", "c"], {"b": "a"})
    assert [(r["document_id"], r["source"], r["sources"], r["duplicate_of"]) for r in rows.to_pylist()] == [
        ("a", "1.txt", ["1.txt", "0.txt", "2.txt"], ""),
        ("b", "0.txt", ["0.txt", "2.txt"], "a"),
        ("c", "", [], ""),
    ]
