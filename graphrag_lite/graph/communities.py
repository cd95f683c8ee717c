"""Communities: levels of entity groups, found by Leiden, that change little when the documents change little."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from graphrag_lite.records import Community

Ints = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]

_SMALLEST_CHILD = 3  # what is split off a community is at least this big; the rest stays in the parent only
_FINER = (1.0, 2.0, 4.0)  # resolutions tried until a community that is too big falls apart
# Of modularity, to keep communities as they were: at the top, and within one community, where two runs of Leiden on
# the same graph differ by 2.5% in one case of ten (measured on transcripts).
_TOLERATED_LOSS, _TOLERATED_LOSS_WITHIN = 0.01, 0.03


@dataclass(slots=True)
class _Group:
    """A community that is being built: node numbers, and its place in the tree."""

    nodes: Ints
    level: int
    parent: _Group | None = None
    children: list[_Group] = field(default_factory=list)


def detect_communities(
    sources: Ints,
    targets: Ints,
    weights: Floats,
    entity_ids: Sequence[str],
    *,
    max_size: int = 12,
    seed: int = 7,
    previous: Mapping[str, Sequence[str]] | None = None,
) -> list[Community]:
    """Group entities into levels of communities with the Leiden algorithm.

    Level 0 is the coarsest cut; each later level splits what is larger than `max_size`, where it falls apart at all.
    Neither the order of edges nor that of entities matters. Entities without a relationship are in no community.
    Weights become associations, w / sqrt(d_i d_j) with d the sum of weights at an entity, so that a country or a host,
    named with everything, holds little together: measured on transcripts and on encyclopedic passages, the largest
    community falls to a half and a third, and communities agree better with documents than by plain weights.

    Args:
        sources: Entity index of one end of each relationship.
        targets: Entity index of the other end.
        weights: Above 0.
        entity_ids: Ids by index.
        max_size: Communities with more entities are split at the next level.
        seed: Of the Leiden algorithm.
        previous: Members of each community (of all levels) in the last snapshot. They stay, with what is new added,
            unless the modularity is more than 1% (within a community: 3%) under that of a fresh run.

    Raises:
        ValueError: A weight is 0 or less.

    Source: Traag, Waltman and van Eck 2019, https://arxiv.org/abs/1810.08473
    """
    if len(weights) and float(np.min(weights)) <= 0:
        raise ValueError("every relationship needs a weight above 0")
    order = np.argsort(np.asarray(entity_ids, dtype=object), kind="stable")
    names = [entity_ids[i] for i in order.tolist()]
    edges = _ordered_edges(np.asarray(sources), np.asarray(targets), np.asarray(weights, np.float64), order)
    history = _History(previous or {}, names)
    roots = _split([_Group(np.unique(np.concatenate(edges[:2])), -1)], edges, history, seed, smallest=2)
    tree, tops = list(roots), list(roots)
    while tops:
        large = [group for group in tops if len(group.nodes) > max_size]
        tops = _split(large, edges, history, seed, smallest=_SMALLEST_CHILD)
        tree += tops
    return _records(tree, names)


def community_id(level: int, entity_ids: Sequence[str]) -> str:
    """The id of a community: the same members at the same level give the same id."""
    digest = blake2b(str(level).encode(), digest_size=8)
    for entity_id in sorted(entity_ids):
        digest.update(b"\x00" + entity_id.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


_Edges = tuple[Ints, Ints, Floats]
_Edge = tuple[str, str, float]


def _ordered_edges(sources: Ints, targets: Ints, weights: Floats, order: Ints) -> _Edges:
    """Edges over node numbers in the order of ids, as associations, sorted: Leiden depends on the order."""
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    a, b = rank[sources], rank[targets]
    low, high = np.minimum(a, b), np.maximum(a, b)
    proper = low != high
    low, high, weights = low[proper], high[proper], weights[proper]
    strength = np.bincount(low, weights, len(order)) + np.bincount(high, weights, len(order))
    association = weights / np.sqrt(strength[low] * strength[high])
    position = np.lexsort((high, low))
    return low[position], high[position], association[position]


class _History:
    """Which community an entity was in, level by level."""

    def __init__(self, previous: Mapping[str, Sequence[str]], names: Sequence[str]) -> None:
        self._chain: dict[int, list[int]] = {}
        node_of = {name: node for node, name in enumerate(names)} if previous else {}
        # A child is smaller than its parent, so the order of sizes is the order of levels.
        ordered = sorted(previous.items(), key=lambda item: (-len(item[1]), item[0]))
        for label, (_, members) in enumerate(ordered):
            for member in members:
                if member in node_of:
                    self._chain.setdefault(node_of[member], []).append(label)

    def labels(self, nodes: Sequence[int], level: int) -> dict[int, tuple[int, int]]:
        """Where each node was at a level; empty when no node was anywhere.

        A node that its parent's split left over stays alone; one that is new to the parent has no label.
        """
        found = {}
        for node in nodes:
            chain = self._chain.get(node, ())
            if len(chain) > level:
                found[node] = (0, chain[level])
            elif chain and len(chain) == level:
                found[node] = (1, node)
        return found if any(kind == 0 for kind, _ in found.values()) else {}


def _split(groups: list[_Group], edges: _Edges, history: _History, seed: int, smallest: int) -> list[_Group]:
    """Cut each group once; what falls apart becomes the group's children, which are returned."""
    if not groups or not len(edges[0]):
        return []
    children: list[_Group] = []
    for group, inner in zip(groups, _inner_edges(groups, edges), strict=True):
        parts = _cut(inner, group.level + 1, history, seed, smallest) if inner else []
        is_root = group.level < 0
        if len(parts) < 2 and not is_root:
            continue
        for nodes in parts:
            if len(nodes) >= smallest:
                child = _Group(np.array(sorted(nodes), np.int64), group.level + 1, None if is_root else group)
                group.children.append(child)
                children.append(child)
    return children


