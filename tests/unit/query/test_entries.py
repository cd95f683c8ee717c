"""Entries of options, as manual pages, helps of commands and READMEs lay them out."""

import pytest

from graphrag_lite.query.entries import entries, entry_asked, manuals
from graphrag_lite.query.options import OptionAsked
from graphrag_lite.records import Passage


def passage(text, source="", document_id="doc"):
    return Passage(document_id, f"chunk-{text[:20]}", text, 0, len(text), 1.0, source=source)


def entry(option, text):
    return [" ".join(text[start:end].split()) for start, end in entries(option, text)]


PAGE = """       -k, --insecure
              Skip the check of
              certificates.

       -v     Say more.

       --retry <num>
              Try again. See also
              --retry-delay and -k, --insecure.
"""


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("-k", ["-k, --insecure Skip the check of certificates."]),
        ("--insecure", ["-k, --insecure Skip the check of certificates."]),
        ("-v", ["-v Say more."]),
        ("--retry", ["--retry <num> Try again. See also --retry-delay and -k, --insecure."]),
        ("--retry-delay", []),
        ("-K", []),
    ],
)
def test_an_entry_of_a_manual_page_is_its_line_with_what_stands_deeper(option, told):
    assert entry(option, PAGE) == told


@pytest.mark.parametrize(
    "text",
    [
        "- `--json`: prints one document.",
        "* **--json** - prints one document.",
        "| `--json` | prints one document. |",
        "  --json      prints one document.",
        "-j, --json\n\n prints one document.",
        "--json\n-j\n  prints one document.",
        "-j FILE, --json FILE\n\tprints one document.",
        "-j or --json\n  prints one document.",
    ],
)
def test_an_entry_is_known_however_it_is_laid_out(text):
    (told,) = entry("--json", text)
    assert "prints one document." in told


@pytest.mark.parametrize(
    "text",
    [
        "See also -x and --json.",
        "Give it with\n--json  or without.",
        "- With `--json` it prints one.",
        "--json",
        "--json-lines  prints many.",
        "---json  prints one.",
    ],
)
def test_what_only_speaks_of_an_option_is_no_entry(text):
    assert entry("--json", text) == []


def test_of_a_long_entry_whole_sentences_are_quoted():
    (told,) = entry("-l", f"-l  It lists. {'It does it slowly. ' * 60}")
    assert told.startswith("-l It lists.")
    assert told.endswith("slowly.")
    assert len(told) <= 600


BUILTINS = """Builtins

       read [-e]
              -e     Edit the line.

       set [-e]
              Without options, show all.

              -u     Treat unset as an error.
              -e     Exit immediately.
"""


def test_the_entry_of_the_command_is_chosen_before_a_better_passage():
    curl, tar = passage("-x  Use a proxy.", "curl.txt"), passage("-x  Unpack.", "tar.txt")
    assert entry_asked(OptionAsked("-x", ("tar",)), [curl, tar], lambda _: None) == (tar, 0, 11)
    assert entry_asked(OptionAsked("-x", ()), [curl, tar], lambda _: None) == (curl, 0, 16)
    assert entry_asked(OptionAsked("-x", ("cpio",)), [curl, tar], lambda _: None) is None


def test_an_option_of_what_a_shell_has_built_in_stands_below_that():
    shell = passage(BUILTINS, "bash.txt")
    found, start, end = entry_asked(OptionAsked("-e", ("set",)), [shell], lambda _: None)
    assert " ".join(found.text[start:end].split()) == "-e Exit immediately."


def test_manuals_are_called_like_the_command_or_have_an_entry_of_it():
    shell = passage(BUILTINS, "bash.txt", "bash")
    tar = passage("-e  Exclude.", "tar.txt", "tar")
    cmake = passage("set(name value)", "set.rst", "cmake")
    texts = {p.document_id: p.text for p in (shell, tar, cmake)}
    assert manuals(OptionAsked("-e", ("tar",)), [shell, tar, cmake], texts.get) == ["tar"]
    assert manuals(OptionAsked("-e", ("set",)), [tar, cmake, shell], texts.get) == ["bash"]
    assert manuals(OptionAsked("-e", ()), [shell, tar, cmake], texts.get) == []


@pytest.mark.parametrize("text", ["-x, " * 5_000, "-x\n" * 5_000, "-x " * 5_000], ids=["row", "lines", "words"])
def test_what_repeats_an_option_without_end_is_read_in_linear_time(text):
    assert entry("-x", text) == []
