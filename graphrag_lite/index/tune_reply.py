"""What a model proposes for the extraction prompt of a collection, and what of it holds.

A type or relationship must be a short word of the language; a name of the example must stand in its passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from graphrag_lite.index.extract_reply import EntityItem, PassageItem, RelationshipItem
from graphrag_lite.llm.reply_forms import with_keys
from graphrag_lite.llm.tokens import compact_json
from graphrag_lite.text.normalize import fold, has_cjk
from graphrag_lite.text.sentences import sentence_spans
from graphrag_lite.text.tokens import estimate_tokens

_EXAMPLE_TOKENS = 130
_LEAST_TYPES, _MOST_TYPES, _MOST_RELATIONS = 3, 12, 10
_MARKS = re.compile(r"\{\{|\}\}|#[0-9a-f]{6}\b")
_MEANING = ("description", "meaning", "definition", "说明", "描述")
_FEW_WORDS = re.compile(r"[^\W\d_]+(?:[ /'’-][^\W\d_]+){0,3}")


class _Named(BaseModel):
    keys: ClassVar[dict[str, tuple[str, ...]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _with_our_keys(cls, value: Any) -> Any:
        """A name with its meaning; or bare."""
        said = with_keys({next(iter(cls.keys)): value} if isinstance(value, str) else value, cls.keys)
        return {key: part if isinstance(part, str) else "" for key, part in said.items()} if said else value


class _Type(_Named):
    keys: ClassVar[dict[str, tuple[str, ...]]] = {"t": ("type", "name", "entitytype", "类型"), "d": _MEANING}
    t: str
    d: str = ""


class _Relation(_Named):
    keys: ClassVar[dict[str, tuple[str, ...]]] = {"r": ("relation", "relationship", "name", "关系"), "d": _MEANING}
    r: str
    d: str = ""


class _Example(PassageItem):
    i: int = 0


class TuneReply(BaseModel):
    """What the model proposes for one language."""

    about: str = ""
    types: list[_Type]
    relations: list[_Relation] = Field(default_factory=list)
    example: _Example = _Example()

    @field_validator("about", mode="before")
    @classmethod
    def _text(cls, value: Any) -> str:
        return value if isinstance(value, str) else ""

    @field_validator("types", "relations", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """Names with their meanings, by name or in a list."""
        if isinstance(value, dict):
            value = [{"name": name, "d": meaning} for name, meaning in value.items()]
        return value or []

    @field_validator("example", mode="before")
    @classmethod
    def _readable(cls, value: Any) -> Any:
        """An example that cannot be read costs the types nothing."""
        first = value[0] if isinstance(value, list) and value else value
        try:
            return _Example.model_validate(first)
        except ValidationError:
            return _Example()


@dataclass(frozen=True, slots=True)
class Example:
    """An excerpt of a passage, and what a good reply says about it, as JSON. `passage` is its place in the sample."""

    passage: int
    excerpt: str
    reply: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What holds of a reply. `dropped` says what does not, and why."""

    about: str
    types: Mapping[str, str]
    relations: Mapping[str, str]
    example: Example | None
    dropped: tuple[str, ...]


def find_problem(reply: TuneReply, language: str) -> str:
    """Why a reply cannot be used; empty when it can."""
    good = _named(((t.t, t.d) for t in reply.types), language, _MOST_TYPES, "type", [])
    if len(good) >= _LEAST_TYPES:
        return ""
    return f"fewer than {_LEAST_TYPES} types are short nouns in the language of the passages"


def read_proposal(reply: TuneReply, passages: Sequence[str], language: str) -> Proposal:
    """What holds of a reply.

    Args:
        reply: The model's.
        passages: Texts of the sample, in the order in which the model saw them.
        language: "en" or "zh".
    """
    dropped: list[str] = []
    types = _named(((t.t, t.d) for t in reply.types), language, _MOST_TYPES, "type", dropped)
    relations = _named(((r.r, r.d) for r in reply.relations), language, _MOST_RELATIONS, "relationship", dropped)
    about = _plain(reply.about, 300).rstrip(".。") + ("。" if language == "zh" else ".")
    return Proposal(about, types, relations, _example(reply.example, passages, types, dropped), tuple(dropped))