def _inner_edges(groups: list[_Group], edges: _Edges) -> Iterator[list[_Edge]]:
    """The edges inside each group, in order."""
    low, high, weight = edges
    label = np.full(int(high.max()) + 1, -1, np.int64)
    for number, group in enumerate(groups):
        label[group.nodes] = number
    inside = np.flatnonzero((label[low] == label[high]) & (label[low] >= 0))
    inside = inside[np.argsort(label[low[inside]], kind="stable")]
    bounds = np.searchsorted(label[low[inside]], np.arange(len(groups) + 1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = inside[start:end]
        ends = zip(low[rows].tolist(), high[rows].tolist(), weight[rows].tolist(), strict=True)
        yield [(str(a), str(b), w) for a, b, w in ends]


def _cut(edges: list[_Edge], level: int, history: _History, seed: int, smallest: int) -> list[list[int]]:
    """The parts of one group, the largest first."""
    import graspologic_native as native

    nodes = sorted({int(n) for edge in edges for n in edge[:2]})
    known = history.labels(nodes, level)
    labels: Mapping[str, int] = {}
    for resolution in _FINER:
        _, labels = native.leiden(edges, resolution=resolution, seed=seed)
        if known:
            tolerated = _TOLERATED_LOSS_WITHIN if level else _TOLERATED_LOSS
            near = _near_known(edges, nodes, known, resolution, seed)
            labels = _first_as_good(near, labels, edges, resolution, tolerated, smallest)
        if level == 0 or len(set(labels.values())) > 1:
            break
    return sorted(_parts(labels).values(), key=lambda part: (-len(part), part))


def _near_known(
    edges: list[_Edge], nodes: list[int], known: Mapping[int, tuple[int, int]], resolution: float, seed: int
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The known partition with new nodes added, and where Leiden comes to from it.

    Leiden alone would not do: even on an unchanged graph its random refinement moves a tenth of the communities.
    """
    import graspologic_native as native

    # Leiden panics on a start with a disconnected community (graspologic-native 1.3).
    start = _numbered(_connected(edges, nodes, {node: known.get(node, (2, node)) for node in nodes}))
    _, moved = native.leiden(edges, starting_communities=start, resolution=resolution, seed=seed)
    return _settled(edges, nodes, known, moved), moved


def _first_as_good(
    partitions: Iterable[Mapping[str, int]],
    fresh: Mapping[str, int],
    edges: list[_Edge],
    resolution: float,
    tolerated: float,
    smallest: int,
) -> Mapping[str, int]:
    """The first partition whose modularity is not much under that of the fresh one, which stands in the end."""
    import graspologic_native as native

    def quality(labels: Mapping[str, int]) -> float:
        # No snapshot notes how parts that become no community hung together, so a known partition has them in pieces.
        return float(native.modularity(edges, _without_small(labels, smallest), resolution))

    best = quality(fresh)
    return next((labels for labels in partitions if quality(labels) >= best - tolerated * abs(best)), fresh)


def _parts(labels: Mapping[str, int]) -> dict[int, list[int]]:
    """Nodes by label, in order."""
    parts: dict[int, list[int]] = {}
    for node in sorted(map(int, labels)):
        parts.setdefault(labels[str(node)], []).append(node)
    return parts


def _without_small(labels: Mapping[str, int], smallest: int) -> dict[str, int]:
    """The nodes of parts that become no community, each by itself."""
    small = [node for part in _parts(labels).values() if len(part) < smallest for node in part]
    first = max(labels.values()) + 1
    return {**labels, **{str(node): first + number for number, node in enumerate(small)}}


def _settled(
    edges: list[_Edge], nodes: list[int], known: Mapping[int, tuple[int, int]], moved: Mapping[str, int]
) -> dict[str, int]:
    """Known nodes where they were; new ones where Leiden puts them: into a known community or one of their own."""
    groups: dict[int, list[int]] = {}
    for node in nodes:
        groups.setdefault(moved[str(node)], []).append(node)
    place: dict[int, tuple[int, int]] = {node: known[node] for node in nodes if node in known}
    for number, group in groups.items():
        old = [known[node] for node in group if node in known]
        # A group of mostly new nodes is a new theme; a few among old ones join them.
        home = max(set(old), key=lambda label: (old.count(label), label)) if 2 * len(old) >= len(group) else (3, number)
        place.update({node: home for node in group if node not in known})
    return _numbered(_connected(edges, nodes, place))


def _connected(
    edges: list[_Edge], nodes: list[int], place: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[int, int, int]]:
    """Labels by connected part: a community whose bond was deleted falls apart."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for a, b, _ in edges:
        first, second = int(a), int(b)
        if place[first] == place[second]:
            parent[root(first)] = root(second)
    return {node: (*place[node], root(node)) for node in nodes}


def _numbered(labels: Mapping[int, tuple[int, ...]]) -> dict[str, int]:
    numbers: dict[tuple[int, ...], int] = {}
    return {str(node): numbers.setdefault(label, len(numbers)) for node, label in sorted(labels.items())}


def _records(tree: list[_Group], names: Sequence[str]) -> list[Community]:
    ids = {id(g): community_id(g.level, [names[n] for n in g.nodes.tolist()]) for g in tree}
    found = [
        Community(
            ids[id(group)],
            group.level,
            tuple(names[n] for n in group.nodes.tolist()),
            ids[id(group.parent)] if group.parent else "",
            tuple(sorted(ids[id(child)] for child in group.children)),
        )
        for group in tree
    ]
    return sorted(found, key=lambda c: (c.level, -len(c.entity_ids), c.id))
