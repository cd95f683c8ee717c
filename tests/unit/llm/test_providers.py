from __future__ import annotations

from typing import Any

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.llm.chat import batch_price, model_price, open_chat_model
from graphrag_lite.llm.dialect import Dialect, is_too_long
from graphrag_lite.llm.prices import FREE, Price, find_price
from graphrag_lite.llm.protocols import ChatRequest, Message
from graphrag_lite.llm.providers import PROVIDERS, find_provider, find_server
from graphrag_lite.settings import LLMSettings

REQUEST = ChatRequest((Message("user", "hi"),), schema={"type": "object", "title": "Reply"})


def sent(dialect: Dialect, request: ChatRequest = REQUEST) -> dict[str, Any]:
    return dialect.parameters(request, max_output_tokens=100 + dialect.thinking_tokens, temperature=0.0)


def dialect_of(name: str, model: str, url: str = "http://h:1/v1") -> Dialect:
    return Dialect(find_provider(name, url, model), model)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("", "openai"),
        ("https://api.openai.com/v1/", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://my.api.openai.com.example/v1", "other"),
        ("https://api.deepseek.com", "deepseek"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://gpu:30000/v1", "sglang"),
        ("http://gpu:23333/v1", "lmdeploy"),
        ("https://llm.example.com/v1/chat/completions", "other"),
    ],
)
def test_the_provider_is_known_by_its_url(url: str, name: str) -> None:
    assert find_provider(base_url=url).name == name


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("deepseek-flash", "deepseek"),
        ("deepseek-reasoner", "deepseek"),
        ("gpt-4o-mini-2024-07-18", "openai"),
        ("o4-mini", "openai"),
        ("chatgpt-4o-latest", "openai"),
        ("ft:gpt-4o-mini-2024-07-18:acme::abc", "openai"),
        ("qwen2.5:7b", "ollama"),
        ("deepseek-r1:14b", "ollama"),
        ("gpt-oss:20b", "ollama"),
    ],
)
def test_without_a_url_the_provider_is_known_by_the_models_name(model: str, name: str) -> None:
    assert find_provider(model=model).base_url == PROVIDERS[name].base_url
    assert find_provider(base_url="https://llm.example.com/v1", model=model).name == "other"
    assert find_provider("vllm", model=model).name == "vllm"


@pytest.mark.parametrize(
    "model",
    ["qwen-plus", "claude-x", "gpt-oss-20b", "openai/gpt-4o", "deepseek-r1", "deepseek-ai/DeepSeek-V3", "a/b:free"],
)
def test_nothing_is_sent_to_a_server_that_nobody_named(model: str) -> None:
    with pytest.raises(SettingsError, match=r"llm\.base_url.*llm\.provider: openai, deepseek"):
        find_server("", "", model)


def test_unknown_providers_are_errors() -> None:
    with pytest.raises(SettingsError, match="Known: openai, deepseek"):
        find_provider("opnai")
    with pytest.raises(SettingsError, match="base_url"):
        find_provider("other")


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_provider_steps_down_to_text(name: str) -> None:
    dialect = dialect_of(name, "some-model")
    kinds = []
    while True:
        parameters = sent(dialect)
        kinds.append(parameters.get("response_format", {}).get("type", "text"))
        if not dialect.adapt("This response_format type is unavailable now", parameters):
            break
    assert kinds[-1] == "text"
    assert kinds == list(PROVIDERS[name].formats)


