"""The harness says of known errors what is known of them, and the report holds it all."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pacer.estimator import kalman, process, readings
from pacer.setup import Setup
from tests.benchmarks.__main__ import main
from tests.benchmarks.cost import SESSION, cost, counted
from tests.benchmarks.given import given
from tests.benchmarks.metrics import Errors, Row, errors, row
from tests.benchmarks.picture import draw
from tests.benchmarks.play import OURS, Belief, estimators, play, timeline
from tests.benchmarks.report import table
from tests.benchmarks.runs import SimRun, simulate

Array = NDArray[np.float64]


@pytest.fixture(scope="module")
def surge() -> SimRun:
    return simulate("surge", 1000)


def told(run: SimRun, off_m: Array | float = 0.0, v: Array | None = None, sd: float = math.nan) -> Belief:
    """Makes up what an estimator said."""
    t = run.truth.t
    some = np.full(t.shape, sd)
    return Belief(t, run.truth.s + off_m, run.truth.v if v is None else v, some, some, np.array([]))


def judged(*runs: Errors, scenario: str = "surge") -> Row:
    return row(scenario, "somebody", runs)


def test_a_perfect_estimate_has_no_error(surge: SimRun) -> None:
    found = judged(errors(surge, told(surge)))
    assert (found.distance_rmse_m, found.gap_p95_s, found.speed_rmse_mps, found.speed_lag_s) == (0, 0, 0, 0)
    assert found.surge_delay_s == 0
    assert found.silent == 0


def test_metres_become_seconds_at_the_even_splits_speed(surge: SimRun) -> None:
    found = judged(errors(surge, told(surge, -3.0)))
    target = surge.setup.target
    assert found.distance_rmse_m == pytest.approx(3.0)
    assert found.gap_p95_s == pytest.approx(3.0 * (target.time_s - 1.3) / target.distance_m)
    assert found.finish_rmse_m == pytest.approx(3.0)
    assert found.finish_bias_m == pytest.approx(-3.0)


def test_doubt_is_held_against_the_error(surge: SimRun) -> None:
    rng = np.random.default_rng(1)
    off = 2.0 * rng.standard_normal(surge.truth.t.shape)
    honest = judged(errors(surge, told(surge, off, sd=2.0)))
    assert honest.nees == pytest.approx(1.0, abs=0.1)
    assert honest.coverage == pytest.approx(0.95, abs=0.015)
    boasting = judged(errors(surge, told(surge, off, sd=1.0)))
    assert boasting.nees == pytest.approx(4.0, abs=0.4)
    assert boasting.coverage < 0.75


def test_a_late_speed_is_seen_to_be_late(surge: SimRun) -> None:
    late = np.concatenate([np.zeros(25), surge.truth.v[:-25]])
    found = judged(errors(surge, told(surge, v=late)))
    assert found.speed_lag_s == pytest.approx(2.5)
    assert found.surge_delay_s == pytest.approx(2.5, abs=0.3)


def test_what_was_not_said_is_no_error_but_is_told(surge: SimRun) -> None:
    off = np.where(surge.truth.t < surge.truth.gun_t + 100, np.nan, 1.0)
    found = judged(errors(surge, told(surge, off)))
    assert found.distance_rmse_m == pytest.approx(1.0)
    assert found.silent == pytest.approx(80 / (surge.setup.target.time_s - 20), abs=0.01)


def test_the_interval_holds_the_quantile_and_shrinks_with_the_runs(surge: SimRun) -> None:
    rng = np.random.default_rng(2)
    many = [errors(surge, told(surge, float(rng.normal(0, 5)))) for _ in range(80)]
    few, all_of_them = judged(*many[:10]), judged(*many)
    for found in (few, all_of_them):
        assert found.gap_p95_low_s <= found.gap_p95_s <= found.gap_p95_high_s
    assert all_of_them.gap_p95_high_s - all_of_them.gap_p95_low_s < few.gap_p95_high_s - few.gap_p95_low_s


def test_ticks_come_ten_a_second_and_nothing_is_heard_early(surge: SimRun) -> None:
    times = [item.t for item in timeline(surge)]
    assert times == sorted(times)
    assert len(times) == len(surge.truth.t) + len(surge.inputs)


@pytest.mark.parametrize("name", estimators())
def test_every_estimator_answers_within_sight_of_the_truth(name: str) -> None:
    run = simulate("even", 1001)
    found = judged(errors(run, play(run, name)), scenario="even")
    assert found.silent == 0
    assert found.gap_p95_s < (1.5 if name == OURS else 25.0)


def test_cost_is_measured() -> None:
    found = cost(simulate("even", 1001), "raw-gps")
    assert 0 < found.mean_us < found.p99_us < 1000
    assert found.peak_kb < 1000


def test_what_is_timed_alone_estimates_as_the_session_does() -> None:
    run = simulate("even", 1001)
    alone, session = (counted(run, name) for name in (OURS, SESSION))
    told = [(alone.step(item), session.step(item)) for item in timeline(run)]
    (_, s, v, *_), (_, s_too, v_too, *_) = [(a, b) for a, b in told if a and b][-600]
    assert abs(s - s_too) < 0.5  # the session weighs the readings about the gun in once more
    assert abs(v - v_too) < 0.05


def test_the_command_prints_writes_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures, picture = tmp_path / "a.json", tmp_path / "a.svg"
    known = ["--scenarios", "even", "--estimators", "raw-gps,footpod", "--seeds", "2", "--no-real"]
    assert main(["estimate", *known, "--jobs", "1", "--json", str(figures), "--picture", str(picture)]) == 0
    printed = capsys.readouterr().out
    assert "even: 2 runs" in printed
    read = json.loads(figures.read_text("utf-8"))
    assert [one["estimator"] for one in read["rows"]] == ["raw-gps", "footpod"]
    assert set(read["rows"][0]) == {f.name for f in fields(Row)}
    assert read["rows"][0]["nees"] is None
    assert set(read["costs"]) == {"raw-gps", "footpod"}
    assert "<svg" in picture.read_text("utf-8")
    assert read["given"]["process"]["PHONE.slow_tau_s"] == process.PHONE.slow_tau_s
    assert f"PHONE.slow_tau_s {process.PHONE.slow_tau_s:g}," in printed


def test_every_constant_of_the_filter_is_listed_once_with_its_value() -> None:
    found = given()
    for field in fields(process.Receiver):
        assert found["process"][f"BOARD.{field.name}"] == getattr(process.BOARD, field.name)
    assert found["process"]["RUNNER.receiver"] == "PHONE"
    assert found["process"]["BIKE.q_v"] == process.BIKE.q_v
    assert found["readings"]["TAP_SD_S"] == readings.TAP_SD_S
    assert found["readings"]["POSITION_GATE.hard"] == readings.POSITION_GATE.hard
    assert found["calibration"]["footpod_scale_sd"] == Setup().calibration.footpod_scale_sd
    assert "POSITION_GATE.hard" not in found["legs"], "it is only used there"
    assert "model" not in found or not {"S", "CE"} & found["model"].keys(), (
        "places in a vector are no figures"
    )


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["estimate", "--scenarios", "moon"])
    assert "'moon' is unknown; there are even," in capsys.readouterr().err


def test_a_table_shows_what_is_not_known_as_a_dash(surge: SimRun) -> None:
    found = judged(errors(surge, told(surge)), scenario="even")
    assert table([found]).splitlines()[-1].count(" -") >= 4


def test_a_picture_needs_an_interval_that_is_known(surge: SimRun, tmp_path: Path) -> None:
    draw([judged(errors(surge, told(surge, 1.0)))], tmp_path / "one.png")
    assert (tmp_path / "one.png").stat().st_size > 0


def test_our_surprises_are_told_and_the_filter_is_left_as_it_was() -> None:
    update = kalman.update
    said = play(simulate("even", 1001), OURS)
    assert kalman.update is update
    assert len(said.nis) > 800  # some 300 fixes of two readings, as many packets of a footpod
    assert 0.2 < float(np.median(said.nis)) < 2.0


def test_a_start_that_is_to_be_confirmed_is_confirmed() -> None:
    """At the gun of this run the receiver has been silent for too long to start without being asked."""
    run = simulate("ooo", 5022)
    assert judged(errors(run, play(run, OURS)), scenario="ooo").silent == 0
