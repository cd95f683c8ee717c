"""Our client against an OpenAI-compatible server that we did not write: `transformers serve`, with random weights.

The model writes nonsense, which is a fine test: every chunk must end as a failure that is listed, nothing may crash
and what the server counted must be what we count. It needs no network and no weights, but a large installation, so it
runs only where that is there:

    python -m venv serve && serve/bin/pip install torch "transformers[serving]"
    TRANSFORMERS_PYTHON=serve/bin/python pytest tests/integration/test_transformers_serve.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphrag_lite import KnowledgeBase
from graphrag_lite.index.check_model import check_model
from graphrag_lite.llm.chat import CheckedChatModel, open_chat_model
from graphrag_lite.llm.protocols import ChatReply, ChatRequest, Message
from graphrag_lite.settings import LLMSettings
from tests.real_server import running

PYTHON = str(Path(os.environ.get("TRANSFORMERS_PYTHON") or sys.executable).expanduser().absolute())
NEEDS = "import torch, transformers, fastapi, uvicorn; from transformers.cli import serve"
TEXT = "Edmund Vashley founded Thorsby Yard in 1871. Thorsby Yard built ferries for Sound Ferries in Kelder Haven. "
MAKE_MODEL = """
import sys
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, set_seed
words = Tokenizer(models.BPE())
words.pre_tokenizer, words.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
words.train_from_iterator([sys.argv[2]], trainers.BpeTrainer(
    vocab_size=400, special_tokens=["<start>", "<end>"], initial_alphabet=alphabet, show_progress=False))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>")
tokenizer.chat_template = (
    "{% for m in messages %}<start>{{ m['role'] }}: {{ m['content'] }}<end>{% endfor %}<start>assistant: ")
set_seed(1)
model = Qwen2ForCausalLM(Qwen2Config(
    vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=2, max_position_embeddings=8192, eos_token_id=1, pad_token_id=1, bos_token_id=None))
model.save_pretrained(sys.argv[1])
tokenizer.save_pretrained(sys.argv[1])
"""


def run_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PYTHON, *arguments], capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model on the disk; its name is that of a family that is told not to think."""
    if run_python("-c", NEEDS).returncode:
        pytest.skip('needs `pip install torch "transformers[serving]"`, here or in the venv of TRANSFORMERS_PYTHON')
    folder = tmp_path_factory.mktemp("model") / "qwen3-tiny"
    made = run_python("-c", MAKE_MODEL, str(folder), TEXT)
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture(scope="module")
def url(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the server."""
    home = tmp_path_factory.mktemp("home")
    (home / "hub").mkdir()
    starts = "from transformers.cli.transformers import main; main()"

    def command(port: int) -> list[str]:
        return [PYTHON, "-c", starts, "serve", "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]

    environment = os.environ | {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with running(command, home / "serve.log", environment) as url:
        yield url


@pytest.fixture
def settings(model_folder: Path, url: str) -> dict[str, Any]:
    return {"model": str(model_folder), "base_url": url, "max_output_tokens": 40, "concurrency": 4}


@pytest.fixture
def model(settings: dict[str, Any]) -> Iterator[CheckedChatModel]:
    opened = open_chat_model(LLMSettings(**settings))
    yield opened
    opened.close()


def test_it_answers_and_is_known_to_write_no_json(model: CheckedChatModel) -> None:
    found = check_model(model)
    assert found.seconds > 0
    assert not found.writes_json
    assert "JSON" in found.problem
    assert model.meter.usage.calls >= 2


def test_a_stream_ends_with_the_whole_and_its_usage(model: CheckedChatModel) -> None:
    *pieces, last = model.stream(ChatRequest((Message("user", "Who founded Thorsby Yard?"),)))
    assert isinstance(last, ChatReply)
    assert "".join(p for p in pieces if isinstance(p, str)) == last.text
    assert last.usage.completion_tokens == 40
    assert last.finish_reason == "length"


def test_every_chunk_ends_as_a_failure_that_is_listed(settings: dict[str, Any], own_folder: Path) -> None:
    for number in range(3):
        (own_folder / f"{number}.txt").write_text(f"Document {number}. {TEXT * 8}")
    with KnowledgeBase(own_folder / "kb", settings={"llm": settings}) as kb:
        report = kb.index([own_folder / f"{n}.txt" for n in range(3)], recipe="standard")
        failed = {failure.source for failure in report.failures if failure.step == "extract"}
        assert len(failed) == report.counts["chunks"] > 0
        assert not report.is_whole
        assert report.usage.calls >= report.counts["chunks"]
        assert report.usage.prompt_tokens > 100 * report.usage.calls
        assert kb.retrieve("Who founded Thorsby Yard?")
        answer = kb.query("Who founded Thorsby Yard?")
        assert answer.text
        for cited in answer.citations:
            assert kb.document(cited.document_id).text[cited.start : cited.end] == cited.text
