import pytest

from graphrag_lite.cli import progress
from graphrag_lite.cli.progress import BarProgress, LineProgress, console_progress


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with LineProgress().step("load", 3) as task:
        for _ in range(3):
            task.advance()
    assert capsys.readouterr() == ("", "")


def test_long_work_prints_rate_and_time_left_on_stderr(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 10.0, 11.0, 12.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with LineProgress().step("load", 200) as task:
        task.advance(5)
        task.advance(95, "a.md")
        task.advance(50)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "load: 100 of 200 (50%), 10.0/s, 10.0 s left · a.md",
        "load: 150 of 200 (75%), 12.5/s, 4.0 s left · a.md",
    ]


def test_unknown_total_prints_the_count(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 10.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with LineProgress().step("read") as task:
        task.advance(1000)
    assert capsys.readouterr().err == "read: 1,000, 100.0/s\n"


def test_bars_leave_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    bars = BarProgress()
    with bars.step("outer", 2) as outer, bars.step("inner [b]") as inner:
        outer.advance(2, "note [x]")
        inner.advance()
        print("result")
    with bars.step("later", 0):
        pass
    out, err = capsys.readouterr()
    assert out == "result\n"
    assert "outer" in err


def test_bars_close_when_the_work_fails() -> None:
    bars = BarProgress()
    with pytest.raises(RuntimeError, match="boom"), bars.step("load", 2):
        raise RuntimeError("boom")
    assert bars._bars is None


def test_lines_are_used_without_a_terminal() -> None:
    assert isinstance(console_progress(), LineProgress)


def test_bars_are_used_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(console_progress(), BarProgress)
    assert isinstance(console_progress(plain=True), LineProgress)


def test_no_time_left_is_told_before_a_few_items_are_done(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 10.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with LineProgress().step("reports", 573) as task:
        task.advance()
    assert capsys.readouterr().err == "reports: 1 of 573 (0%), 6.0/min\n"


def test_a_step_that_counts_nothing_ends_full_and_tells_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    bars = BarProgress()
    with bars.step("graph"):
        pass
    err = capsys.readouterr().err
    assert "graph" in err
    assert "?" not in err
    assert "/s" not in err


def test_a_bar_counts_towards_its_total(capsys: pytest.CaptureFixture[str]) -> None:
    with BarProgress().step("load", 1200) as task:
        task.advance(1200)
    assert "1,200 of 1,200" in capsys.readouterr().err
