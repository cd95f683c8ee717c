import random
from itertools import combinations

import numpy as np
import pytest

from graphrag_lite.graph.communities import community_id, detect_communities


def clique_edges(groups, bridges=()):
    edges = [(a, b) for group in groups for i, a in enumerate(group) for b in group[i + 1 :]]
    return [*edges, *bridges]


def detect(edges, ids, weights=None, **options):
    sources = np.array([a for a, _ in edges], np.int64)
    targets = np.array([b for _, b in edges], np.int64)
    return detect_communities(sources, targets, np.array(weights or [1.0] * len(edges)), ids, **options)


IDS = [f"e{i:02d}" for i in range(24)]
GROUPS = [list(range(start, start + 5)) for start in (0, 5, 10)]


def top_sets(communities):
    return {frozenset(c.entity_ids) for c in communities if c.level == 0}


def test_cliques_become_communities():
    found = detect(clique_edges(GROUPS, [(0, 5), (5, 10)]), IDS)
    assert top_sets(found) == {frozenset(IDS[i] for i in group) for group in GROUPS}


def test_an_entity_without_relationship_is_in_no_community():
    found = detect([(0, 1)], IDS)
    assert {e for c in found for e in c.entity_ids} == {"e00", "e01"}


@pytest.mark.parametrize("edges", [[], [(3, 3)]], ids=["none", "only a self link"])
def test_a_graph_without_links_has_no_community(edges):
    assert detect(edges, IDS) == []


def test_a_weight_of_zero_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        detect([(0, 1)], IDS, [0.0])


def test_order_of_edges_and_entities_does_not_matter():
    edges = clique_edges(GROUPS, [(0, 5), (5, 10), (1, 11)])
    swapped = [(23 - b, 23 - a) for a, b in reversed(edges)]
    assert detect(edges, IDS) == detect(swapped, IDS[::-1])


def test_a_hub_does_not_weld_cliques_together():
    hub = 20
    edges = clique_edges(GROUPS, [(member, hub) for group in GROUPS for member in group])
    sizes = sorted(len(c.entity_ids) for c in detect(edges, IDS) if c.level == 0)
    assert sizes == [5, 5, 6]


def test_large_communities_are_split_below_and_the_tree_is_consistent():
    near = [(0, 5), (1, 6), (2, 7), (5, 10), (6, 11), (0, 10), (1, 11)]
    found = detect(clique_edges(GROUPS, near), IDS, max_size=6)
    by_id = {c.id: c for c in found}
    for community in found:
        assert community.id == community_id(community.level, community.entity_ids)
        for child in community.child_ids:
            assert by_id[child].parent_id == community.id
            assert by_id[child].level == community.level + 1
            assert set(by_id[child].entity_ids) < set(community.entity_ids)


def test_a_small_edit_keeps_the_other_communities():
    edges = clique_edges(GROUPS, [(0, 5), (5, 10)])
    before = detect(edges, IDS)
    after = detect([*edges, (12, 20), (13, 20)], IDS, previous={c.id: c.entity_ids for c in before})
    assert {c.id for c in before if "e10" not in c.entity_ids} <= {c.id for c in after}
    assert next(c for c in after if "e20" in c.entity_ids).entity_ids[0] == "e10"


def test_the_same_graph_keeps_its_partition():
    edges = clique_edges(GROUPS, [(0, 5), (5, 10), (2, 12)])
    before = detect(edges, IDS)
    assert detect(edges, IDS, previous={c.id: c.entity_ids for c in before}) == before


def test_a_bad_previous_partition_is_left_for_the_fresh_one():
    edges = clique_edges(GROUPS, [(0, 5), (5, 10)])
    scattered = {str(i): [IDS[i], IDS[i + 5], IDS[i + 10]] for i in range(5)}
    assert top_sets(detect(edges, IDS, previous=scattered)) == top_sets(detect(edges, IDS))


def test_new_entities_among_themselves_found_a_community():
    before = detect(clique_edges(GROUPS[:2], [(0, 5)]), IDS)
    after = detect(clique_edges(GROUPS, [(0, 5), (5, 10)]), IDS, previous={c.id: c.entity_ids for c in before})
    assert frozenset(IDS[10:15]) in top_sets(after)


def towns(seed):
    """Circles of friends, joined loosely to towns, with couples at the rim that no circle takes in."""
    rng, edges, count = random.Random(seed), set(), 0
    for _ in range(4):
        people = []
        for _ in range(5):
            circle = range(count, count := count + rng.randint(3, 5))
            edges |= set(combinations(circle, 2))
            people += circle
        edges |= {tuple(sorted(rng.sample(people, 2))) for _ in range(14)}
        for _ in range(3):
            edges |= {(count, count + 1), (rng.choice(people), count), (rng.choice(people), count + 1)}
            count += 2
    return sorted(edges), [f"e{i:03d}" for i in range(count + 1)]


@pytest.mark.parametrize("seed", [2, 3, 5])
def test_who_is_left_over_by_a_split_does_not_cost_the_others_their_communities(seed):
    edges, ids = towns(seed)
    before = detect(edges, ids)
    assert sum(c.level > 0 for c in before) > 5
    new = len(ids) - 1
    after = detect([*edges, (0, new), (1, new)], ids, previous={c.id: c.entity_ids for c in before})
    known = {c.id for c in before}
    assert all(ids[new] in c.entity_ids for c in after if c.id not in known)
