"""What indexing with a chat model costs: tokens sent for a token of the corpus, wall time over the ideal, CPU, and what
was estimated before.

    python -m tests.benchmarks.llm_cost SOURCE... [--latency 1] [--concurrency 25] [--first N] [--recipe auto]

Each SOURCE is indexed by `grl index` in a process of its own against a fake server that counts exactly. The ideal wall
time is calls x latency / concurrency. Four times stand beside it: `alone`, the same calls again and nothing else: what
this machine allows while others use it; `calling`, while the server had anything to do; `index`, all of
`KnowledgeBase.index` in a process that has indexed something else before; and `process`, from start to end of `grl`.
What `process` has beyond `index` is mostly `imports s`, which a process takes that only imports what the first call
needs (LanceDB comes later, while calls are under way): CPU time of this machine, which weighs less the longer the job
and the slower the model. Calls that fill no round of `concurrency` weigh too: 113 calls, 25 at once, need five rounds.
`index` is what stands beside the peers, whose imports are told apart too; by `process` jobs of half a minute compare.
CPU is that of `grl` alone.

A second table sets what `grl index --dry-run` said of each step, likely and at most, beside what the run then took, by
the price of gpt-4o-mini; `--latency 0` is enough for it. The fake server writes a short summary, no claims and nothing
when it is asked what it missed, and finds few Chinese names: there models write more.

Below stand the peers, on A Christmas Carol and on the first 300 passages of musique-100.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any

from graphrag_lite import KnowledgeBase
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.records import Usage
from tests.benchmarks._common import GRL, measure, needed, print_table
from tests.fake_llm_server import Behaviour, FakeLLMServer
from tests.fake_writer import count_tokens

# Measured in November 2026 on two cores with a fake server like this one; wall with a latency of 1 s, 25 calls at once.
_PEERS = [
    ["microsoft graphrag 3.3", "12.2 / 88", "15", "81-94 / 361"],
    ["lightrag-hku 1.5.7", "9.1 / 64", "3.3", "8 / 177"],
    ["nano-graphrag 0.0.8", "12.4 / 96", "3.8", "7 / 21"],
    ["fast-graphrag 0.0.5", "6.3 / 30", "7", "8 / 16"],
]
_ESTIMATED = [
    "likely, real, at most: corpus, step",
    *("calls", "real", "most"),
    *("in", "real", "most"),
    *("out", "real", "most"),
    *("USD", "real", "most"),
]
_DONE = (0, 3)  # a source with a damaged file is fine
_WARM = """
import sys, time
from graphrag_lite import Document, KnowledgeBase
source, folder, recipe = sys.argv[1:]
towns = [Document(f"Ada Renn of Town {n} met Tom Vash in Kelder Haven. Tom Vash left Town {n}.") for n in range(9)]
with KnowledgeBase(f"{folder}-before") as kb:
    kb.index(towns, recipe=recipe)
with KnowledgeBase(folder) as kb:
    start = time.perf_counter()
    kb.index(source, recipe=recipe)
    print(time.perf_counter() - start)
"""
_IMPORTS = """
import graphrag_lite.cli.app, graphrag_lite.index.pipeline
from graphrag_lite.llm.sdk import openai
openai.OpenAI(api_key="-")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--latency", type=float, default=1.0)
    parser.add_argument("--concurrency", type=int, default=25)
    parser.add_argument("--first", type=int, default=0, help="only the first N lines of a JSONL source")
    parser.add_argument("--recipe", default="auto")
    options = parser.parse_args()
    if options.first and any(source.suffix != ".jsonl" for source in options.sources):
        parser.error("--first takes the lines of JSONL files, such as corpus.jsonl")
    rows, estimated = [], []
    with tempfile.TemporaryDirectory() as work:
        for number, source in enumerate(options.sources):
            row, steps = _rows(_head(needed(source), options.first, Path(work)), options, Path(work) / str(number))
            rows.append(row)
            estimated += steps
    head = [
        "corpus",
        "tokens",
        "calls",
        "in/token",
        "out/token",
        "ideal s",
        "alone/ideal",
        "calling/ideal",
        "index/ideal",
        "process/ideal",
        "imports s",
        "CPU s",
        "CPU s, no LLM",
    ]
    print_table(head, rows)
    print()
    print_table(_ESTIMATED, estimated)
    print()
    print_table(["peer: Carol / 300 passages", "in+out/token", "wall/ideal", "CPU s"], _PEERS)