@pytest.mark.parametrize(
    ("name", "words", "then"),
    [
        ("deepseek", "This response_format type is unavailable now", "text"),
        ("lmdeploy", "only pytorch backend can use response_format now", "json_object"),
        ("lmdeploy", "Unsupported response format: [02:01:49] /project/cpp/c.cc:4944: Unsupported type", "json_object"),
        ("llamacpp", 'Either "json_schema" or "grammar" can be specified, but not both', "json_object"),
        ("llamacpp", "Failed to initialize samplers: std::exception", "json_object"),
        ("vllm", "The provided JSON schema contains features not supported by xgrammar.", "json_object"),
        ("sglang", "Failed to compile json grammar: unsupported keyword", "json_object"),
        ("other", "Unexpected keys in the request: {'response_format'}", "json_object"),
    ],
)
def test_refusals_of_a_format_are_understood_in_each_servers_words(name: str, words: str, then: str) -> None:
    dialect = dialect_of(name, "some-model")
    assert dialect.adapt(words, sent(dialect))
    assert sent(dialect).get("response_format", {}).get("type", "text") == then


def test_openai_limits_output_by_completion_tokens() -> None:
    parameters = sent(dialect_of("openai", "gpt-4o-mini"))
    assert parameters["max_completion_tokens"] == 100
    assert parameters["response_format"]["json_schema"]["strict"] is True
    assert "reasoning_effort" not in parameters


@pytest.mark.parametrize(
    ("model", "effort"),
    [
        ("o4-mini", "low"),
        ("gpt-5-mini", "minimal"),
        ("gpt-5-mini-2025-08-07", "minimal"),
        ("gpt-5.4-nano", "none"),
        ("gpt-6-luna", "none"),
        ("gpt-6-astra", "low"),
    ],
)
def test_openai_reasoning_models_are_asked_for_the_least_reasoning(model: str, effort: str) -> None:
    parameters = sent(dialect_of("openai", model))
    assert "temperature" not in parameters
    assert parameters["reasoning_effort"] == effort
    assert parameters["max_completion_tokens"] == (100 if effort == "none" else 8100)


@pytest.mark.parametrize("model", ["gpt-5-chat-latest", "gpt-5.2-chat-latest", "gpt-4.1-mini"])
def test_openai_chat_models_take_a_temperature_and_no_effort(model: str) -> None:
    parameters = sent(dialect_of("openai", model))
    assert parameters["temperature"] == 0.0
    assert "reasoning_effort" not in parameters


def test_an_effort_that_a_model_lacks_is_raised_then_left_out() -> None:
    dialect = dialect_of("openai", "gpt-6-luna")
    efforts = []
    for _ in range(3):
        parameters = sent(dialect)
        efforts.append(parameters.get("reasoning_effort"))
        room = parameters["max_completion_tokens"]
        dialect.adapt("Unsupported value: 'reasoning_effort' does not support that with this model.", parameters)
    assert efforts == ["none", "low", None]
    assert room == 8100


def test_a_model_that_thinks_all_the_same_gets_room_from_then_on() -> None:
    kept: list[Any] = []
    provider = find_provider("vllm", "", "Qwen/Qwen3-8B")
    dialect = Dialect(provider, "Qwen/Qwen3-8B", on_learned=kept.append)
    dialect.heard(thought=True, sent=sent(dialect))
    later = Dialect(provider, "Qwen/Qwen3-8B", learned=kept[-1])
    assert (dialect.thinking_tokens, later.thinking_tokens) == (8000, 8000)
    assert "chat_template_kwargs" in sent(later)


@pytest.mark.parametrize("model", ["zai-org/GLM-5.3-Flash", "moonshotai/Kimi-K3"])
def test_a_model_that_cannot_but_think_is_asked_for_little_of_it_in_the_end(model: str) -> None:
    dialect = dialect_of("vllm", model)
    for _ in range(6):
        dialect.heard(thought=True, sent=sent(dialect))
    assert sent(dialect)["reasoning_effort"] == "low"
    assert dialect.thinking_tokens == 8000


def test_a_setting_lets_models_think() -> None:
    for name, model in (("openai", "gpt-6-luna"), ("deepseek", "deepseek-flash"), ("vllm", "Qwen/Qwen3-8B")):
        dialect = Dialect(find_provider(name, "", model), model, thinks=True)
        parameters = sent(dialect)
        assert not {"reasoning_effort", "thinking", "chat_template_kwargs"} & set(parameters)
        assert dialect.thinking_tokens >= 8000


