"""The facts of a reply, each at the passage that holds it: what no passage holds was made up, and is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphrag_lite.index.extract_reply import USUAL_STRENGTH, ClaimItem, EntityItem, ExtractReply, RelationshipItem
from graphrag_lite.index.reply_names import (
    as_it_stands,
    folded,
    holds,
    is_sentence,
    key_of,
    name_in_use,
    read_description_of,
    read_name,
    read_text,
    read_type,
    stands_in,
)
from graphrag_lite.records import ExtractedClaim, ExtractedEntity, ExtractedRelationship, Facts


def read_facts(reply: ExtractReply, texts: Sequence[str], *, may_translate: bool = False) -> list[Facts | None]:
    """Facts of each passage in order, given as it was shown; None where the reply does not list it.

    A name that stands in another passage of the pack, and not in the one it is listed under, is moved there: models
    sometimes miscount. One of which no passage holds a word was made up, and is left out, unless the model was asked
    for names in a language that may be another (`may_translate`). Relationships need both ends in their passage, by
    name or as its entity; those of no passage go to the first where both are.
    """
    listed = {item.i for item in reply.p}
    pack = _Pack(texts, may_translate=may_translate)
    items = [item for item in reply.p if 1 <= item.i <= len(texts)]
    for item in items:
        for entity in item.e:
            pack.add_entity(entity, item.i - 1)
    for item in items:
        for link in item.r:
            pack.add_link(link, item.i - 1)
        for claim in getattr(item, "c", []):
            pack.add_claim(claim, item.i - 1)
    for link in reply.r:
        pack.add_link(link, link.i - 1 if 1 <= link.i <= len(texts) else pack.holder(link))
    return [pack.facts(n) if n + 1 in listed else None for n in range(len(texts))]


class _Pack:
    """What is known of the passages that share a reply."""

    def __init__(self, texts: Sequence[str], *, may_translate: bool) -> None:
        self._texts = texts
        self._folded = [folded(text) for text in texts]
        self._all = "\n".join(self._folded)
        self._may_translate = may_translate
        self._entities: list[dict[str, ExtractedEntity]] = [{} for _ in texts]
        self._links: list[dict[tuple[str, str], ExtractedRelationship]] = [{} for _ in texts]
        self._claims: list[dict[tuple[str, str], ExtractedClaim]] = [{} for _ in texts]

    def add_entity(self, said: EntityItem, number: int) -> None:
        """Keep an entity listed under a passage, where it stands in one."""
        name = self._name(said.n, number)
        place = self._home(number, name)
        is_name = bool(name) and not is_sentence(name, self._texts[place])
        if is_name and (self._may_translate or stands_in(self._folded[place], name)):
            told = read_description_of(name, said.d)
            _keep_longer(self._entities[place], ExtractedEntity(name, read_type(said.t), told))

    def add_link(self, said: RelationshipItem, number: int) -> None:
        """Keep a relationship whose ends are entities of its passage, or words of it."""
        source, target = self._name(said.s, number), self._name(said.t, number)
        if not source or not target or key_of(source) == key_of(target):
            return
        place = self._home(number, source, target)
        entities = self._entities[place]
        unlisted = [name for name in (source, target) if key_of(name) not in entities]
        if not all(_has_letter(name) and holds(self._folded[place], name) for name in unlisted):
            return
        entities |= {key_of(name): ExtractedEntity(name) for name in unlisted}
        found = ExtractedRelationship(source, target, read_text(said.d), round(said.w / USUAL_STRENGTH, 2))
        self._links[place].setdefault((key_of(source), key_of(target)), found)

    def holder(self, said: RelationshipItem) -> int:
        """The first passage that holds both ends of a relationship; any where none does."""
        for number, (text, entities) in enumerate(zip(self._folded, self._entities, strict=True)):
            names = self._name(said.s, number), self._name(said.t, number)
            if all(key_of(name) in entities or holds(text, name) for name in names):
                return number
        return 0

    def add_claim(self, said: ClaimItem, number: int) -> None:
        """Keep a claim about something."""
        if subject := self._name(said.s, number):
            place = self._home(number, subject)
            what = self._name(said.o, number)
            found = ExtractedClaim(subject, read_text(said.d), what, read_type(said.t), read_type(said.v))
            self._claims[place].setdefault((subject, found.description), found)

    def facts(self, number: int) -> Facts:
        """All that was kept of a passage."""
        kept = self._entities[number], self._links[number], self._claims[number]
        entities, links, claims = (tuple(found.values()) for found in kept)
        return Facts("", "", entities, links, claims)  # type: ignore[arg-type]  # a tuple of each

    def _name(self, said: str, number: int) -> str:
        name = read_name(said) or name_in_use(said, self._texts[number])
        if not name or key_of(name) in self._folded[number]:  # as nearly all: a look at all passages takes long
            return name
        return as_it_stands(name, self._all)

    def _home(self, number: int, *names: str) -> int:
        """The passage that names belong to: the one they are listed under unless others hold them all; the nearest."""
        keys = [key_of(name) for name in names]
        if any(key in self._folded[number] for key in keys):
            return number
        holders = [n for n, text in enumerate(self._folded) if all(key in text for key in keys)]
        return min(holders, key=lambda n: (abs(n - number), n), default=number)


def _has_letter(name: str) -> bool:
    return any(map(str.isalpha, name))


def _keep_longer(kept: dict[str, ExtractedEntity], entity: ExtractedEntity) -> None:
    old = kept.get(key_of(entity.name))
    if old is None or len(entity.description) > len(old.description):
        kept[key_of(entity.name)] = entity


def merge_facts(parts: Iterable[Facts]) -> Facts:
    """Facts of the parts of one chunk, each thing once."""
    entities: dict[str, ExtractedEntity] = {}
    links: dict[tuple[str, str], ExtractedRelationship] = {}
    claims: dict[tuple[str, str], ExtractedClaim] = {}
    for part in parts:
        for entity in part.entities:
            _keep_longer(entities, entity)
        for link in part.relationships:
            links.setdefault((key_of(link.source), key_of(link.target)), link)
        for claim in part.claims:
            claims.setdefault((claim.subject, claim.description), claim)
    return Facts("", "", tuple(entities.values()), tuple(links.values()), tuple(claims.values()))
