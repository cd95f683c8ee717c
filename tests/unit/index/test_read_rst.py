from __future__ import annotations

import pytest

from graphrag_lite.index.load import read_bytes
from graphrag_lite.index.read_rst import read_rst
from graphrag_lite.records import Document
from graphrag_lite.settings import LoadSettings

CODE = r"""
Some code.

::

  $ ls

Run this::

  echo `date` \* :ref:`x`

  .. no comment

then

.. code-block:: sh
   :linenos:

   echo `a`
"""
UNSEEN = """
.. _label:
.. |x| replace:: y

Text.

..
   Copyright, all of it.

   More.

.. toctree::
   :maxdepth: 2

   intro

End [1]_.

.. [1] A note.
"""
DIRECTIVES = """
.. versionadded:: 3.1

Text.

.. deprecated:: 3.2
   Use :func:`b`.

.. versionchanged:: 3.3 Now *c*.

.. note::
   Mind.

.. function:: open(path)
   :module: io

   Opens it.

* .. versionadded:: 4

    Last.
"""


def test_headings_have_the_level_of_their_first_use() -> None:
    page = "=====\nGuide\n=====\n\nOne\n---\n\nDeep\n^^^^\n\nTwo\n---\n\nText.\n"
    assert read_rst(page) == "# Guide\n\n## One\n\n### Deep\n\n## Two\n\nText."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (":command:`find_package` sets\n:variable:`FOO_DIR`.", "find_package sets\nFOO_DIR."),
        ("See :ref:`the registry <Package Registry>` and `PyPI <https://pypi.org>`_.", "See the registry and PyPI."),
        (":variable:`CMAKE_C_FLAGS <CMAKE_<LANG>_FLAGS>`, :prop:`A_<LANG>`", "CMAKE_C_FLAGS, A_<LANG>"),
        (":py:class:`~email.message.Message` and :class:`!Hidden`", "Message and Hidden"),
        ("``C:\\new`` is \\*not\\* `it`", "C:\\new is *not* it"),
        ("a * b and 2 `` x", "a * b and 2 `` x"),
    ],
)
def test_roles_and_links_are_their_words(written: str, shown: str) -> None:
    assert read_rst(written) == shown


def test_comments_in_code_are_no_headings() -> None:
    written = "Use\n\n.. code-block:: cmake\n\n  if(UNIX)\n  # here\n  endif()\n\nor::\n\n   # there\n\n   run"
    code = "      if(UNIX)\n      # here\n      endif()"
    assert read_rst(written) == f"Use\n\n{code}\n\nor:\n\n       # there\n\n       run"


def test_code_stays_as_it_is() -> None:
    assert (
        read_rst(CODE)
        == "Some code.\n\n  $ ls\n\nRun this:\n\n  echo `date` \\* :ref:`x`\n\n  .. no comment\n\nthen\n\n   echo `a`"
    )


def test_what_no_reader_sees_is_left_out() -> None:
    assert read_rst(UNSEEN) == "Text.\n\nEnd [1]_.\n\n[1] A note."


def test_directives_are_told_in_words() -> None:
    assert read_rst(DIRECTIVES).split("\n\n") == [
        "Added in version 3.1.",
        "Text.",
        "Deprecated since version 3.2:\n   Use b.",
        "Changed in version 3.3: Now *c*.",
        "Note:\n   Mind.",
        "open(path)",
        "   Opens it.",
        "Added in version 4:",
        "    Last.",
    ]


def test_rules_and_tables_are_no_headings() -> None:
    page = "Before.\n\n----\n\nAfter.\n\n=====  =====\nA      B\n=====  =====\n1      2\n=====  =====\n"
    assert "#" not in read_rst(page)


def test_a_page_has_the_title_of_its_first_heading() -> None:
    page = b".. label\n\nfind_package\n------------\n\nFinds :term:`packages`.\n"
    (found,) = read_bytes(page, "a.rst", LoadSettings())
    assert isinstance(found, Document)
    assert (found.title, found.text) == ("find_package", "# find_package\n\nFinds packages.")