def _rows(source: Path, options: argparse.Namespace, work: Path) -> tuple[list[object], list[list[object]]]:
    """What one source cost, and each of its steps beside its estimate."""
    plain = measure([*GRL, "index", str(source), "--kb", f"{work}-plain", "--recipe", "instant"], accept=_DONE)
    with FakeLLMServer(Behaviour(latency_s=options.latency)) as server:
        os.environ |= {
            "GRL_LLM__MODEL": "gpt-4o-mini",
            "GRL_LLM__BASE_URL": server.url,
            "GRL_LLM__CONCURRENCY": str(options.concurrency),
            "GRL_EMBEDDING__MODEL": "none",
        }
        index = [*GRL, "index", str(source), "--kb", str(work), "--recipe", options.recipe]
        estimate = json.loads(measure([*index, "--dry-run", "--json"]).stdout)
        cost = measure([*index, "--yes"], accept=_DONE)
        seen = replace(server.counts, bodies=list(server.counts.bodies))
        alone_s = _replay(server, seen.bodies, options.concurrency) if options.latency else 0.0
        warm = [sys.executable, "-c", _WARM, str(source), f"{work}-warm", options.recipe]
        warm_s = float(measure(warm).stdout) if options.latency else 0.0
    texts = KnowledgeBase(work)._reader().read("chunks", ["text"])["text"].to_pylist()
    tokens = sum(map(count_tokens, texts))
    ideal = seen.replies * options.latency / options.concurrency
    row: list[object] = [
        source.stem,
        tokens,
        seen.replies,
        seen.prompt_tokens / tokens,
        seen.completion_tokens / tokens,
        ideal,
        alone_s / ideal if ideal else 0.0,
        seen.busy_s / ideal if ideal else 0.0,
        warm_s / ideal if ideal else 0.0,
        cost.wall_s / ideal if ideal else 0.0,
        measure([sys.executable, "-c", _IMPORTS]).wall_s,
        cost.cpu_s,
        plain.cpu_s,
    ]
    return row, [[f"{source.stem}, {step}", *numbers] for step, numbers in _estimated(estimate, work)]


def _estimated(estimate: dict[str, Any], work: Path) -> Iterator[tuple[str, list[object]]]:
    """By step and for all: for calls, tokens in and out, and USD, what was likely, what it was and the most."""
    cache = ReplyCache(work / "cache.sqlite")
    spent: dict[str, Usage] = {}
    for one in cache.spending():
        step = {"summarize": "summarise"}.get(one.purpose, one.purpose)
        usage = Usage(one.calls, 0, one.prompt_tokens, one.completion_tokens, one.cost_usd)
        spent[step] = spent.get(step, Usage()) + usage
    cache.close()
    for step, likely in [*estimate["steps"].items(), ("all", estimate["usage"])]:
        most = estimate["usage_at_most"] if step == "all" else estimate["at_most"][step]
        real = sum(spent.values(), Usage()) if step == "all" else spent.get(step, Usage())
        names = ("calls", "prompt_tokens", "completion_tokens", "cost_usd")
        found = [number for name in names for number in (likely[name], getattr(real, name), most[name])]
        yield step, [f"{number:.4f}" if isinstance(number, float) else number for number in found]


def _replay(server: FakeLLMServer, bodies: Sequence[dict[str, Any]], concurrency: int) -> float:
    """Seconds that the same calls take when nothing else is done."""
    host, _, port = server.url.removeprefix("http://").partition("/")[0].partition(":")

    def call(body: dict[str, Any]) -> None:
        connection = HTTPConnection(host, int(port))
        connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
        connection.getresponse().read()
        connection.close()

    start = time.perf_counter()
    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(call, bodies))
    return time.perf_counter() - start


def _head(source: Path, lines: int, work: Path) -> Path:
    if not lines:
        return source
    short = work / f"{source.parent.name}-{lines}.jsonl"
    with source.open(encoding="utf-8") as file:
        short.write_text("".join(islice(file, lines)), encoding="utf-8")
    return short


if __name__ == "__main__":
    sys.exit(main())
