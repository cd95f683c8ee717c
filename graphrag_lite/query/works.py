"""The work that a document is part of, and what it is called: "talk-part3.txt" and "talk-part12.txt" are one talk."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from graphrag_lite.query.headings import is_of_records
from graphrag_lite.records import Passage
from graphrag_lite.text.informative import quotable
from graphrag_lite.text.normalize import has_cjk
from graphrag_lite.text.topic import topic

_PART = re.compile(
    r"(?i)[\s_\-–,.]*(?:\(?\b(?:part|pt|page|p|chapter|chap|ch|section|sec|vol|volume|no|chunk)?[\s_\-.#]*\d+\)?|第[\d一二三四五六七八九十]+[章节回部页])$"
)
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")  # DavidBaker
_HYPHEN = re.compile(r"(?<!\d)-|-(?!\d)")  # none inside 2024-03-25
_LONGEST_OPENING, _LONGEST_OPENING_CJK = 6, 14  # words, characters
_DATED = re.compile(r"\b(?:1[5-9]|20)\d\d(?:[-./]\d\d?){0,2}\)?$")  # the last word of a title
_ENDING = re.compile(r"(?:\.[A-Za-z]{2,5})+$")  # of a file


def family(source: str) -> str:
    """What the parts of one work have in common: "talk-part3.txt" and "talk-part12.txt" are one."""
    name = PurePosixPath(source.replace("\\", "/"))
    stem = name.stem if len(name.suffix) <= 6 else name.name
    bare = _PART.sub("", stem)
    return f"{name.parent}/{bare}" if len(bare) >= (2 if has_cjk(bare) else 3) else f"{name.parent}/{stem}"


def work_of(document_id: str, title: str, source: str) -> str:
    """The work that a document is part of, by its title, else by its file unless that holds many documents."""
    if title:
        return family(title)
    return document_id if not source or is_of_records(source) else family(source)


def work_of_passage(passage: Passage) -> str:
    """The same of a passage."""
    return work_of(passage.document_id, passage.title, passage.source)


def readable_title(passage: Passage) -> str:
    """The title of a passage's document as a heading: no file endings, no part numbers, no underscores.

    A record without a title is named by what its text defines, or by how it begins.
    """
    if not passage.title and (not passage.source or is_of_records(passage.source)):
        return topic(passage.text) or _opening(passage.text) or passage.document_id
    name = passage.title if " " in passage.title else PurePosixPath(passage.title or passage.source).name
    bare = name if " " in passage.title else _ENDING.sub("", name)  # "Building Node.js" is no file
    title = (bare if _DATED.search(bare) else _PART.sub("", bare)).replace("_", " ")
    if not passage.title:
        title = _JOINED.sub(" ", title if " " in title.strip() else _HYPHEN.sub(" ", title))
        title = title[:1].upper() + title[1:]
    return " ".join(title.split()) or passage.document_id


def _opening(text: str) -> str:
    """The first words of a text, a few."""
    bare = quotable(text[:200])
    if has_cjk(bare[:20]):
        return re.split(r"[，。；：、（(,]", bare, maxsplit=1)[0][:_LONGEST_OPENING_CJK]
    return " ".join(bare.split()[:_LONGEST_OPENING]).rstrip(".,;:")
