"""How one server wants to be asked: what the table says, corrected by what the server refuses."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.providers import DEMANDED_SWITCH, Provider, ReplyFormat
from graphrag_lite.llm.tokens import count_messages

_TOO_LONG = re.compile(
    r"context.{0,20}(length|window|size|limit)|maximum (context|(prompt|model|input) length)"
    r"|too many (input )?tokens|(prompt|input|(?<!_)tokens)( \(\d+ tokens\))? (is |are )?too (long|large)"
    r"|request( body)? too large|max_tokens must be at least 1, got -|max_model_len"
    r"|exceeds? (the (available|max|configured)|maximum (sequence|length))|exceeds? max (length|message tokens)"
    r"|exceeded model token limit|range of input length|max_seq_len"
    r"|reduce the length of the messages|`inputs`.{0,40}must|inputs? must have less|inputs tokens \+ max_new_tokens"
    r"|(输入|上下文|prompt).{0,8}(超出|超过|超长|过长)",
    re.IGNORECASE,
)
_TOKEN_PARAMETERS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
# "limit (2013)" tells a code of MiniMax (MiniMax-AI/MiniMax-M2 issue 119)
_CONTEXT_SIZE = re.compile(
    r"(?:context (?:length|window|size)(?! exceeds limit \()|prompt length|model length|maximum (?:allowed )?length"
    r"|token limit|max_seq_len"
    r"|max_model_len|too large.{0,200}\blimit"
    r"|configured limit|number of tokens allowed|input length should be)"
    r"(?:[^\d.]{0,30}|\D{1,3}1, ?)(\d{1,3}(?:,\d{3})+|\d{3,7})\b"
    r"|\b(\d{3,7}) maximum context",
    re.IGNORECASE,
)
# "Range of max_tokens should be [1, 8192]", "at most 16384 completion tokens", "20000 > 8192, which is the maximum",
# "expected a value <= 32768", "must be between 0 and 4000", and at Bedrock "The maximum tokens you requested exceeds
# the model limit of 4096"; where a context is spoken of, the prompt has a part in it
_OUTPUT_LIMIT = re.compile(
    r"(?:max_(?:completion_|output_)?tokens|maximum tokens)(?:(?!context).){0,120}?"
    r"(?:\[1, ?|at most |model limit of |\d > |less than or equal to `?|<= ?|between \d and )"
    r"(\d{1,3}(?:,\d{3})+|\d{2,6})\b",
    re.DOTALL | re.IGNORECASE,
)
# "Could not finish the message because max_tokens or model output limit was reached", with status 400: of models of
# OpenAI that have thought up to their limit
_STOPPED = re.compile(r"max_(completion_)?tokens.{0,60}\breached", re.IGNORECASE)
_MARGIN = 1.25  # of our estimate of a prompt, since vocabularies differ
_TEMPLATE_TOKENS = 32
_SPARE_SHARE = 16  # beside a short prompt at least one part in so many of the window stays free
_REPLY_SHARE = 4  # a reply gets at least one part in so many of the window, if it may be that long
_LEAST_REPLY = 256  # tokens; with less room the prompt itself is too long
_OFF = re.compile(r"none|disabled|False")
_THINKING_ROOM = 8000  # tokens, for a model of which the table knows nothing
# "parameter.enable_thinking must be set to false for non-streaming calls", also said in Chinese: DashScope, ModelScope
# (alibaba/spring-ai-alibaba issue 867, infiniflow/ragflow issue 8972).
_DEMANDS_SWITCH = re.compile(r"enable_thinking\W{0,3}((must|必须).{0,20}false|only supports? stream)")
_NO_JSON_WHILE_THINKING = re.compile(r"not supported when enable_thinking")  # presenton/presenton issue 184
# QwQ and its like at DashScope and ModelScope (infiniflow/ragflow issue 5912; alibabacloud.com/help/en/model-studio/
# error-code), where they have no other way; "Requests with max_tokens > 4096 must have stream=true" at Fireworks
_DEMANDS_STREAM = re.compile(r"only supports? stream|stream=false|not support http call|must have stream")
# gpt-5 and o3, to organizations that are not verified (openai/codex issue 1982); o1 (github/gh-models issue 31);
# gpt-oss at Bedrock (danny-avila/LibreChat issue 8877)
_FORBIDS_STREAM = re.compile(r"must be verified to stream|'stream' does not support true|unsupported for streaming")
_ABOUT_FORMAT = re.compile(r"response[_ ]?format|json|schema|grammar|guided|structured|samplers", re.IGNORECASE)
# Gemma, at vLLM, SGLang and Google (vllm pull 2964, sgl-project/sglang issue 1342)
_NO_SYSTEM = re.compile(
    r"(system (role|message|prompt)|developer instruction)s? (is |are )?not (supported|enabled)", re.I
)
# Of llama-cpp-python's server, with status 500: "1 validation error: {… 'loc': ('body', 'response_format', 'type') …".
_NO_FORM = re.compile(r"\bvalidation errors?\b.*\bbody\b", re.IGNORECASE | re.DOTALL)
_SAYS_NOTHING = re.compile(
    r"((bad|invalid) request|provider returned|unprocessable( entity| content)?|error( code)?|4\d\d|\W)*"
)


class Dialect:
    """Turns requests into parameters of one server and learns from its refusals; shared by threads.

    Args:
        provider: What the table knows.
        model: The model's name.
        thinks: Whether a model that can think is left to do so.
        context_tokens: Window of the server; 0: unknown until it complains.
        learned: What an earlier session learned, as `learned` gave it.
        on_learned: Called with `learned` whenever it changes, so that it can be kept.
    """

    def __init__(
        self,
        provider: Provider,
        model: str,
        *,
        thinks: bool = False,
        context_tokens: int = 0,
        learned: Mapping[str, str] | None = None,
        on_learned: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._on_learned = on_learned
        learned = learned or {}
        ladder = provider.formats
        start = learned.get("format", "")
        self.formats: tuple[ReplyFormat, ...] = ladder[ladder.index(start) :] if start in ladder else ladder
        self.token_parameter: str = learned.get("token_parameter", provider.token_parameter)
        self.sends_temperature = provider.sends_temperature and learned.get("temperature") != "no"
        self.takes_system = learned.get("system") != "no"
        self.streams_usage = provider.streams_usage and learned.get("stream_options") != "no"
        self._thinks = thinks
        self._switches = provider.switches
        self._is_trying = learned.get("switches") == "tried"  # switches of which the table does not know that they work
        self._works = learned.get("works") == "yes"
        self.only_streams = learned.get("only_streams") == "yes"
        self._never_streams = learned.get("never_streams") == "yes"
        self.names_endings = learned.get("endings") == "yes"
        self._thinking_room = provider.thinking_tokens or (_THINKING_ROOM if self._is_trying else 0)
        self._ways = provider.switches if self._is_trying else provider.no_thinking  # to ask for no thinking
        self._given_up = int(learned.get("no_thinking", 0))  # of those ways
        self._thinks_anyway = learned.get("thinks_anyway") == "yes"
        self._most_output = int(learned.get("most_output", 0))  # tokens; 0: unknown until it complains
        self._context_tokens = context_tokens
        self.told_context = 0  # tokens of the window, as a refusal told it; 0: none did

    @property
    def thinking_tokens(self) -> int:
        """Room beyond the reply: none where thinking is switched off."""
        first = next(iter(self._no_thinking), None)  # another thread may be learning that it is refused
        is_off = first is not None and bool(_OFF.search(str(first))) and not self._is_on_trial
        return 0 if is_off and not self._thinks_anyway else self._thinking_room

    @property
    def has_thought(self) -> bool:
        """True for a model of which the table knows nothing, and which has been heard to think."""
        return self._is_trying

    @property
    def is_asked_not_to_think(self) -> bool:
        """True when requests tell the model to reply at once."""
        return bool(self._no_thinking) and not self._is_on_trial

    @property
    def _no_thinking(self) -> tuple[Mapping[str, Any], ...]:
        return () if self._thinks else self._ways[self._given_up :]

    @property
    def _is_on_trial(self) -> bool:
        return self._is_trying and not self._works

    @property
    def learned(self) -> dict[str, str]:
        """What to tell the next session."""
        return {
            "format": self.formats[0],
            "token_parameter": self.token_parameter,
            "temperature": "yes" if self.sends_temperature else "no",
            "system": "yes" if self.takes_system else "no",
            "stream_options": "yes" if self.streams_usage else "no",
            "only_streams": "yes" if self.only_streams else "no",
            "never_streams": "yes" if self._never_streams else "no",
            "endings": "yes" if self.names_endings else "no",
            "thinks_anyway": "yes" if self._thinks_anyway else "no",
            "switches": "tried" if self._is_trying else "no",
            "works": "yes" if self._works else "no",
            "no_thinking": str(self._given_up),
            "most_output": str(self._most_output),
        }

    def parameters(self, request: ChatRequest, *, max_output_tokens: int, temperature: float) -> dict[str, Any]:
        """The body of a chat completion request; `max_output_tokens` counts the room for thinking in."""
        with self._lock:
            values: dict[str, Any] = {
                "model": self._model,
                "messages": _turns(request.messages, with_system=self.takes_system),
                self.token_parameter: self._reply_limit(request, max_output_tokens),
            }
            if self.sends_temperature:
                values["temperature"] = temperature if request.temperature is None else request.temperature
            if request.schema is not None and (wanted := _response_format(self.formats[0], request.schema)):
                values["response_format"] = wanted
            return values | dict(self._no_thinking[0] if self._no_thinking else {})

    def _reply_limit(self, request: ChatRequest, max_output_tokens: int) -> int:
        max_output_tokens = min(max_output_tokens, self._most_output or max_output_tokens)
        if not self._context_tokens:
            return max_output_tokens
        # Servers refuse a prompt whose longest reply would not fit, however short the reply would be. A short prompt is
        # mostly what its chat template adds, and no reply needs the last part of a window.
        estimate = count_messages(request.messages)
        spare = max(int((_MARGIN - 1) * estimate), self._context_tokens // _SPARE_SHARE) + _TEMPLATE_TOKENS
        return min(max_output_tokens, max(_LEAST_REPLY, self._context_tokens - estimate - spare))

    def longest_prompt(self, max_output_tokens: int) -> int:
        """Estimated tokens of a prompt that leaves room for a reply; 0 where the window is unknown."""
        if not self._context_tokens:
            return 0
        reply = min(max_output_tokens, self._context_tokens // _REPLY_SHARE)
        return int((self._context_tokens - _TEMPLATE_TOKENS - reply) / _MARGIN)

    def stream_parameters(self) -> dict[str, Any]:
        """Further arguments for a streamed reply; none where the model sends it in one piece only."""
        if self._never_streams and not self.only_streams:
            return {}
        return {"stream": True} | ({"stream_options": {"include_usage": True}} if self.streams_usage else {})

    def heard(self, *, thought: bool, sent: Mapping[str, Any] | None) -> None:
        """Learn from a reply whether the model thinks, and which switch it minds.

        A model of which the table knows nothing, and which thinks, is given room for that and told not to, in one way
        after another until one works.

        Args:
            thought: Whether it did.
            sent: The parameters that it replied to; None: not known.
        """
        with self._lock:
            changed = self._hear(thought, sent)
        if changed and self._on_learned:
            self._on_learned(self.learned)

    def heard_ending(self) -> None:
        """Learn that the server tells how a stream ended."""
        with self._lock:
            is_news, self.names_endings = not self.names_endings, True
        if is_news and self._on_learned:
            self._on_learned(self.learned)

    def _hear(self, thought: bool, sent: Mapping[str, Any] | None) -> bool:
        step = next(iter(self._no_thinking), None)
        if step is None:
            is_news = thought and not self._thinking_room
            if is_news:
                self._try(0)
            return is_news
        if sent is not None and not step.items() <= sent.items():  # asked before it was learned
            return False
        if not thought:
            is_news = self._is_on_trial and sent is not None
            self._works = self._works or is_news
            return is_news
        if self._is_on_trial and sent is not None and _OFF.search(str(step)):
            self._given_up += 1
            return True
        is_news, self._thinks_anyway = not self._thinks_anyway, True
        return is_news

    def _try(self, first: int, *, works: bool = False) -> None:
        self._is_trying, self._works = True, works
        self._ways, self._given_up = self._switches, first
        self._thinking_room = self._thinking_room or _THINKING_ROOM

    def adapt(self, complaint: str, sent: Mapping[str, Any]) -> bool:
        """Learn from a 400: True when the same request is worth sending again in another form.

        Args:
            complaint: The server's words.
            sent: The refused parameters.
        """
        with self._lock:
            changed = self._adapt(complaint.lower(), sent)
        if changed and self._on_learned:
            self._on_learned(self.learned)
        return changed

    def fit(self, complaint: str, request: ChatRequest, sent: Mapping[str, Any]) -> bool:
        """Learn the context window from a refusal: True when the same prompt fits it with a shorter reply."""
        found = _CONTEXT_SIZE.search(complaint)
        if found is None:
            return False
        limit = reply_limit(sent)
        with self._lock:
            self._context_tokens = self.told_context = _number(found.group(1) or found.group(2))
            return self._reply_limit(request, limit) < limit

    def _adapt(self, complaint: str, sent: Mapping[str, Any]) -> bool:
        token_parameter = next(name for name in _TOKEN_PARAMETERS if name in sent)
        limit = _OUTPUT_LIMIT.search(complaint)
        if limit and 0 < _number(limit.group(1)) < sent[token_parameter]:
            self._most_output = _number(limit.group(1))
        elif "stream_options" in sent and "stream_options" in complaint:
            self.streams_usage = False
        elif "stream" in sent and not self.only_streams and _FORBIDS_STREAM.search(complaint):
            self._never_streams = True
        elif _had_system(sent) and knows_no_system(complaint):
            self.takes_system = False
        elif "temperature" in sent and "temperature" in complaint:
            self.sends_temperature = False
        elif "stream" not in sent and self._must_stream(complaint, sent):
            self.only_streams = True
        elif not self._thinks and self._switches and "enable_thinking" not in sent and _forbids_thinking(complaint):
            self._try(self._switches.index(DEMANDED_SWITCH), works=True)
        elif _names_thinking(complaint, sent):
            self._give_up_switch(sent)
        elif re.search(rf"\b{token_parameter}\b", complaint) and not (
            limit or re.search(r"too (large|high)|at most|range", complaint)
        ):
            self.token_parameter = _TOKEN_PARAMETERS[token_parameter]
        elif self._was_on_trial(sent) and not _ABOUT_FORMAT.search(complaint):
            self._give_up_switch(sent)  # perhaps it is that, which some servers do not say
        elif "response_format" in sent:
            return self._step_down(complaint, str(sent["response_format"]["type"]))
        else:
            return False
        return True

    def _must_stream(self, complaint: str, sent: Mapping[str, Any]) -> bool:
        """True for a model that cannot be asked otherwise, or cannot think otherwise where it is to."""
        if _DEMANDS_SWITCH.search(complaint):
            return self._thinks or not self._switches or "enable_thinking" in sent
        return bool(_DEMANDS_STREAM.search(complaint))

    def _was_on_trial(self, sent: Mapping[str, Any]) -> bool:
        """True for what was sent with a switch that is not known to work, or was given up meanwhile."""
        tried = self._ways[: self._given_up + self._is_on_trial] if self._is_trying else ()
        return any(way.items() <= sent.items() for way in tried)

    def _give_up_switch(self, sent: Mapping[str, Any]) -> None:
        """Ask in the next way for no thinking, unless another thread has learned it meanwhile."""
        if self._no_thinking and self._no_thinking[0].items() <= sent.items():
            self._given_up, self._works = self._given_up + 1, False

    def _step_down(self, complaint: str, refused: str) -> bool:
        if self.formats[0] != refused:  # another thread has learned it meanwhile
            return True
        if len(self.formats) == 1 or not (_ABOUT_FORMAT.search(complaint) or _SAYS_NOTHING.fullmatch(complaint)):
            return False
        self.formats = self.formats[1:]
        return True


def _number(written: str) -> int:
    return int(written.replace(",", ""))


def _forbids_thinking(complaint: str) -> bool:
    return bool(_DEMANDS_SWITCH.search(complaint) or _NO_JSON_WHILE_THINKING.search(complaint))


def _names_thinking(complaint: str, sent: Mapping[str, Any]) -> bool:
    names = [
        name for name in ("reasoning_effort", "thinking", "enable_thinking", "chat_template_kwargs") if name in sent
    ]
    return any(name in complaint for name in [*names, *(["chat_template", "enable_thinking"] if names else [])])


def reply_limit(sent: Mapping[str, Any]) -> int:
    """Tokens that a reply to these parameters may have."""
    return next(int(sent[name]) for name in _TOKEN_PARAMETERS if name in sent)


def was_stopped(complaint: str) -> bool:
    """True when a server says of a reply that reached its limit that it could not be finished."""
    return bool(_STOPPED.search(complaint))


def is_too_long(complaint: str) -> bool:
    """True when a server refused a request because prompt and reply do not fit its context window, or their limit."""
    if was_stopped(complaint):
        return True
    is_reply_alone = _OUTPUT_LIMIT.search(complaint) and not _CONTEXT_SIZE.search(complaint)
    return bool(_TOO_LONG.search(complaint)) and not is_reply_alone


def knows_no_system(complaint: str) -> bool:
    """True when a model's chat template has no system turn, which some servers report as a failure of their own."""
    return bool(_NO_SYSTEM.search(complaint))


def knows_no_form(complaint: str) -> bool:
    """True when a server did not take the form of a request, and calls that a failure of its own."""
    return bool(_NO_FORM.search(complaint))


def _had_system(sent: Mapping[str, Any]) -> bool:
    turns = sent.get("messages")
    return turns is None or any(turn["role"] == "system" for turn in turns)  # None: a batch keeps no text


def _turns(messages: Sequence[Message], *, with_system: bool) -> list[dict[str, str]]:
    """The messages as they are sent: what belongs to the system before the first turn, where it has none of its own."""
    if with_system:
        return [{"role": m.role, "content": m.content} for m in messages]
    before = [m.content for m in messages if m.role == "system"]
    first, *rest = [m for m in messages if m.role != "system"] or [Message("user", "")]
    start = {"role": first.role, "content": "\n\n".join(filter(None, [*before, first.content]))}
    return [start, *({"role": m.role, "content": m.content} for m in rest)]


def _response_format(rung: ReplyFormat, schema: Mapping[str, Any]) -> dict[str, Any] | None:
    if rung == "json_schema":
        name = re.sub(r"\W+", "_", str(schema.get("title", "reply"))).lower()
        return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": dict(schema)}}
    return {"type": "json_object"} if rung == "json_object" else None
