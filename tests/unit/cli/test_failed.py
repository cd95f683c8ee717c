"""How what failed is listed."""

from graphrag_lite.cli.failed import failure_lines
from graphrag_lite.records import Failure


def passage(number: int, reason: str = "The reply was cut off.") -> Failure:
    return Failure(f"c{number}", reason, "extract", f"Guide: “Passage {number}”")


def test_one_failure_is_one_line_with_its_name():
    assert list(failure_lines([passage(1)], most_names=5)) == ["  Guide: “Passage 1”: The reply was cut off."]
    assert list(failure_lines([Failure("a.pdf", "is encrypted")], most_names=5)) == ["  a.pdf: is encrypted"]


def test_equal_reasons_are_told_once_with_the_names_beneath():
    lines = list(failure_lines([passage(1), Failure("a.pdf", "is encrypted"), passage(2), passage(3)], most_names=2))
    assert lines == [
        "  3 passages: The reply was cut off.",
        "    Guide: “Passage 1”",
        "    Guide: “Passage 2”",
        "    and 1 more",
        "  a.pdf: is encrypted",
    ]


def test_a_reason_met_in_two_steps_counts_each():
    both = [passage(1, "No."), Failure("Harbours", "No.", "report"), Failure("Piers", "No.", "report")]
    assert next(failure_lines(both, most_names=5)) == "  1 passage, 2 reports: No."
