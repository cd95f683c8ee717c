"""Extract with a language model: several passages to a call, every fact back at its own passage, nothing lost.

A pack whose reply was cut off, refused or beyond repair is halved and asked again; a single passage is cut in two.
Passages that a reply leaves out are asked for again, down to one alone. What still fails is a `Failure`, listed and
tried again by the next run. Facts go into the journal the moment they are read, so whatever was paid for survives a
crash however the next run packs its calls.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graphrag_lite.errors import (
    BudgetExceededError,
    ModelError,
    ModelRefusedError,
    ModelReplyError,
    PendingError,
    as_sentence,
)
from graphrag_lite.index.extract import extract_candidates
from graphrag_lite.index.extract_reply import ExtractReply, ExtractReplyWithClaims
from graphrag_lite.index.facts_journal import keep_facts, kept_facts
from graphrag_lite.index.packs import Pack, PackLengths, halve
from graphrag_lite.index.reply_facts import merge_facts, read_facts
from graphrag_lite.index.reply_names import is_word_for_nothing
from graphrag_lite.llm.cache import ReplyCache
from graphrag_lite.llm.dispatch import CircuitBreaker, Dispatcher, concerns_account
from graphrag_lite.llm.protocols import ChatModel, ChatRequest, Message, prompt_messages
from graphrag_lite.llm.structured import CutOffError, ask
from graphrag_lite.llm.tokens import compact_json
from graphrag_lite.prompts import numbered, prompt_fingerprint, read_prompt, render
from graphrag_lite.records import Chunk, Facts, Failure
from graphrag_lite.settings import ExtractSettings

SCHEMA_VERSION = 1
_SHORTEST_PART = 200
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What shapes the calls of one run; `titles` names the document of each document id.

    `concurrency` bounds the calls under way. `journal` keeps facts as they come; None keeps none.
    """

    settings: ExtractSettings
    prompts: str = ""
    titles: Mapping[str, str] | None = None
    concurrency: int = 25
    journal: ReplyCache | None = None


def extractor_fingerprint(model: str, extraction: Extraction) -> str:
    """The extractor's name in facts: changes with model, prompts, types and schema, and with nothing else."""
    settings = extraction.settings
    names = ["extract", *(["glean"] if settings.gleanings else []), *(["extract_claims"] if settings.claims else [])]
    parts = [
        SCHEMA_VERSION,
        model,
        prompt_fingerprint(names, extraction.prompts),
        settings.entity_types,
        settings.claims,
        settings.gleanings,
        settings.language,
    ]
    return f"llm/{hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()}"


def extraction_request(pack: Pack, extraction: Extraction) -> ChatRequest:
    """The call for a pack. Its system part is the same for every pack of a language, so providers can cache it."""
    settings, language = extraction.settings, pack.language
    titles = extraction.titles or {}
    shown = [(shown_heading(chunk, titles), chunk.text) for chunk in pack.chunks]
    claims = read_prompt("extract_claims", language, extraction.prompts) if settings.claims else ""
    prompt = render(
        "extract",
        language,
        extraction.prompts,
        types=", ".join(settings.entity_types),
        language=settings.language,
        claims="\n" + claims if claims else "",
        claims_shape=',"c":[{"s":"…","o":"…","t":"…","d":"…","v":"…"}]' if claims else "",
        passages=numbered(shown),
    )
    return ChatRequest(prompt_messages(prompt), purpose="extract")


def _read(reply: ExtractReply, pack: Pack, extraction: Extraction) -> list[Facts | None]:
    """The facts of each passage as the model saw it: a name that only the title has is no invention.

    None also where it lists names of which the passage holds none: then the reply is about something else, such as
    the example of a prompt, and says nothing of the passage.
    """
    shown = [f"{shown_heading(chunk, extraction.titles or {})}\n{chunk.text}" for chunk in pack.chunks]
    found = read_facts(reply, shown, may_translate=bool(extraction.settings.language))
    named = {item.i for item in reply.p if not all(is_word_for_nothing(entity.n) for entity in item.e)}
    return [None if facts == Facts("", "") and n in named else facts for n, facts in enumerate(found, 1)]


def shown_heading(chunk: Chunk, titles: Mapping[str, str]) -> str:
    """What a prompt shows above a passage: title and headings, but for those that it begins with."""
    title = titles.get(chunk.document_id, "")
    parts = [part for part in (title, chunk.headings) if part and not chunk.text.startswith(part)]
    return " > ".join(parts)