def test_deepseek_is_never_sent_a_schema() -> None:
    assert sent(dialect_of("deepseek", "deepseek-flash"))["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("model", ["deepseek-flash", "deepseek-v4-pro", "deepseek-chat"])
def test_deepseek_is_told_not_to_think(model: str) -> None:
    parameters = sent(dialect_of("deepseek", model))
    assert parameters["thinking"] == {"type": "disabled"}
    assert parameters["max_tokens"] == 100


def test_deepseek_reasoner_has_room_to_think() -> None:
    parameters = sent(dialect_of("deepseek", "deepseek-reasoner"))
    assert parameters["max_tokens"] > 10_000
    assert not {"temperature", "thinking"} & set(parameters)


@pytest.mark.parametrize("name", ["vllm", "sglang", "lmdeploy", "llamacpp", "other"])
def test_local_chat_templates_are_told_not_to_think(name: str) -> None:
    url = "http://localhost:8000/v1"
    parameters = sent(dialect_of(name, "Qwen/Qwen3-8B", url))
    assert parameters["chat_template_kwargs"]["enable_thinking"] is False
    assert parameters["max_tokens"] == 100
    for model in ("Qwen/Qwen2.5-7B-Instruct", "Qwen/Qwen3-4B-Thinking-2507"):
        assert "chat_template_kwargs" not in sent(dialect_of(name, model, url))


def test_lmdeploy_is_told_in_both_its_ways_not_to_think() -> None:
    parameters = sent(dialect_of("lmdeploy", "Qwen/Qwen3-8B"))
    assert parameters["enable_thinking"] is parameters["chat_template_kwargs"]["enable_thinking"] is False


@pytest.mark.parametrize("thinks", [False, True])
def test_json_that_thinking_forbids_costs_the_thinking_unless_that_is_wanted(thinks: bool) -> None:
    dialect = Dialect(find_provider("other", "https://llm.example.com/v1", "qwen-plus"), "qwen-plus", thinks=thinks)
    assert dialect.adapt("Json mode response is not supported when enable_thinking is true", sent(dialect))
    kind = sent(dialect)["response_format"]["type"]
    assert (kind, "enable_thinking" in sent(dialect)) == (("json_object", False) if thinks else ("json_schema", True))


def test_unknown_remote_servers_get_no_field_of_their_own() -> None:
    parameters = sent(dialect_of("other", "qwen/qwen3-32b", "https://llm.example.com/v1"))
    assert set(parameters) == {"model", "messages", "max_tokens", "temperature", "response_format"}


def test_a_server_that_knows_no_template_fields_is_asked_without_from_then_on() -> None:
    kept: list[Any] = []
    provider = find_provider("vllm", "", "Qwen/Qwen3-8B")
    dialect = Dialect(provider, "Qwen/Qwen3-8B", on_learned=kept.append)
    assert dialect.adapt("Unexpected keys in the request: {'chat_template_kwargs'}", sent(dialect))
    parameters = sent(Dialect(provider, "Qwen/Qwen3-8B", learned=kept[-1]))
    assert "chat_template_kwargs" not in parameters
    assert parameters["max_tokens"] > 8000


def test_what_was_asked_with_a_switch_given_up_meanwhile_is_asked_again() -> None:
    dialect = dialect_of("other", "m", "https://llm.example.com/v1")
    dialect.heard(thought=True, sent=sent(dialect))
    first = sent(dialect)
    assert [dialect.adapt("Wrong arguments, see our pages", first) for _ in range(3)] == [True] * 3
    second = sent(dialect)
    assert second["thinking"] == {"type": "disabled"}
    dialect.heard(thought=False, sent=second)
    assert dialect.adapt("Wrong arguments, see our pages", first)
    assert sent(dialect) == second | {"max_tokens": 100}
    assert not dialect.adapt("We do not speak of this", second)


def test_a_session_that_wants_thinking_leaves_the_next_one_its_ways_to_switch_it_off() -> None:
    kept: list[Any] = []
    provider = find_provider("other", "https://llm.example.com/v1", "m")

    def later(*, thinks: bool) -> Dialect:
        return Dialect(provider, "m", thinks=thinks, learned=kept[-1] if kept else {}, on_learned=kept.append)

    first = later(thinks=True)
    first.heard(thought=True, sent=sent(first))
    second = later(thinks=False)
    assert sent(second)["enable_thinking"] is False
    second.heard(thought=True, sent=sent(second))
    second.heard(thought=False, sent=sent(second))
    third = later(thinks=True)
    third.adapt("Unsupported parameter: 'temperature'", sent(third))
    assert "thinking" not in sent(third)
    assert sent(later(thinks=False))["thinking"] == {"type": "disabled"}


def test_a_server_that_wants_thinking_switched_off_is_told_so_from_then_on() -> None:
    kept: list[Any] = []
    provider = find_provider("other", "https://dashscope.example/v1", "qwen3-8b")
    dialect = Dialect(provider, "qwen3-8b", on_learned=kept.append)
    assert "enable_thinking" not in sent(dialect)
    words = "parameter.enable_thinking must be set to false for non-streaming calls"
    assert dialect.adapt(words, sent(dialect))
    assert sent(Dialect(provider, "qwen3-8b", learned=kept[-1]))["enable_thinking"] is False


@pytest.mark.parametrize(
    "words",
    [
        "'max_tokens' is too large: 4000. This model's maximum context length is 4096 tokens and your request has 500",
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested 4500 tokens",
        "The input (500 tokens) and max_tokens (4000) exceed the context window: 4096",
        "max_tokens=4000 cannot be greater than max_model_len=max_total_tokens=4096. Please request fewer tokens.",
        "Request too large for model `m` on tokens per minute (TPM): Limit 4096, Requested 4500, please reduce it",
    ],
    ids=["vllm", "sglang", "other", "vllm since 0.16", "groq"],
)
def test_a_reply_limit_that_does_not_fit_the_window_is_lowered(words: str) -> None:
    dialect = dialect_of("other", "m")
    request = ChatRequest((Message("user", "word " * 500),))
    parameters = dialect.parameters(request, max_output_tokens=4000, temperature=0.0)
    assert is_too_long(words)
    assert dialect.fit(words, request, parameters)
    again = dialect.parameters(request, max_output_tokens=4000, temperature=0.0)
    assert 3000 < again["max_tokens"] < 3596


def test_a_lowered_reply_limit_leaves_room_for_what_a_chat_template_adds() -> None:
    dialect = dialect_of("sglang", "m")
    request = ChatRequest((Message("user", "Check 1795833240123456789. Name the capital of France."),))
    parameters = dialect.parameters(request, max_output_tokens=8300, temperature=0.0)
    words = (
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of "
        "8374 tokens: 74 tokens from the input messages and 8300 tokens for the completion."
    )
    assert dialect.fit(words, request, parameters)
    again = dialect.parameters(request, max_output_tokens=8300, temperature=0.0)
    assert 7500 < again["max_tokens"] <= 8192 - 74


@pytest.mark.parametrize(
    ("words", "size"),
    [
        ("<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]", 30720),
        ("Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)", 8192),
        ("length of prompt_tokens (40000) must be less than max_seq_len (32768).", 32768),
        ("This model's maximum prompt length is 131072 but the request contains 140000 tokens.", 131072),
        ("Input length (9999 tokens) exceeds the maximum allowed length (4090 tokens).", 4090),
        ("The decoder prompt (length 9000) is longer than the maximum model length of 4096.", 4096),
        (
            "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
            32768,
        ),
        ("Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 272800 tokens.", 272000),
        ("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", 1048576),
        ("Input length (9031) must be smaller than the model context length (8192).", 8192),
        ("This model has a maximum context length of 131,072 tokens, your request 140,000.", 131_072),
        ("input length and `max_tokens` exceed context limit: 199000 + 4000 > 200000", 0),
        ("Input validation error: `inputs` must have less than 4095 tokens. Given: 9000", 0),
        ("Please reduce the length of the messages or completion.", 0),
        ("Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 9000", 6000),
        ("Input is too long for requested model.", 0),
        ("invalid params, context window exceeds limit (2013)", 0),
        (
            "Input does not fit in context length. The input has 41430 tokens, but the context length only supports "
            "30000 tokens.",
            30000,
        ),
        ("request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it", 4096),
        ("Prompt is 11543 tokens but the model context window is 4096 tokens.", 4096),
        ("The prompt exceeds maximum sequence length.", 0),
        ("Input validation error: inputs tokens + max_new_tokens must be <= 8193. Given: 9000", 0),
        ("Prompt exceeds max length", 0),
        ("max_tokens must be at least 1, got -186.", 0),
        ("Request body too large for gpt-4o model. Max size: 8000 tokens.", 0),
        ("输入长度超出限制，请缩短输入", 0),
    ],
)
def test_a_prompt_that_is_too_long_is_told_in_each_servers_words(words: str, size: int) -> None:
    dialect = dialect_of("other", "m")
    assert is_too_long(words)
    dialect.fit(words, REQUEST, {"max_tokens": 4000})
    assert dialect.longest_prompt(1000) == (pytest.approx(size / 1.25, abs=900) if size else 0)


@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("Range of max_tokens should be [1, 8192]", 8192),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 8192]", 8192),
        ("max_tokens is too large: 20000. This model supports at most 16384 completion tokens, whereas you", 16384),
        ("max_tokens: 20000 > 8192, which is the maximum allowed number of output tokens for this model", 8192),
        ("`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than "
         "the `context_window` for this model", 8192),
        ("The parameter max_tokens specified in the request is not valid: integer above maximum value, expected a "
         "value <= 4096, but got 20000 instead. Request id: 0217724325966514087c9e6ef", 4096),
        ("max_tokens (current value: 20000) must be between 0 and 4000 ", 4000),
        ("max_tokens参数非法：限制数值范围[1,4095]", 4095),
        ("max_tokens must be at most 16,384 for this model", 16_384),
        ("ValidationException: The maximum tokens you requested exceeds the model limit of 4096. Try again with a "
         "maximum tokens value that is lower than 4096.", 4096),
    ],
)  # fmt: skip
def test_a_reply_longer_than_a_model_writes_is_not_asked_for_again(words: str, most: int) -> None:
    kept: list[Any] = []
    dialect = Dialect(find_provider("other", "http://h:1/v1"), "m", on_learned=kept.append)
    parameters = dialect.parameters(REQUEST, max_output_tokens=20_000, temperature=0.0)
    assert not is_too_long(words)
    assert dialect.adapt(words, parameters)
    later = Dialect(find_provider("other", "http://h:1/v1"), "m", learned=kept[-1])
    for one in (dialect, later):
        parameters = one.parameters(REQUEST, max_output_tokens=20_000, temperature=0.0)
        assert parameters["max_tokens"] == most
    assert not dialect.adapt(words, parameters)


