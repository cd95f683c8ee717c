from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphrag_lite.errors import SettingsError
from graphrag_lite.recipes import read_recipe, settings_of_recipes
from graphrag_lite.settings import Settings, load_settings, settings_template


def refusal(settings: dict[str, Any] | None = None, **environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, overrides=settings, environment=environment)
    return str(caught.value)


@pytest.mark.parametrize("section", ["llm", "embedding"])
def test_a_server_is_named_with_its_scheme(section: str) -> None:
    assert "http://" in refusal({section: {"base_url": "127.0.0.1:8123/v1"}})
    for url in ("", "http://127.0.0.1:8123/v1", "HTTPS://models.example"):
        assert isinstance(load_settings(None, overrides={section: {"base_url": url}}, environment={}), Settings)


def test_blanks_around_a_model_are_no_part_of_its_name() -> None:
    assert Settings.model_validate({"llm": {"model": " gpt-4o-mini\n"}}).llm.model == "gpt-4o-mini"


def test_the_template_marks_what_recipes_set() -> None:
    template = settings_template(settings_of_recipes())
    marks = [line for line in template.splitlines() if "recipe:" in line]
    assert len(marks) == len(settings_of_recipes())
    before = template.split("#methods = ")[0].splitlines()[-1]
    assert before in marks
    assert settings_template().count("Set by the recipe") == 0


@pytest.mark.parametrize(
    "key", ["sk-abc123", "gsk_Ab1cD2", "0123456789abcdef", "AIzaSyA1b2", "id.secret", "a1b2c3d4e5f6"]
)
@pytest.mark.parametrize("section", ["llm", "embedding"])
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(section: str, key: str) -> None:
    with pytest.raises(SettingsError, match="environment variable") as caught:
        load_settings(None, overrides={section: {"api_key_env": key}}, environment={})
    assert key not in f"{caught.value} {caught.value!r} {caught.value.__cause__}"


@pytest.mark.parametrize("name", ["", "OPENAI_API_KEY", "KEY2", "my_key", "MyKey"])
def test_names_of_variables_are_taken(name: str) -> None:
    assert load_settings(None, overrides={"llm": {"api_key_env": name}}, environment={}).llm.api_key_env == name


def test_a_variable_with_too_few_underscores_is_told_its_name() -> None:
    assert "GRL_LLM__MODEL" in refusal(GRL_LLM_MODEL="gpt-4o")
    assert "GRL_QUERY__TOP_K" in refusal(GRL_QUERY_TOP_K="3")
    assert "llm.model?" in refusal({"llm_model": "gpt-4o"})
    assert "chunk.max_tokens?" in refusal({"chunk": {"max_token": 30}})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"extract": {"methods": "llm"}}, "extract.methods = 'llm': a list is needed"),
        ({"extract": {"methods": ["lm"]}}, "extract.methods = 'lm': it can be 'statistical' or 'llm'"),
        ({"extract": {"entity_types": []}}, "extract.entity_types = []: at least one is needed"),
        ({"chunk": {"max_tokens": "x"}}, "chunk.max_tokens = 'x': a whole number is needed"),
        ({"chunk": {"max_tokens": 3}}, "chunk.max_tokens = 3: at least 20 is needed"),
        ({"llm": {"thinking": "perhaps"}}, "llm.thinking = 'perhaps': true or false is needed"),
        ({"reports": {"share": 0}}, "reports.share = 0: more than 0 is needed"),
        ({"clean": {"near_duplicates": 2}}, "clean.near_duplicates = 2: at most 1 is allowed"),
        ({"llm": "gpt-4o"}, "llm = 'gpt-4o': it is a section"),
    ],
)
def test_wrong_values_are_refused_in_a_users_words(settings: dict[str, Any], words: str) -> None:
    assert words in refusal(settings)


def test_a_folder_of_prompts_is_seen_from_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "kb").mkdir()
    for written, meant in (("mine", tmp_path / "kb" / "mine"), (tmp_path.as_posix(), tmp_path)):
        (tmp_path / "kb" / "grl.toml").write_text(f'[llm]\nprompts = "{written}"\n', encoding="utf-8")
        assert Path(load_settings(tmp_path / "kb", environment={}).llm.prompts) == meant
    there = load_settings(tmp_path / "kb", environment={"GRL_LLM__PROMPTS": "mine"})
    assert there.llm.prompts == "mine"


@pytest.mark.parametrize(
    ("value", "said"),
    [("date", 'a list is needed, as ["a", "b"]'), (["date", " "], "a key of metadata has a name")],
    ids=["no list", "no name"],
)
def test_metadata_that_is_no_list_of_keys_is_refused(value: Any, said: str) -> None:
    assert said in refusal({"query": {"metadata": value}})


def test_keys_of_metadata_come_from_the_environment() -> None:
    environment = {"GRL_QUERY__METADATA": "date, by.desk"}
    assert load_settings(None, environment=environment).query.metadata == ("date", "by.desk")
    assert load_settings(None, environment={"GRL_QUERY__METADATA": ""}).query.metadata == ()


def test_tables_lie_under_an_s3_uri_without_credentials_in_it() -> None:
    for uri in ("", "s3://shelf", "s3://shelf/a/b.c_d/", "s3://my.shelf-2/kb"):
        found = load_settings(None, overrides={"store": {"uri": uri}}, environment={})
        assert found.store.uri == uri.rstrip("/")
    for uri in (
        "/shelf",
        "gs://shelf/kb",
        "s3://",
        "s3://AKIA:hush@shelf/kb",
        "s3://shelf/kb?secret=hush",
        "s3://x/../y z",
    ):
        told = refusal({"store": {"uri": uri}})
        assert "s3://bucket/prefix" in told
        assert "hush" not in told


def test_the_server_of_the_tables_is_named_without_credentials() -> None:
    for url in ("", "http://localhost:9000", "https://s3.example.com/", "http://[::1]:9000"):
        assert isinstance(load_settings(None, overrides={"store": {"endpoint": url}}, environment={}), Settings)
    for url in ("localhost:9000", "http://me:hush@host", "http://host:9000\n", "http://a b"):
        told = refusal({"store": {"endpoint": url}})
        assert "http://host:9000" in told
        assert "hush" not in told


def test_a_recipe_does_not_move_tables(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("settings: {store: {uri: s3://shelf/kb}}\n")
    with pytest.raises(SettingsError, match=r"store\.uri in grl\.toml"):
        read_recipe(str(tmp_path / "mine.yaml"))