def extract_packs(
    packs: Iterable[Pack],
    model: ChatModel,
    extraction: Extraction,
    note: Callable[[Pack, PendingError | None], None] = lambda pack, error: None,
    meanwhile: Iterable[object] = (),
) -> Generator[Facts | Failure, None, None]:
    """Facts of every chunk, or why there are none, as the replies come.

    Args:
        packs: Chunks that share a call.
        model: Who reads them.
        extraction: What shapes the calls.
        note: Told of a pack whose reply comes with a batch; and, with None, of one that was read.
        meanwhile: Drawn from while replies are waited for.

    Raises:
        BudgetExceededError: The next call does not fit the budget; everything paid for has been given before.
        ModelError: The model refuses or fails every call, so going on would be pointless.
    """
    extractor = extractor_fingerprint(model.name, extraction)
    breaker, stopped = CircuitBreaker(), None
    lengths = PackLengths()
    source = iter(packs)
    with Dispatcher[Pack, tuple[list[Facts | Failure], list[Pack]]](extraction.concurrency) as pool:

        def work(pack: Pack) -> tuple[list[Facts | Failure], list[Pack]]:
            if lengths.is_too_long(pack) and not pack.is_sent:
                return [], halve(pack)
            with lengths.noting(pack):
                return _extract_pack(pack, model, extraction, extractor)

        def submit(pack: Pack) -> None:
            pool.submit(pack, lambda: work(pack))

        def draw() -> None:
            while pool.pending < 2 * extraction.concurrency and (pack := next(source, None)) is not None:
                submit(pack)

        draw()
        for outcome in pool.completed(meanwhile):
            if isinstance(outcome.error, BudgetExceededError):
                stopped = outcome.error
                pool.cancel_waiting()
                continue
            if isinstance(outcome.error, PendingError):
                note(outcome.key, outcome.error)
                draw()
                continue
            if outcome.error is None or isinstance(outcome.error, ModelReplyError | ModelRefusedError):
                note(outcome.key, None)
            results, again = _or_halves(outcome.key, outcome.error) if outcome.error else outcome.result()
            try:
                breaker.report(outcome.error)
            except ModelError as error:
                yield from (not_read(chunk, str(error)) for chunk in outcome.key.chunks)
                for late in pool.within_grace():
                    if late.error is None:  # it is paid for
                        yield from late.result()[0]
                raise
            yield from results
            if not stopped:
                for pack in again:
                    submit(pack)
                draw()
    if stopped:
        raise stopped


def _or_halves(pack: Pack, error: Exception) -> tuple[list[Facts | Failure], list[Pack]]:
    """What to do about a pack whose call failed: halve it, or list its one chunk."""
    if not isinstance(error, ModelError):
        raise error
    halvable = isinstance(error, ModelReplyError | ModelRefusedError) and not concerns_account(error)
    if len(pack.chunks) > 1 and halvable:
        return [], halve(pack)
    return [not_read(chunk, str(error)) for chunk in pack.chunks], []


def not_read(chunk: Chunk, reason: str) -> Failure:
    """That a chunk was not read, and why."""
    return Failure(chunk.id, as_sentence(reason), "extract")


def _extract_pack(
    pack: Pack, model: ChatModel, extraction: Extraction, extractor: str
) -> tuple[list[Facts | Failure], list[Pack]]:
    """(facts, packs to ask again) of one call."""
    try:
        read = _ask(pack, model, extraction)
    except CutOffError as error:
        if len(pack.chunks) > 1:
            raise
        facts = _extract_in_parts(pack, model, extraction, extractor, error)
        keep_facts(extraction.journal, [facts])
        return [facts], []
    found = [
        (chunk, Facts("", "") if said is None and _may_be_left_out(chunk, pack) else said)
        for chunk, said in zip(pack.chunks, read, strict=True)
    ]
    done = [replace(said, text_hash=chunk.text_hash, extractor=extractor) for chunk, said in found if said is not None]
    keep_facts(extraction.journal, done)
    missing = [chunk for chunk, said in found if said is None]
    if missing and len(pack.chunks) > 1:
        return [*done], _asked_again(pack, missing)
    reason = "The model left this chunk out of its reply, or named nothing that is in it."
    return [*done, *(not_read(chunk, reason) for chunk in missing)], []