def test_a_prompt_longer_than_the_window_stays_too_long() -> None:
    dialect = Dialect(find_provider("other", "http://h:1/v1"), "m", context_tokens=2048)
    request = ChatRequest((Message("user", "word " * 4000),))
    parameters = dialect.parameters(request, max_output_tokens=4000, temperature=0.0)
    assert not dialect.fit("This model's maximum context length is 2048 tokens.", request, parameters)


@pytest.mark.parametrize("name", ["vllm", "sglang", "lmdeploy", "llamacpp", "other"])
def test_local_servers_are_asked_for_schemas_and_read_for_reasoning(name: str) -> None:
    provider = find_provider(name, "http://localhost:1/v1", "Qwen/Qwen2.5-7B")
    assert provider.formats[0] == "json_schema"
    assert provider.reasoning_fields == ("reasoning_content", "reasoning")
    assert provider.is_local


@pytest.mark.parametrize(
    ("name", "url", "is_free"),
    [
        ("", "http://localhost:4000/v1", True),
        ("", "http://127.0.0.1:4000/v1", True),
        ("", "http://[::1]:4000/v1", True),
        ("", "http://10.0.0.5:4000/v1", False),
        ("", "http://192.168.1.9:30000/v1", False),
        ("", "http://gateway.local/v1", False),
        ("", "https://localhost.example.com/v1", False),
        ("vllm", "http://10.0.0.5:4000/v1", True),
        ("", "http://10.0.0.5:11434/v1", True),
    ],
)
def test_only_own_hardware_is_free(name: str, url: str, is_free: bool) -> None:
    settings = LLMSettings(model="any", provider=name, base_url=url)
    assert (model_price(settings, find_provider(name, url, "any")) == FREE) == is_free


