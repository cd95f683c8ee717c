"""One tree of settings; the only reader of grl.toml and of environment variables.

Order, strongest first: argument, environment (`GRL_LLM__MODEL=…`), `grl.toml`, recipe, default. Secrets are not
settings: a model section names the environment variable that holds its key, and only the model client reads it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from graphrag_lite.errors import SettingsError

SETTINGS_FILE = "grl.toml"
ENVIRONMENT, ENVIRONMENT_PREFIX = "environment", "GRL_"
_NOT_SETTINGS = {"GRL_KB"}  # read by the command line: which knowledge base, not how it works
_SCHEME = re.compile(r"\s*https?://\S", re.IGNORECASE)
# Stricter than what systems allow: keys have letters of both cases, and digits among small ones.
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*|[A-Za-z_]+")
_S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w.=+-]+)*/?", re.ASCII)
_ENDPOINT = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?/?", re.ASCII)
_SECRET: Final = "secret"
# What pydantic says in a programmer's words.
_NEEDED = {
    "tuple_type": 'a list is needed, as ["a", "b"]',
    "too_short": "at least one is needed",
    "string_type": "a text in quotes is needed",
    "bool_parsing": "true or false is needed",
    "bool_type": "true or false is needed",
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "greater_than_equal": "at least {ge:g} is needed",
    "greater_than": "more than {gt:g} is needed",
    "less_than_equal": "at most {le:g} is allowed",
    "literal_error": "it can be {expected}",
    "model_type": "it is a section with settings of its own",
}


def _checked_url(url: str) -> str:
    if url and not _SCHEME.match(url):
        raise PydanticCustomError("url", "it needs http:// or https:// in front")
    return url


def _checked_variable(name: str) -> str:
    if name and not _VARIABLE.fullmatch(name):
        raise PydanticCustomError(
            _SECRET,
            "it is to hold the name of an environment variable, such as OPENAI_API_KEY. A key itself goes into that "
            "variable, never into settings",
        )
    return name


def _checked_key(key: str) -> str:
    if not key.strip():
        raise PydanticCustomError("key", "a key of metadata has a name")
    return key.strip()


def _shaped(pattern: re.Pattern[str], example: str) -> AfterValidator:
    """Addresses without a place for credentials."""

    def check(address: str) -> str:
        if address and not pattern.fullmatch(address):
            where = "Credentials go into the environment, never into settings"
            raise PydanticCustomError(_SECRET, f"it is to look like {example}. {where}")
        return address.rstrip("/")

    return AfterValidator(check)


MetadataKey = Annotated[str, AfterValidator(_checked_key)]
VariableName = Annotated[str, AfterValidator(_checked_variable)]
ModelName = Annotated[str, AfterValidator(str.strip)]  # a blank behind it would be a model that no server has
ServerURL = Annotated[str, AfterValidator(_checked_url)]
ObjectURI = Annotated[str, _shaped(_S3, "s3://bucket/prefix")]
Endpoint = Annotated[str, _shaped(_ENDPOINT, "http://host:9000")]


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values are fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class LoadSettings(Section):
    """Which files are read."""

    include: tuple[str, ...] = Field(default=(), description="globs of files to read in directories; empty: all known")
    exclude: tuple[str, ...] = Field(default=(), description="globs of files to leave out")
    hidden: bool = Field(default=False, description="read files and folders whose name begins with a dot")
    max_file_mb: float = Field(default=2048.0, gt=0, description="larger files are listed as failed, in MB")
    encoding: str = Field(default="", description="text encoding; empty: detect (UTF-8 first)")


class CleanSettings(Section):
    """How text is repaired and which duplicates are folded."""

    repair: bool = Field(default=True, description="repair mojibake and normalise Unicode and white space")
    near_duplicates: float = Field(
        default=0.7,
        ge=0,
        le=1,
        description="documents at least this similar (Jaccard) that tell nothing new are kept once; 0 turns it off",
    )


class ChunkSettings(Section):
    """How documents are cut."""

    max_tokens: int = Field(default=300, ge=20, description="upper size of a chunk, in tokens")


class ExtractSettings(Section):
    """How mentions are found."""

    methods: tuple[Literal["statistical", "llm"], ...] = Field(
        default=("statistical",), description="extractors to run: statistical, llm"
    )
    entity_types: tuple[str, ...] = Field(
        default=("person", "organization", "place", "event", "work", "product", "concept"),
        min_length=1,
        description="types that a model is asked for",
    )
    claims: bool = Field(default=False, description="also extract claims (llm only)")
    gleanings: int = Field(default=0, ge=0, description="further passes that ask a model what it missed")
    language: str = Field(default="", description="language of names and descriptions; empty: that of the text")
    pack_tokens: int = Field(default=1200, ge=100, description="chunks are packed into one model call up to this size")


class ResolveSettings(Section):
    """How names become entities."""

    initials: bool = Field(default=True, description="fold 'J. Smith' into 'John Smith' where only one fits")
    surnames: bool = Field(default=True, description="fold a surname into the full name used in the same document")
    llm: bool = Field(default=False, description="ask the model about pairs that cheap signals leave undecided")


class CommunitySettings(Section):
    """How the graph is cut into communities."""

    max_size: int = Field(default=12, ge=2, description="communities with more entities are split at the next level")
    seed: int = Field(default=7, description="seed of the Leiden algorithm")


class ReportSettings(Section):
    """How community reports are written."""

    method: Literal["extractive", "llm"] = Field(default="extractive", description="extractive or llm")
    max_findings: int = Field(default=6, ge=1, description="findings of one report")
    max_tokens: int = Field(default=2000, ge=200, description="input budget of one report, in tokens (llm only)")
    share: float = Field(
        default=0.5, gt=0, description="prompt tokens of all reports together, as a share of the corpus (llm only)"
    )
    language: str = Field(default="", description="language of reports; empty: that of their facts")


class EmbeddingSettings(Section):
    """The embedding model."""

    model: str = Field(
        default="auto",
        description="auto, none, a sentence-transformers name or folder, or the model of an OpenAI-compatible server",
    )
    base_url: ServerURL = Field(default="", description="OpenAI-compatible server; empty: a local model")
    api_key_env: VariableName = Field(default="OPENAI_API_KEY", description="environment variable that holds the key")
    dimensions: int = Field(default=0, ge=0, description="shorten vectors to this many dimensions; 0: as they come")
    batch_size: int = Field(default=64, ge=1, description="texts in one call")
    concurrency: int = Field(
        default=8,
        ge=1,
        description="calls of a server under way at once, at most; unset: 1 on this machine or its private network",
    )
    price_input_usd: float = Field(
        default=-1.0, description="USD for 1M tokens of a model behind a server; below 0: price table"
    )
    device: str = Field(default="", description="torch device; empty: cuda or mps where there is one, else cpu")
    query_prompt: str = Field(default="", description="put before a question")
    passage_prompt: str = Field(default="", description="put before a passage")
    quantisation: Literal["none", "scalar"] = Field(
        default="none", description="of the vector index from 50,000 chunks on: none, or scalar (a quarter of the size)"
    )


class LLMSettings(Section):
    """The chat model. Empty `model` means none: nothing is ever spent by accident."""

    model: ModelName = Field(default="", description="model name; empty: no model")
    base_url: ServerURL = Field(default="", description="OpenAI-compatible server; empty: by the provider")
    provider: str = Field(
        default="",
        description="openai, deepseek, vllm, sglang, lmdeploy, ollama, llamacpp, other; empty: by the URL, or by a "
        "model's name that leaves no doubt",
    )
    api_key_env: VariableName = Field(
        default="", description="environment variable that holds the key; empty: by the provider"
    )
    concurrency: int = Field(
        default=25, ge=1, description="calls under way at once, at most; unset: 4 with Ollama and llama.cpp"
    )
    timeout_s: float = Field(
        default=180.0,
        gt=0,
        description="seconds of silence until a call is given up; a whole reply has 20 times as long, at least an hour",
    )
    max_retries: int = Field(default=6, ge=0, description="repetitions of a call after a retryable error")
    temperature: float = Field(default=0.0, ge=0, description="sampling temperature")
    max_output_tokens: int = Field(default=4000, ge=16, description="longest reply, in tokens")
    thinking: bool = Field(
        default=False, description="let a model that can think do so before it replies: slower and dearer"
    )
    context_tokens: int = Field(
        default=0, ge=0, description="context window; 0: the server's own, or with Ollama as much as is needed"
    )
    price_input_usd: float = Field(default=-1.0, description="USD for 1M prompt tokens; below 0: price table")
    price_output_usd: float = Field(default=-1.0, description="USD for 1M completion tokens; below 0: price table")
    batch: bool = Field(
        default=False, description="index by the provider's Batch API: cheaper, and done within a day, not at once"
    )
    batch_tokens: int = Field(
        default=0, ge=0, description="prompt tokens that batches may hold at once, as your account allows; 0: no limit"
    )
    prompts: str = Field(
        default="",
        description="folder with your own prompts, as en/extract.md, seen from that of this file; empty: ours",
    )


class QuerySettings(Section):
    """How questions are answered."""

    mode: Literal["auto", "basic", "local", "global", "drift"] = Field(default="auto", description="default mode")
    top_k: int = Field(default=8, ge=1, description="passages retrieved")
    metadata: tuple[MetadataKey, ...] = Field(
        default=("date", "author"),
        description="metadata that is shown with passages, to a model too, and searched after the next run of index; "
        "no other is sent",
    )
    decompose: bool = Field(
        default=True, description="split questions about several linked facts (local, with a model)"
    )
    translate: bool = Field(
        default=True, description="look for an English question in Chinese documents, and the reverse (with a model)"
    )
    local_context_tokens: int = Field(default=5000, ge=200, description="context of basic and local, in tokens")
    global_context_tokens: int = Field(default=8000, ge=200, description="context of global, in tokens")


class BudgetSettings(Section):
    """Money."""

    confirm_above_usd: float = Field(default=1.0, ge=0, description="ask before a run that is likely to cost more")
    max_usd: float = Field(default=0.0, ge=0, description="hard cap of one run; 0: none")


class SnapshotSettings(Section):
    """History."""

    keep: int = Field(default=5, ge=1, description="snapshots kept for rollback")


class StoreSettings(Section):
    """Where the tables lie."""

    uri: ObjectURI = Field(
        default="",
        description="s3://bucket/prefix of one knowledge base alone; all else stays in its folder, and so do the "
        "tables where this is empty; credentials as AWS tools have them: AWS_ACCESS_KEY_ID, AWS_PROFILE, ...",
    )
    endpoint: Endpoint = Field(
        default="", description="an S3-compatible server, as http://localhost:9000; empty: AWS, or AWS_ENDPOINT_URL"
    )
    region: str = Field(default="", description="region of the bucket; empty: AWS_REGION, or asked of AWS")


class Settings(Section):
    """Every setting of one knowledge base."""

    recipe: str = Field(default="auto", description="auto, instant, local, standard, thorough, or a recipe file")
    load: LoadSettings = LoadSettings()
    clean: CleanSettings = CleanSettings()
    chunk: ChunkSettings = ChunkSettings()
    extract: ExtractSettings = ExtractSettings()
    resolve: ResolveSettings = ResolveSettings()
    communities: CommunitySettings = CommunitySettings()
    reports: ReportSettings = ReportSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    llm: LLMSettings = LLMSettings()
    query: QuerySettings = QuerySettings()
    budget: BudgetSettings = BudgetSettings()
    snapshots: SnapshotSettings = SnapshotSettings()
    store: StoreSettings = StoreSettings()


def load_settings(
    directory: Path | None,
    *,
    overrides: Mapping[str, Any] | None = None,
    recipe: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """Settings of the knowledge base in `directory`, merged from every source.

    Args:
        directory: Holds `grl.toml`; None or no file means defaults.
        overrides: Nested arguments, as `{"chunk": {"max_tokens": 200}}`.
        recipe: The settings part of a recipe.
        environment: Variables; None means those of this process.

    Raises:
        SettingsError: Unknown key, wrong value or unreadable file; names the key and the nearest known one.
    """
    layers: list[tuple[str, Mapping[str, Any]]] = [("recipe", recipe or {})]
    if directory is not None:
        path = directory / SETTINGS_FILE
        layers.append((str(path), _anchored(read_settings_file(path), directory)))
    layers.append((ENVIRONMENT, environment_settings(os.environ if environment is None else environment)))
    layers.append(("arguments", overrides or {}))
    merged: dict[str, Any] = {}
    for origin, layer in layers:
        _validate(layer, origin)
        merged = _merge(merged, layer)
    return _validate(merged, "settings")


def read_settings_file(path: Path) -> dict[str, Any]:
    """The parsed `grl.toml`; empty when there is none."""
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path}: not valid TOML: {error}. Correct the line, or write a new one: grl init"
        ) from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error


def environment_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """Settings among environment variables: `GRL_SECTION__KEY`, or `GRL_KEY` at the top."""
    found: dict[str, Any] = {}
    for name, value in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or name in _NOT_SETTINGS:
            continue
        *sections, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        place = found
        for section in sections:
            place = place.setdefault(section, {})
        is_list = len(sections) == 1 and _is_sequence_field(sections[0], key)
        place[key] = [part.strip() for part in value.split(",") if part.strip()] if is_list else value
    return found


def _anchored(values: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """The content of a settings file, its paths seen from the folder of the file and not from that of the process."""
    llm = values.get("llm")
    prompts = llm.get("prompts") if isinstance(llm, Mapping) else None
    if not isinstance(prompts, str) or not prompts:
        return values
    return {**values, "llm": {**values["llm"], "prompts": str(folder / prompts)}}


def settings_template(of_recipes: Collection[str] = ()) -> str:
    """A commented grl.toml with every setting at its default.

    Args:
        of_recipes: Settings that recipes make, as "extract.methods": marked, since a line here wins over the recipe.
    """
    lines = [
        "# Settings of this knowledge base. Every line shows a default; uncomment what you change.",
        "# Keys of models are read from environment variables, never from this file.",
        "",
    ]
    defaults = Settings()
    for name, info in Settings.model_fields.items():
        value = getattr(defaults, name)
        if isinstance(value, Section):
            lines += ["", f"[{name}]", f"# {(type(value).__doc__ or '').strip().splitlines()[0]}"]
            for key, field in type(value).model_fields.items():
                is_marked = f"{name}.{key}" in of_recipes
                mark = ["# Set by the recipe: uncommented, this line wins over every recipe."] if is_marked else []
                lines += [f"# {field.description}", *mark, f"#{key} = {_toml_value(getattr(value, key))}"]
        else:
            lines += [f"# {info.description}", f"#{name} = {_toml_value(value)}"]
    return "\n".join(lines) + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _is_sequence_field(section: str, key: str) -> bool:
    info = Settings.model_fields.get(section)
    field = type(info.default).model_fields.get(key) if info and isinstance(info.default, Section) else None
    return field is not None and isinstance(field.default, tuple)


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return merged


def _validate(values: Mapping[str, Any], origin: str) -> Settings:
    try:
        return Settings.model_validate(dict(values))
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(e, origin) for e in error.errors())) from error


def _explain(error: Any, origin: str) -> str:
    path = [part for part in error["loc"] if isinstance(part, str)]
    if error["type"] == "extra_forbidden":
        return f"{origin}: unknown setting {'.'.join(path)}. {_hint(path, origin)}"
    needed = _NEEDED.get(error["type"])
    reason = needed.format(**error.get("ctx", {})) if needed else error["msg"]
    shown = "" if error["type"] == _SECRET else f" = {error['input']!r}"
    return f"{origin}: {'.'.join(path)}{shown}: {reason}"


def _hint(path: Sequence[str], origin: str) -> str:
    """What an unknown setting was perhaps meant to be."""
    sections = {name: type(i.default) for name, i in Settings.model_fields.items() if isinstance(i.default, Section)}
    name, known = path[-1], list(Settings.model_fields)
    for part in path[:-1]:
        known = list(sections[part].model_fields)
    joined = [(s, key) for s, section in sections.items() for key in section.model_fields if f"{s}_{key}" == name]
    if joined and origin == ENVIRONMENT:
        return f"Did you mean {ENVIRONMENT_PREFIX}{'__'.join(joined[0]).upper()}, with two underscores?"
    elsewhere = [f"{s}.{name}" for s, section in sections.items() if name in section.model_fields]
    near = [".".join([*path[:-1], one]) for one in difflib.get_close_matches(name, known, n=1)]
    meant = [*map(".".join, joined), *near, *elsewhere]
    return f"Did you mean {meant[0]}?" if meant else f"Known: {', '.join(known)}."
