"""The sample corpus, as its own command checks it with the real converter."""

import subprocess
import sys
from pathlib import Path

COMMAND = Path(__file__).parents[2] / "data" / "build.py"


def test_the_sample_corpus_and_its_questions_have_no_faults() -> None:
    checked = subprocess.run([sys.executable, COMMAND, "--check"], capture_output=True, text=True, timeout=120)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.endswith("no faults\n")
