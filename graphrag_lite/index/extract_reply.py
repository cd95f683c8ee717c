"""The shapes of what a model says about a pack of passages, read leniently; `reply_facts` attributes it strictly.

Short keys keep replies cheap: p passages, i number, e entities (n name, t type, d description), r relationships
(s source, t target, d description, w strength), c claims (s subject, o object, t type, d description, v status).
Models that spell the keys out are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

from graphrag_lite.llm.reply_forms import numbers_in, share_of, unquoted, with_keys

USUAL_STRENGTH, _MOST_STRENGTH = 5.0, 10.0
Keys = dict[str, tuple[str, ...]]
_NAME = ("name", "entity", "entityname", "title", "id", "text", "名称", "名字", "实体", "实体名称")
_KIND = ("type", "entitytype", "label", "category", "kind", "类型", "类别", "实体类型")
_LINKS = ("relationships", "relations", "edges", "triples", "links", "关系")
_ARROW = re.compile(r"\s*(?:[-=–—]+>|→)\s*")
_SAID = ("description", "desc", "entitydescription", "说明", "描述", "实体描述")


class _Item(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)
    keys: ClassVar[Keys] = {}

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            return value
        if isinstance(value, dict):  # a whole entity for its name
            named = with_keys(value, {"n": _NAME}).get("n", "")
            return named if isinstance(named, str) else ""
        if isinstance(value, list):
            return "; ".join(str(one) for one in value if one is not None and not isinstance(one, dict | list))
        if isinstance(value, bool):  # the status of a claim, which the prompt asks for in these words
            return str(value).lower()
        return "" if value is None else value


class EntityItem(_Item):
    """One entity."""

    keys: ClassVar[Keys] = {"n": _NAME, "t": _KIND, "d": _SAID}
    n: str
    t: str = ""
    d: str = ""


class RelationshipItem(_Item):
    """One relationship."""

    keys: ClassVar[Keys] = {
        "s": (
            *("source", "sourceentity", "subject", "head", "headentity", "from", "fromentity", "sourceid"),
            *("sourcenodeid", "srcid", "src", "entity1", "start", "源", "源实体", "主体", "头实体"),
        ),
        "t": (
            *("target", "targetentity", "object", "tail", "tailentity", "to", "toentity", "targetid"),
            *("targetnodeid", "tgtid", "tgt", "entity2", "end", "目标", "目标实体", "客体", "尾实体"),
        ),
        "d": (*_SAID, "relationshipdescription", "relationship", "relation", "predicate", "type", "label", "关系"),
        "w": ("weight", "strength", "relationshipstrength", "score", "强度", "权重"),
    }
    s: str
    t: str
    d: str = ""
    w: float = USUAL_STRENGTH

    @field_validator("w", mode="before")
    @classmethod
    def _number(cls, value: Any) -> float:
        given = share_of(value, _MOST_STRENGTH)
        return USUAL_STRENGTH if given is None else max(1.0, given)


class PlacedRelationshipItem(RelationshipItem):
    """One that stands beside the passages, with the number of its own; -1: none is told."""

    keys: ClassVar[Keys] = RelationshipItem.keys | {
        "i": ("passage", "passageid", "passagenumber", "passageindex", "段落", "段落编号")
    }
    i: int = -1

    @field_validator("i", mode="before")
    @classmethod
    def _passage(cls, value: Any) -> int:
        return next(iter(numbers_in(value)), -1)


class ClaimItem(_Item):
    """One claim."""

    keys: ClassVar[Keys] = {
        "s": ("subject", "source", "主体"),
        "o": ("object", "target", "客体"),
        "t": _KIND,
        "d": (*_SAID, "claim"),
        "v": ("status", "value", "verdict", "状态"),
    }
    s: str
    o: str = ""
    t: str = ""
    d: str = ""
    v: str = ""


def _whole(value: Any, item: type[_Item], *sides: str) -> list[dict[str, Any]]:
    """Of a list, or of one alone, the objects that have all sides: one odd item must not cost its passage.

    Raises:
        ValueError: No side of anything could be read, which is not that nothing is there.
    """
    items = value if isinstance(value, list) else [value] if isinstance(value, dict) and value else []
    objects = [one for one in items if isinstance(one, dict)]
    found = [with_keys(one, item.keys) for one in objects]
    is_unread = not any(set(sides) <= one.keys() for one in found)
    may_be_there = not any(one.keys() & set(sides) for one in found) or sum(map(len, objects)) > sum(map(len, found))
    if any(items) and is_unread and may_be_there:
        raise ValueError(f"nothing in the list has {' and '.join(sides)}")
    return [one for one in found if all(one.get(side) is not None for side in sides)]


def _entity_of(item: Any) -> Any:
    """An entity that is no object: its name alone, or a list of name, type and description."""
    parts = item if isinstance(item, list) else [item]
    is_plain = parts and all(isinstance(part, str) for part in parts)
    return dict(zip(("n", "t", "d"), parts, strict=False)) if is_plain else item


def _entities_of(value: Any) -> list[Any]:
    """Entities that are no list: one alone, by name, or names by type."""
    if not isinstance(value, dict):
        return value if isinstance(value, list) else []
    if with_keys(value, {"n": ("name", "entityname")}):
        return [value]
    found: list[Any] = []
    for key, said in value.items():
        if isinstance(said, dict):
            found.append({"n": key} | said)
        elif isinstance(said, list):
            found += [one if isinstance(one, dict) else {"n": one, "t": key} for one in said]
        else:
            found.append({"n": key, "t" if len(str(said).split()) < 3 else "d": said})
    return found


def _link_of(item: Any, names: set[str]) -> Any:
    """A relationship that is no object but a list: source, description and target, or the target before that.

    Or a line with arrows: "Ada Renn -> Kelder: mended the lamp", "Ada Renn -> mended the lamp of -> Kelder".
    """
    if isinstance(item, str) and len(ends := _ARROW.split(item)) > 1:
        target, _, said = ends[-1].partition(": ")
        return {"s": ends[0], "t": target, "d": said or " ".join(ends[1:-1])}
    if not isinstance(item, list) or len(item) < 3 or not all(isinstance(part, str) for part in item[:3]):
        return item
    source, middle, last = item[:3]
    is_target_last = last in names or (middle not in names and len(item) == 3)
    return {"s": source, "t": last, "d": middle} if is_target_last else {"s": source, "t": middle, "d": last}


def _links_of(value: Any, names: set[str], item: type[RelationshipItem]) -> list[dict[str, Any]]:
    """Relationships between things of these names.

    Raises:
        ValueError: No end of any could be read.
    """
    value = unquoted(value)
    found = _whole([_link_of(one, names) for one in value] if isinstance(value, list) else value, item, "s", "t")
    if found and all(str(one[end]).isdigit() and str(one[end]) not in names for one in found for end in "st"):
        raise ValueError("s and t are numbers, not names from e")
    return found


def _links_within(entities: Any) -> list[Any]:
    """Relationships that stand in the entity which is one of their ends."""
    found = []
    for entity in _entities_of(unquoted(entities)):
        said = with_keys(entity, {"n": _NAME, "r": _LINKS}) if isinstance(entity, dict) else {}
        links = [with_keys(one, RelationshipItem.keys) for one in _listed(said.get("r")) if isinstance(one, dict)]
        found += [{"s": said.get("n"), "t": said.get("n")} | link for link in links if {"s", "t"} & link.keys()]
    return found


def _listed(value: Any) -> list[Any]:
    """A list as it is, and one thing alone as a list of it."""
    value = unquoted(value)
    return value if isinstance(value, list) else [value] if value else []


def _is_unread(part: Any, read: Collection[Any], *, may_be_texts: bool) -> bool:
    """True for an object or list that is none of what was read; a list of texts may be keywords."""
    if not part or not isinstance(part, list | dict) or any(part is one for one in read):
        return False
    return not may_be_texts or isinstance(part, dict) or any(isinstance(item, list | dict) for item in part)


class PassageItem(BaseModel):
    """What is said of one passage."""

    keys: ClassVar[Keys] = {
        "i": (
            "id",
            "index",
            "number",
            "passage",
            "passageid",
            "passagenumber",
            "passageindex",
            "no",
            "编号",
            "段落编号",
        ),
        "e": ("entities", "nodes", "namedentities", "实体"),
        "r": _LINKS,
        "c": ("claims", "主张", "声明"),
    }
    i: int
    e: list[EntityItem] = Field(default_factory=list)
    r: list[RelationshipItem] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _with_our_keys(cls, value: Any) -> Any:
        said = with_keys(value, cls.keys)
        if isinstance(said, dict) and (within := _links_within(said.get("e"))):
            said = said | {"r": [*_listed(said.get("r")), *within]}
        missing = sorted({"e", "r"} - said.keys()) if isinstance(value, dict) else []
        for key in value if missing else ():
            if _is_unread(value[key], said.values(), may_be_texts=len(missing) == 1):
                raise ValueError(f"{' and '.join(missing)} is not there, but {key!r}")
        return said

    @field_validator("i", mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        numbers = numbers_in(value)
        return numbers[0] if numbers else value  # "passage 2", or with the mark before it

    @field_validator("e", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        items = _entities_of(unquoted(value))
        found = _whole([_entity_of(item) for item in items], EntityItem, "n")
        if items and not found:
            raise ValueError("no entity has a name n")
        return found

    @field_validator("r", mode="before")
    @classmethod
    def _with_both_ends(cls, value: Any, known: ValidationInfo) -> Any:
        return _links_of(value, {item.n for item in known.data.get("e", ())}, RelationshipItem)


class PassageItemWithClaims(PassageItem):
    """The same with claims."""

    c: list[ClaimItem] = Field(default_factory=list)

    @field_validator("c", mode="before")
    @classmethod
    def _with_a_subject(cls, value: Any) -> Any:
        return _whole(unquoted(value), ClaimItem, "s")


def _passages_of(value: Any) -> list[Any]:
    """Passages, however they are listed: bare, one alone, by number, or in several lists one after the other."""
    value = unquoted(value)
    if isinstance(value, list):
        parts = [
            _passages_of(one) if isinstance(one, dict) and "p" in with_keys(one, _LIST) else [one] for one in value
        ]
        return [one for part in parts for one in part]
    if not isinstance(value, dict):
        return [value]
    if "p" in (said := with_keys(value, _LIST)):
        return _passages_of(said["p"])
    if {"i", "e"} & with_keys(value, {key: PassageItem.keys[key] for key in ("i", "e")}).keys():
        return [value]
    if not all(numbers_in(number) and isinstance(said, dict) for number, said in value.items()):
        raise ValueError("there is no list p of passages")
    return [{"i": number} | said for number, said in value.items()]


_LIST: Keys = {"p": ("passages", "段落")}


class ExtractReply(BaseModel):
    """The whole reply."""

    p: list[PassageItem]
    # Beside the passages, where no schema asks for them.
    r: Annotated[list[PlacedRelationshipItem], SkipJsonSchema()] = Field(default_factory=list, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        items = _passages_of(value)
        if all(isinstance(item, dict) for item in items):
            numbers = [with_keys(item, {"i": PassageItem.keys["i"]}).get("i") for item in items]
            if all(number is None for number in numbers):  # then they are in the order of the passages
                items = [item | {"i": at} for at, item in enumerate(items, 1)]
        said = with_keys(value, _LIST | {"r": _LINKS})
        return {"p": items, "r": said.get("r") if isinstance(said, dict) and "p" in said else None}

    @field_validator("r", mode="before")
    @classmethod
    def _with_both_ends(cls, value: Any, known: ValidationInfo) -> Any:
        names = {entity.n for item in known.data.get("p", ()) for entity in item.e}
        return _links_of(value, names, PlacedRelationshipItem)

    @model_validator(mode="after")
    def _from_one(self) -> Self:
        """Passages are numbered from 1, which some models do not heed."""
        if {item.i for item in self.p} == set(range(len(self.p))):
            numbered: list[PassageItem | PlacedRelationshipItem] = [*self.p, *self.r]
            for item in numbered:
                item.i += 1
        return self

    def joined(self, more: ExtractReply) -> ExtractReply:
        """This reply and what a gleaning added."""
        passages, links = (*self.p, *more.p), (*self.r, *more.r)
        return type(self).model_validate(
            {"p": [item.model_dump() for item in passages], "r": [link.model_dump() for link in links]}
        )


class ExtractReplyWithClaims(ExtractReply):
    """The whole reply, with claims."""

    p: list[PassageItemWithClaims]  # type: ignore[assignment]  # a narrower item
