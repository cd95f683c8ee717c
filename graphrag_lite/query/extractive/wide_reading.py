"""What is read for a question about many documents: more than for a fact, for each of its parts, and named files."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphrag_lite.query.asked import Asked, read_question
from graphrag_lite.query.extractive.wanted import RELATION
from graphrag_lite.query.retrieve import Ranking
from graphrag_lite.query.search import Search, merge_rankings
from graphrag_lite.records import Passage

_READ = 60  # passages
_READ_OF_NAMED = 20  # of files that the question names, by so many of its words, unless these are files of any kind
_WORDS_OF_A_FILE, _LEAST_STEM, _NAMED_SHARE = 2, 4, 0.5
_PARTS = re.compile(
    r"[?？。;；]\s*|,\s*(?:and\s+)?(?=(?:by |with |in |for |of |at )?(?:what|which|who|whom|how|why|where|when)\b)"
    r"|\s+and\s+(?=(?:what|which|who|whom|how|why|where|when)\b)|，(?=(?:又|并|以及|和)?(?:依靠|取得|由|有|是)?[哪什怎如为何谁])",
    re.IGNORECASE,
)


def read_widely(search: Search, asked: Asked, whole: Ranking) -> list[Passage]:
    """The best passages for a question and for each of the questions that it consists of.

    Of documents whose file or folder the question names ("the incident records") some more are read.
    """
    parts = [(search.rank(part), 1.0) for part in question_parts(asked)]
    found = search.passages(merge_rankings(whole, parts, search.session.retriever.size) if parts else whole, _READ)
    known = {passage.chunk_id for passage in found}
    ids = search.session.passages_table["chunk_id"]
    for row in _rows_of_named_files(search, asked, whole):
        chunk_id = ids[row].as_py()
        passage = None if chunk_id in known else search.passage(chunk_id)
        if passage is not None:
            found.append(passage)
    return found


def question_parts(asked: Asked) -> list[str]:
    """The questions that a question consists of; none where it is one."""
    found = [part.strip(" ,，") for part in _PARTS.split(asked.text)]
    found = [part for part in found if read_question(part).terms - RELATION]
    return found if len(found) > 1 else []


def _rows_of_named_files(search: Search, asked: Asked, ranking: Ranking) -> list[int]:
    """Rows of the files whose folder and name hold several words of the question, best first, a few."""
    column = search.session.passages_table["source"]
    sources = column.unique()
    short = pc.utf8_lower(pc.replace_substring_regex(sources, r"^.*[/\\\\]([^/\\\\]*[/\\\\][^/\\\\]*)$", r"\1"))
    count = np.zeros(len(sources), np.int64)
    for term in sorted(asked.terms):
        if len(term) >= _LEAST_STEM:
            count += pc.fill_null(pc.match_substring(short, term), False).to_numpy(zero_copy_only=False)
    named = np.flatnonzero(count >= _WORDS_OF_A_FILE)
    if not len(named) or len(named) > _NAMED_SHARE * len(sources):
        return []
    is_in = pc.is_in(column, value_set=sources.take(pa.array(named))).to_numpy()
    ranked = [row for row in ranking.rows.tolist() if is_in[row]]
    return list(dict.fromkeys([*ranked, *np.flatnonzero(is_in).tolist()]))[:_READ_OF_NAMED]
