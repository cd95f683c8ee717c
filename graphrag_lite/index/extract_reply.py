"""What a model says about a pack of passages, read leniently and attributed strictly.

Short keys keep replies cheap: p passages, i number, e entities (n name, t type, d description), r relationships
(s source, t target, d description, w strength), c claims (s subject, o object, t type, d description, v status).
Models that spell the keys out are understood too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from graphrag_lite.records import ExtractedClaim, ExtractedEntity, ExtractedRelationship, Facts
from graphrag_lite.text.normalize import has_cjk

_LONGEST_NAME = 150
_JOINERS = "\u200c\u200d"
_WORD = re.compile(r"\w+")
_USUAL_STRENGTH = 5.0


class _Item(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, list):
            return "; ".join(str(one) for one in value if one is not None and not isinstance(one, dict | list))
        return "" if value is None else value


class EntityItem(_Item):
    """One entity."""

    n: str = Field(validation_alias=AliasChoices("n", "name", "entity", "entity_name"))
    t: str = Field("", validation_alias=AliasChoices("t", "type", "entity_type"))
    d: str = Field("", validation_alias=AliasChoices("d", "description"))


class RelationshipItem(_Item):
    """One relationship."""

    s: str = Field(validation_alias=AliasChoices("s", "source", "source_entity", "subject"))
    t: str = Field(validation_alias=AliasChoices("t", "target", "target_entity", "object"))
    d: str = Field("", validation_alias=AliasChoices("d", "description", "relationship", "relation"))
    w: float = Field(_USUAL_STRENGTH, validation_alias=AliasChoices("w", "weight", "strength"))

    @field_validator("w", mode="before")
    @classmethod
    def _number(cls, value: Any) -> float:
        try:
            return min(10.0, max(1.0, float(value)))
        except (TypeError, ValueError):
            return _USUAL_STRENGTH


class ClaimItem(_Item):
    """One claim."""

    s: str = Field(validation_alias=AliasChoices("s", "subject"))
    o: str = Field("", validation_alias=AliasChoices("o", "object"))
    t: str = Field("", validation_alias=AliasChoices("t", "type"))
    d: str = Field("", validation_alias=AliasChoices("d", "description"))
    v: str = Field("", validation_alias=AliasChoices("v", "status"))


def _whole(value: Any, *sides: set[str]) -> Any:
    """A list of the objects that have a key of each side: one odd item must not cost its passage."""
    if not isinstance(value, list):
        return value or []
    return [item for item in value if isinstance(item, dict) and all(side & item.keys() for side in sides)]


def _link_of(item: Any, names: set[str]) -> Any:
    """A relationship that is no object but a list: source, description and target, or the target before that."""
    if not isinstance(item, list) or len(item) < 3 or not all(isinstance(part, str) for part in item[:3]):
        return item
    source, middle, last = item[:3]
    is_target_last = last in names or middle not in names
    return {"s": source, "t": last, "d": middle} if is_target_last else {"s": source, "t": middle, "d": last}


class PassageItem(BaseModel):
    """What is said of one passage."""

    i: int = Field(validation_alias=AliasChoices("i", "id", "passage", "number"))
    e: list[EntityItem] = Field(default_factory=list, validation_alias=AliasChoices("e", "entities"))
    r: list[RelationshipItem] = Field(default_factory=list, validation_alias=AliasChoices("r", "relationships"))

    @field_validator("i", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        numbers = re.findall(r"\d+", value) if isinstance(value, str) else []
        return int(numbers[-1]) if numbers else value  # "passage 2", or with the mark before it

    @field_validator("e", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        items = [{"n": i} if isinstance(i, str) else i for i in value] if isinstance(value, list) else value
        return _whole(items, {"n", "name", "entity", "entity_name"})

    @field_validator("r", mode="before")
    @classmethod
    def _with_both_ends(cls, value: Any, known: ValidationInfo) -> Any:
        names = {item.n for item in known.data.get("e", ())}
        items = [_link_of(item, names) for item in value] if isinstance(value, list) else value
        return _whole(items, {"s", "source", "source_entity", "subject"}, {"t", "target", "target_entity", "object"})


class PassageItemWithClaims(PassageItem):
    """The same with claims."""

    c: list[ClaimItem] = Field(default_factory=list, validation_alias=AliasChoices("c", "claims"))

    @field_validator("c", mode="before")
    @classmethod
    def _with_a_subject(cls, value: Any) -> Any:
        return _whole(value, {"s", "subject"})


class ExtractReply(BaseModel):
    """The whole reply."""

    p: list[PassageItem] = Field(validation_alias=AliasChoices("p", "passages"))

    @model_validator(mode="before")
    @classmethod
    def _wrapped(cls, value: Any) -> Any:
        if isinstance(value, list):
            return {"p": value}
        if isinstance(value, dict) and {"e", "entities"} & value.keys():
            return {"p": [{"i": 1} | value]}
        if isinstance(value, dict) and isinstance(by_number := value.get("p", value.get("passages")), dict):
            return {"p": [{"i": number} | said for number, said in by_number.items() if isinstance(said, dict)]}
        return value

    @model_validator(mode="after")
    def _from_one(self) -> Self:
        """Passages are numbered from 1, which some models do not heed."""
        if {item.i for item in self.p} == set(range(len(self.p))):
            for item in self.p:
                item.i += 1
        return self

    def joined(self, more: ExtractReply) -> ExtractReply:
        """This reply and what a gleaning added."""
        return type(self).model_validate({"p": [item.model_dump() for item in (*self.p, *more.p)]})


class ExtractReplyWithClaims(ExtractReply):
    """The whole reply, with claims."""

    p: list[PassageItemWithClaims] = Field(validation_alias=AliasChoices("p", "passages"))  # type: ignore[assignment]  # a narrower item


def read_facts(reply: ExtractReply, texts: Sequence[str], *, may_translate: bool = False) -> list[Facts | None]:
    """Facts of each passage in order, given as it was shown; None where the reply does not list it.

    A name that stands in another passage of the pack, and not in the one it is listed under, is moved there: models
    sometimes miscount. One of which no passage holds a word was made up, and is left out, unless the model was asked
    for names in a language that may be another (`may_translate`). Relationships need both ends in their passage, by
    name or as its entity.
    """
    listed = {item.i for item in reply.p}
    folded = [_fold(text) for text in texts]
    entities: list[dict[str, ExtractedEntity]] = [{} for _ in texts]
    links: list[dict[tuple[str, str], ExtractedRelationship]] = [{} for _ in texts]
    claims: list[dict[tuple[str, str], ExtractedClaim]] = [{} for _ in texts]
    items = [item for item in reply.p if 1 <= item.i <= len(texts)]
    for item in items:
        for entity in item.e:
            name = _name(entity.n)
            place = _home(folded, item.i - 1, name)
            if name and (may_translate or _stands_in(folded[place], name)):
                _keep_longer(entities[place], ExtractedEntity(name, _type(entity.t), _text(entity.d)))
    for item in items:
        for link in item.r:
            _add_link(link, item.i - 1, folded, entities, links)
        for claim in getattr(item, "c", []):
            if subject := _name(claim.s):
                place = _home(folded, item.i - 1, subject)
                found = ExtractedClaim(subject, _text(claim.d), _name(claim.o), _type(claim.t), _type(claim.v))
                claims[place].setdefault((subject, found.description), found)
    return [
        Facts("", "", tuple(entities[n].values()), tuple(links[n].values()), tuple(claims[n].values()))
        if n + 1 in listed
        else None
        for n in range(len(texts))
    ]


def _add_link(
    link: RelationshipItem,
    number: int,
    folded: Sequence[str],
    entities: list[dict[str, ExtractedEntity]],
    links: list[dict[tuple[str, str], ExtractedRelationship]],
) -> None:
    source, target = _name(link.s), _name(link.t)
    if not source or not target or _key(source) == _key(target):
        return
    place = _home(folded, number, source, target)
    for name in (source, target):
        if _key(name) not in entities[place]:
            if _key(name) not in folded[place]:
                return
            entities[place][_key(name)] = ExtractedEntity(name)
    found = ExtractedRelationship(source, target, _text(link.d), round(link.w / _USUAL_STRENGTH, 2))
    links[place].setdefault((_key(source), _key(target)), found)


def _home(folded: Sequence[str], number: int, *names: str) -> int:
    """The passage that names belong to: the one they are listed under unless others hold them all; then the nearest."""
    keys = [_key(name) for name in names]
    if any(key in folded[number] for key in keys):
        return number
    holders = [n for n, text in enumerate(folded) if all(key in text for key in keys)]
    return min(holders, key=lambda n: (abs(n - number), n), default=number)


def _stands_in(text: str, name: str) -> bool:
    """False for a name of which a text in the same script holds nothing: no word or its stem, and no acronym."""
    key = _key(name)
    if key in text or has_cjk(key) != has_cjk(text):
        return True
    if has_cjk(key):
        return any(key[i : i + 2] in text for i in range(len(key) - 1))
    words = [word for word in _WORD.findall(key) if len(word) > 2]
    acronym = "".join(word[0] for word in _WORD.findall(key))
    return any(word[: max(4, len(word) - 3)] in text for word in words) or (len(acronym) > 1 and acronym in text)


def _keep_longer(kept: dict[str, ExtractedEntity], entity: ExtractedEntity) -> None:
    old = kept.get(_key(entity.name))
    if old is None or len(entity.description) > len(old.description):
        kept[_key(entity.name)] = entity


def merge_facts(parts: Iterable[Facts]) -> Facts:
    """Facts of the parts of one chunk, each thing once."""
    entities: dict[str, ExtractedEntity] = {}
    links: dict[tuple[str, str], ExtractedRelationship] = {}
    claims: dict[tuple[str, str], ExtractedClaim] = {}
    for part in parts:
        for entity in part.entities:
            _keep_longer(entities, entity)
        for link in part.relationships:
            links.setdefault((_key(link.source), _key(link.target)), link)
        for claim in part.claims:
            claims.setdefault((claim.subject, claim.description), claim)
    return Facts("", "", tuple(entities.values()), tuple(links.values()), tuple(claims.values()))


@lru_cache(maxsize=4096)  # a reply names the same things again and again
def _key(name: str) -> str:
    return _fold(name)


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())


def _printable(text: str) -> str:
    """On one line, without what no reader sees and a terminal obeys; joiners shape some scripts."""
    if text.isprintable():  # nearly all are: a look at each character takes long
        return " ".join(text.split())
    kept = (c if c in _JOINERS or unicodedata.category(c)[0] != "C" else " " if c.isspace() else "" for c in text)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=4096)
def _name(text: str) -> str:
    name = _printable(text).strip("\"'“”‘’` ")
    return name if len(name) <= _LONGEST_NAME and any(c.isalnum() for c in name) and name != "…" else ""


def _type(text: str) -> str:
    return _printable(text.casefold())


def _text(text: str) -> str:
    return "" if text.strip() == "…" else _printable(text)