def _asked_again(pack: Pack, missing: Sequence[Chunk]) -> list[Pack]:
    """Packs for what a reply left out: one for a few; halves where it left out most, as small models do of long packs.

    Every reply that is taken lists a passage, so what is missing becomes less each time.
    """
    rest = replace(pack, chunks=tuple(missing), attempt=pack.attempt + 1, is_sent=False)
    return halve(rest) if len(missing) > 1 and 2 * len(missing) > len(pack.chunks) else [rest]


def _may_be_left_out(chunk: Chunk, pack: Pack) -> bool:
    """True for a text that names nothing, once it is asked again or alone: a reply without it says that it is empty.

    Small models leave such texts out however often they are asked.
    """
    return (pack.attempt > 0 or len(pack.chunks) == 1) and not extract_candidates(chunk.text).names


def _ask(pack: Pack, model: ChatModel, extraction: Extraction) -> list[Facts | None]:
    """What one call, and its gleanings, say of each passage; None of one that they do not speak of."""
    shape = ExtractReplyWithClaims if extraction.settings.claims else ExtractReply
    request = extraction_request(pack, extraction)
    read: list[Facts | None] = []  # of the last reply: it takes a while

    # What a reply leaves out is asked for apart; one about none of the passages is unusable, so no cache keeps it.
    def problem(reply: ExtractReply) -> str:
        read[:] = _read(reply, pack, extraction)
        is_about = any(facts is not None for facts in read)
        may_be_empty = is_about or all(_may_be_left_out(chunk, pack) for chunk in pack.chunks)
        return "" if may_be_empty else "The reply lists no passage, or no name that is in it."

    reply = ask(model, request, shape, problem, is_divisible=len(pack.chunks) > 1)
    words = read_prompt("glean", pack.language, extraction.prompts)
    for _ in range(extraction.settings.gleanings):
        # The conversation goes on, so what was sent before is the prefix that the provider has cached.
        said = Message("assistant", compact_json(reply.model_dump()))
        request = replace(request, messages=(*request.messages, said, Message("user", words)))
        try:
            more = ask(model, request, shape)
        except ModelReplyError as error:  # any other error is worth another try: the first reply is in the cache
            log.info("gleaning skipped: %s", error)
            break
        reply = reply.joined(more)
        read = _read(reply, pack, extraction)
    return read


def _extract_in_parts(
    pack: Pack, model: ChatModel, extraction: Extraction, extractor: str, error: CutOffError
) -> Facts:
    """Facts of one chunk whose reply does not fit: those of its halves together."""
    chunk = pack.chunks[0]
    if len(chunk.text) < 2 * _SHORTEST_PART:
        raise ModelReplyError(str(error)) from error
    parts = []
    pending: PendingError | None = None
    for text in halves(chunk.text):
        part = replace(pack, chunks=(replace(chunk, text=text),))
        try:
            said = _ask(part, model, extraction)[0]
        except PendingError as waits:  # the other half goes into the same batch
            pending = waits
            continue
        except CutOffError as cut_off:
            said = _extract_in_parts(part, model, extraction, extractor, cut_off)
        if said is None:
            raise ModelReplyError("The model left this chunk out of its reply.")
        parts.append(said)
    if pending is not None:
        raise pending
    return replace(merge_facts(parts), text_hash=chunk.text_hash, extractor=extractor)


def halves(text: str) -> tuple[str, str]:
    """A text in two, at the paragraph, sentence or word end nearest to its middle."""
    middle = len(text) // 2
    for ends in ("\n\n", "\n", ". ", "。", "! ", "? ", "！", "？", " "):
        before, after = text.rfind(ends, len(text) // 4, middle), text.find(ends, middle, 3 * len(text) // 4)
        near = [at + len(ends) for at in (before, after) if at >= 0]
        if near:
            middle = min(near, key=lambda at: abs(at - len(text) // 2))
            break
    return text[:middle], text[middle:]


def known_facts(chunks: Iterable[Chunk], model: str, extraction: Extraction) -> dict[str, Facts]:
    """Facts by text hash that an earlier run has paid for and perhaps not committed."""
    return kept_facts(extraction.journal, extractor_fingerprint(model, extraction), chunks)