def test_a_server_in_the_own_network_needs_no_key() -> None:
    open_chat_model(LLMSettings(model="any", provider="other", base_url="http://10.0.0.5:4000/v1")).close()


def test_ollama_is_asked_through_its_own_api() -> None:
    assert find_provider("ollama").native == "ollama"


@pytest.mark.parametrize("model", ["deepseek-r1:14b", "Qwen/QwQ-32B", "org/Qwen3-4B-Thinking-2507"])
def test_models_with_a_lone_closing_tag_are_known(model: str) -> None:
    assert find_provider("vllm", "", model).hides_lone_think


def test_a_model_that_is_named_for_not_thinking_does_not() -> None:
    found = find_provider("other", "https://llm.example.com/v1", "grok-4-fast-non-reasoning")
    assert (found.thinking_tokens, found.hides_lone_think) == (0, False)


def test_refused_parameters_are_left_out_and_remembered() -> None:
    kept: list[Any] = []
    provider = find_provider("other", "http://h:1/v1", "m")
    dialect = Dialect(provider, "m", on_learned=kept.append)
    assert dialect.adapt("Unsupported parameter: 'temperature'", sent(dialect))
    assert dialect.adapt("Unsupported parameter: 'max_tokens' is not supported", sent(dialect))
    parameters = sent(Dialect(provider, "m", learned=kept[-1]))
    assert "temperature" not in parameters
    assert parameters["max_completion_tokens"] == 100


