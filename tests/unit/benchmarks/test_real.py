"""Real runs on a track, through the whole session: on another run's oval, and on one found on the fly."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.play import OURS
from tests.benchmarks.real import OURS_400, OURS_LEARNT, judge_one
from tests.support.data import recording

GOAL_M = 3.0  # m: p95 of the errors between 400 m marks, and of the whole way
INNER_LANE = "track_runs/mit_track_2km_5laps_innerlane_a.gpx"
OUTER_LANE = "track_runs/mit_track_5km_12laps_even_pace.gpx"


def test_between_400_m_marks_and_over_the_whole_way_a_real_run_is_measured_within_3_m() -> None:
    judged = dict(judge_one(recording(INNER_LANE), recording(OUTER_LANE), peers=()))
    for name in (OURS, OURS_400, OURS_LEARNT):
        marked = judged[name]
        assert len(marked.marks) >= 4
        increments = np.diff(marked.scaled) - np.diff(marked.marks)
        assert np.quantile(np.abs(increments), 0.95) < GOAL_M
        whole = marked.scaled[-1] - marked.scaled[0] - (marked.marks[-1] - marked.marks[0])
        assert abs(whole) < GOAL_M