def _named(pairs: Iterable[tuple[str, str]], language: str, most: int, what: str, dropped: list[str]) -> dict[str, str]:
    """Names with their meanings; what is no short name in the language is dropped with the reason."""
    kept: dict[str, str] = {}
    for raw, meaning in pairs:
        name = _plain(raw, 60).strip(" .,;:，。；：\"'“”")
        name = name if language == "zh" else name.lower()
        if language == "zh" and not (has_cjk(name) and len(name) <= 10):
            dropped.append(f"{what} {name!r}: not a short Chinese word")
        elif language != "zh" and (has_cjk(name) or not _FEW_WORDS.fullmatch(name)):
            dropped.append(f"{what} {name!r}: not one to four words of the language")
        elif fold(name) in map(fold, kept):
            dropped.append(f"{what} {name!r}: named twice")
        elif len(kept) == most:
            dropped.append(f"{what} {name!r}: more than {most}")
        else:
            kept[name] = _plain(meaning, 80).rstrip(".。")
    return kept


def _plain(text: str, most: int) -> str:
    """One line without anything that has a meaning in our prompt files."""
    return _MARKS.sub("", " ".join(text.split()))[:most].strip()


def _example(
    proposed: _Example, passages: Sequence[str], types: Mapping[str, str], dropped: list[str]
) -> Example | None:
    if not 1 <= proposed.i <= len(passages):
        dropped.append("the example: it names no passage of the sample")
        return None
    whole = " ".join(passages[proposed.i - 1].split())
    if _MARKS.search(whole):
        dropped.append("the example: its passage holds marks that have a meaning in prompts")
        return None
    known = {fold(name): name for name in types}
    for item in proposed.e:
        if not _stands_in(item.n, whole):
            dropped.append(f"the entity {item.n!r} of the example: its passage does not have this name")
        elif fold(item.t) not in known:
            dropped.append(f"the entity {item.n!r} of the example: {item.t!r} is no type")
    kept = [_kept(part, proposed, known) for part in _excerpts(whole)]
    excerpt, entities, links = max(kept, key=lambda k: (len(k[2]), len(k[1]), -len(k[0])))
    if len(entities) < 2 or not links:
        dropped.append("the example: no sentence of its passage names two linked entities")
        return None
    said = {
        "i": 1,
        "e": [{"n": e.n, "t": known[fold(e.t)], "d": _plain(e.d, 160)} for e in entities],
        "r": [{"s": r.s, "t": r.t, "d": _plain(r.d, 160), "w": round(r.w)} for r in links],
    }
    return Example(proposed.i - 1, excerpt, compact_json({"p": [said]}))


def _excerpts(text: str) -> Iterator[str]:
    """Every longest run of sentences that is short enough to be shown at every call."""
    spans = sentence_spans(text)
    for first, (start, end) in enumerate(spans):
        for _, last_end in spans[first:]:
            if estimate_tokens(text[start:last_end]) > _EXAMPLE_TOKENS:
                break
            end = last_end
        yield text[start:end].strip()


def _kept(
    excerpt: str, proposed: _Example, known: Mapping[str, str]
) -> tuple[str, list[EntityItem], list[RelationshipItem]]:
    """What of the proposed example stands in an excerpt; a relationship only where one sentence names both ends."""
    entities = {e.n: e for e in reversed(proposed.e) if _stands_in(e.n, excerpt) and fold(e.t) in known}
    sentences = [excerpt[start:end] for start, end in sentence_spans(excerpt)]
    links = [
        link
        for link in proposed.r
        if link.s in entities
        and link.t in entities
        and link.s != link.t
        and link.d
        and any(_stands_in(link.s, sentence) and _stands_in(link.t, sentence) for sentence in sentences)
    ]
    return excerpt, list(entities.values())[::-1], links


def _stands_in(name: str, text: str) -> bool:
    border = "" if has_cjk(name) else r"\b"
    return bool(name.strip()) and re.search(rf"{border}{re.escape(name)}{border}", text) is not None
