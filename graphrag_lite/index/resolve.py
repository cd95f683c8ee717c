"""Which names are one thing, over the whole collection. Every decision is a record that a person can undo."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from graphrag_lite.records import Merge
from graphrag_lite.settings import ResolveSettings
from graphrag_lite.text.chinese import IN_BRACKETS, IN_CLAUSE, STYLE
from graphrag_lite.text.lexicon import COMMON_ABBREVIATIONS, LEGAL_SUFFIXES, PERSON_TITLES
from graphrag_lite.text.normalize import has_cjk


@dataclass(frozen=True, slots=True)
class Naming:
    """What the rules need to know of an accepted key."""

    type: str
    count: int
    kind: str
    is_acronym: bool = False


_STATED = (IN_BRACKETS, IN_CLAUSE, STYLE)
_LEGAL_FORM = re.compile("(?<=..)(?:股份|集团股份|控股)?(?:有限责任公司|有限公司)$")


def merge_id(key: str, into: str, scope: str = "") -> str:
    """The id of a decision; the same decision has the same id in every run."""
    return hashlib.blake2b("\x1f".join((key, into, scope)).encode(), digest_size=8).hexdigest()


def follow(key: str, into: Mapping[str, str]) -> str:
    """The end of the chain of merges that begins at `key`."""
    seen = {key}
    while key in into and into[key] not in seen:
        key = into[key]
        seen.add(key)
    return key


def decide_merges(
    namings: Mapping[str, Naming],
    aliases: Mapping[tuple[str, str, str], int],
    settings: ResolveSettings,
    undone: Collection[str],
) -> tuple[Merge, ...]:
    """Merges over the whole collection, sorted by key; each key is merged into at most one other.

    Args:
        namings: Accepted keys.
        aliases: How often texts define (long form, other name, reason).
        settings: `initials` turns off the folding of initials.
        undone: Ids of decisions without effect.
    """
    decided: dict[str, tuple[str, str]] = {}
    proposals: list[Iterable[tuple[str, str, str]]] = [_aliased(namings, aliases), _spelled(namings)]
    if settings.initials:
        proposals.append(_initials(namings))
    for key, into, reason in (p for group in proposals for p in group):
        if key in decided or key == into:
            continue
        if reason not in _STATED and _conflict(namings[key].type, namings[into].type):
            continue
        if follow(into, {k: v for k, (v, _) in decided.items()} if into in decided else {}) == key:
            continue  # would close a circle
        decided[key] = (into, reason)
    return tuple(
        Merge(merge_id(k, into), k, into, reason, undone=merge_id(k, into) in undone)
        for k, (into, reason) in sorted(decided.items())
    )


def _conflict(left: str, right: str) -> bool:
    return bool(left and right and left != right)


def _aliased(
    namings: Mapping[str, Naming], aliases: Mapping[tuple[str, str, str], int]
) -> Iterable[tuple[str, str, str]]:
    """Acronyms and other names that a text defines, where all definitions agree."""
    longs: defaultdict[str, dict[str, int]] = defaultdict(dict)
    reasons: dict[tuple[str, str], str] = {}
    for (long, short, reason), count in sorted(aliases.items()):
        if long in namings and short in namings and (reason != "acronym" or namings[short].is_acronym):
            longs[short][long] = longs[short].get(long, 0) + count
            reasons.setdefault((short, long), reason)
    for short in sorted(longs):
        ranked = sorted(longs[short].items(), key=lambda item: (-item[1], item[0]))
        if len(ranked) == 1 or ranked[0][1] > 2 * ranked[1][1]:
            yield short, ranked[0][0], reasons[short, ranked[0][0]]


def _spelled(namings: Mapping[str, Naming]) -> Iterable[tuple[str, str, str]]:
    """Variants that the spelling alone decides."""
    for short, long in COMMON_ABBREVIATIONS.items():
        if short in namings and long in namings:
            yield short, long, "common abbreviation"
    for key in sorted(namings):
        parts = key.split(" ")
        if has_cjk(key) and (bare_firm := _LEGAL_FORM.sub("", key)) != key and bare_firm in namings:
            yield bare_firm, key, "legal form"
        if has_cjk(key) or len(parts) < 2:
            continue
        bare = list(parts)
        while len(bare) > 2 and bare[0] in PERSON_TITLES:
            del bare[0]
        if len(bare) < len(parts) and "of" not in parts and " ".join(bare) in namings:
            yield key, " ".join(bare), "title of a person"
        if parts[-1] in LEGAL_SUFFIXES and " ".join(parts[:-1]) in namings:
            yield key, " ".join(parts[:-1]), "legal form"
        if "and" in parts[1:-1] and (joined := " ".join(p for p in parts if p != "and")) in namings:
            yield joined, key, "and or &"
        initials = _leading(parts)
        if 1 < len(initials) < 5 and (short := " ".join(["".join(initials), *parts[len(initials) :]])) in namings:
            yield short, key, "initials without points"
        if namings[key].kind == "term" and (plural := _plural(parts)) in namings and namings[plural].kind == "term":
            yield plural, key, "plural"


def _leading(parts: list[str]) -> list[str]:
    n = 0
    while n < len(parts) and len(parts[n]) == 1:
        n += 1
    return parts[:n]


def _plural(parts: list[str]) -> str:
    last = parts[-1]
    if last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "es" if last.endswith(("s", "x", "ch", "sh")) else "s"
    return " ".join([*parts[:-1], last])


def _initials(namings: Mapping[str, Naming]) -> Iterable[tuple[str, str, str]]:
    """Names with initials into the one fuller name: "j smith" into "john smith", that into "john f smith"."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    for key in sorted(namings):
        if _is_person_like(key, namings[key]):
            families[key.rsplit(" ", 1)[1]].append(key)
    for family in families.values():
        # Two Taylors more, and "J. Taylor" may be any of them.
        if len({k.split(" ")[0][0] for k in family}) > 1:
            continue
        for key in family:
            full = [k for k in family if k != key and abbreviates(key.split(" "), k.split(" "))]
            if len(full) == 1:
                yield key, full[0], "initials"


def _is_person_like(key: str, naming: Naming) -> bool:
    parts = key.split(" ")
    return (
        naming.kind in ("name", "title", "stated")
        and naming.type in ("", "person")
        and 2 <= len(parts) <= 4
        and len(parts[-1]) > 2
        and all(p.isalpha() for p in parts)
    )


def abbreviates(short: list[str], full: list[str]) -> bool:
    """True when `short` is `full` with first names cut to initials, or without its middle initials."""
    if short == full or len(short) > len(full):
        return False
    if len(short) == len(full):
        pairs = list(zip(short[:-1], full[:-1], strict=True))
        return all(a == b or (len(a) == 1 and b.startswith(a)) for a, b in pairs) and any(
            len(a) == 1 < len(b) for a, b in pairs
        )
    middle = full[1:-1]
    is_first = short[0] == full[0] or (len(short[0]) == 1 and full[0].startswith(short[0]))
    return len(short) == 2 and is_first and all(len(m) == 1 for m in middle) and len(full[0]) > 1