@pytest.mark.parametrize("keeps_text", [True, False], ids=["calls", "batch"])
def test_what_was_asked_before_a_system_turn_was_known_to_be_refused_is_asked_again(keeps_text: bool) -> None:
    dialect = dialect_of("vllm", "gemma")
    request = ChatRequest((Message("system", "s"), Message("user", "u")))
    parameters = sent(dialect, request) if keeps_text else {"max_tokens": 100}
    assert [dialect.adapt("System role not supported", parameters) for _ in range(3)] == [True] * 3
    assert not dialect.adapt("System role not supported", sent(dialect, request))


def test_a_foreign_complaint_is_not_adapted_to() -> None:
    dialect = dialect_of("vllm", "m")
    complaint = "The input contains something that our policy about violence does not let pass at all"
    assert not dialect.adapt(complaint, sent(dialect))


@pytest.mark.parametrize(
    "words",
    [
        "This model's maximum context length is 4096 tokens.",
        "the request exceeds the available context size (8192 tokens)",
        "prompt is too long: 9000 tokens",
    ],
)
def test_prompts_that_do_not_fit_are_recognised(words: str) -> None:
    assert is_too_long(words)


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("gpt-4o-mini", Price(0.15, 0.60)),
        ("gpt-4o-mini-2024-07-18", Price(0.15, 0.60)),
        ("openai/gpt-4o", Price(2.50, 10.00)),
        ("gpt-4o-audio-preview", None),
        ("gpt-9", None),
    ],
)
def test_prices_are_found_by_exact_model(model: str, price: Price | None) -> None:
    assert find_price(model) == price


def test_a_name_that_stands_for_another_costs_the_same() -> None:
    assert find_price("gpt-5.6") == find_price("gpt-5.6-sol")


def test_openai_asks_more_where_data_stay_in_a_region() -> None:
    settings = LLMSettings(model="gpt-5.4-mini", base_url="https://eu.api.openai.com/v1")
    found = find_provider(base_url=settings.base_url, model=settings.model)
    assert model_price(settings, found) == Price(pytest.approx(0.825), pytest.approx(4.95))
    own = settings.model_copy(update={"price_input_usd": 1.0, "price_output_usd": 2.0})
    assert model_price(own, found) == Price(1.0, 2.0)


def test_own_prices_come_first_and_local_models_are_free() -> None:
    assert find_price("gpt-4o", input_usd=1.0, output_usd=2.0) == Price(1.0, 2.0)
    assert find_price("qwen2.5:7b", is_local=True) == FREE
    assert find_price("OpenAI/GPT-4o-mini-2024-07-18") == Price(0.15, 0.60)


def test_each_own_price_replaces_that_of_the_table_alone() -> None:
    assert find_price("gpt-4o-mini", input_usd=1.0) == Price(1.0, 0.60)
    assert find_price("gpt-4o-mini", output_usd=0.0) == Price(0.15, 0.0)
    assert find_price("qwen2.5:7b", input_usd=1.0, is_local=True) == Price(1.0, 0.0)


def test_of_an_unknown_chat_model_one_price_says_nothing() -> None:
    assert find_price("gpt-9", input_usd=1.0, output_usd=-1.0) is None
    assert find_price("gpt-9", output_usd=1.0) is None
    assert find_price("gpt-9", input_usd=0.0, output_usd=1.0) == Price(0.0, 1.0)


def test_a_model_that_writes_nothing_needs_one_price() -> None:
    assert find_price("embedder", input_usd=1.0) == Price(1.0, 0.0)
    assert find_price("embedder") is None


@pytest.mark.parametrize("provider", ["vllm", "ollama", "other"])
def test_open_models_that_always_think_have_room_for_it_wherever_they_are_served(provider: str) -> None:
    found = find_provider(provider, "http://localhost:8000/v1", "deepseek-r1:7b")
    assert (found.thinking_tokens, found.hides_lone_think) == (8000, True)


def test_what_a_batch_costs_is_unknown_where_the_usual_price_is() -> None:
    assert batch_price(LLMSettings(model="strange", base_url="https://models.example/v1", batch=True)) is None
    assert batch_price(LLMSettings(model="gpt-4o-mini", batch=True)) == Price(0.075, 0.30)


@pytest.mark.parametrize(
    ("model", "is_wanted", "thinks"),
    [
        ("gpt-5-mini", False, False),
        ("gpt-5-mini", True, True),
        ("gpt-4o", True, False),
        ("deepseek-reasoner", False, True),
        ("deepseek-flash", False, False),
    ],
)
def test_thinking_is_paid_for_where_it_is_wanted_or_cannot_be_switched_off(
    model: str, is_wanted: bool, thinks: bool
) -> None:
    assert find_provider(model=model).thinks(is_wanted) is thinks


@pytest.mark.parametrize(
    ("name", "share"),
    [("openai", 0.5), ("deepseek", 0), ("vllm", 0), ("sglang", 0), ("lmdeploy", 0), ("ollama", 0), ("llamacpp", 0)],
)
def test_what_a_batch_costs(name: str, share: float) -> None:
    assert find_provider(name).batch_price == share


def test_batches_of_an_unknown_server_are_not_assumed_cheap() -> None:
    own = {"price_input_usd": 2.0, "price_output_usd": 3.0}
    settings = LLMSettings(model="m", base_url="https://llm.example.org/v1", batch=True, **own)
    assert batch_price(settings) == Price(2.0, 3.0)
