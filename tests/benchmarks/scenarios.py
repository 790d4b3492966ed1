"""Names the simulated runs of the comparison: scenario, sensors, and what the filter is not told.

The default kit is a class B receiver at 1 Hz, a footpod with odometer, three taps at lap lines, and a known
track. What the simulator draws stands in `firmware_sim.constants`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from firmware_sim import constants as c
from firmware_sim.sensors.gps import Wire

Draw = Callable[[c.GpsClass, np.random.Generator], c.GpsClass]


def _plain(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
    del rng
    return kind


def _worse(factor: float) -> Draw:
    """Makes every error of the receiver larger; what it reports stays."""

    def draw(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
        del rng
        return _scaled(kind, factor)

    return draw


def _tau(tau_s: float) -> Draw:
    def draw(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
        del rng
        return replace(kind, slow_s=tau_s)

    return draw


def _lag(more_s: float) -> Draw:
    def draw(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
        del rng
        return replace(kind, lag_s=kind.lag_s + more_s)

    return draw


def _cheap(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
    """Puts a phone's receiver, once a second and with a phone's errors, at the end of this one's wire."""
    del rng
    return replace(c.GPS_B, latency_s=kind.latency_s)


def _any(kind: c.GpsClass, rng: np.random.Generator) -> c.GpsClass:
    """Draws all of it at random, over the whole width of the single mismatches."""
    kind = _scaled(kind, math.exp(rng.uniform(-math.log(1.5), math.log(1.5))))
    tau_s = math.exp(rng.uniform(math.log(35.0), math.log(300.0)))
    return replace(kind, slow_s=tau_s, lag_s=kind.lag_s + rng.uniform(-0.3, 0.3))


def _scaled(kind: c.GpsClass, factor: float) -> c.GpsClass:
    return replace(
        kind,
        slow_m=kind.slow_m * factor,
        medium_m=kind.medium_m * factor,
        white_m=kind.white_m * factor,
        doppler_mps=kind.doppler_mps * factor,
        doppler_white_mps=kind.doppler_white_mps * factor,
    )


@dataclass(frozen=True, slots=True)
class Kit:
    """Says what a run of the comparison is made of."""

    study: str  # the scenario of firmware_sim, study/<this>
    gps: Wire = "ln"
    footpod: bool = True
    tap_sd_s: float | None = c.Taps().sd_s  # None: nobody taps
    earlier: int = 0  # runs with the same kit on the same track, a day apart, that taught its character
    draw: Draw = _plain  # what the receiver is, other than its class


_CAREFUL = c.Taps().careful_sd_s

# The sensor comparisons and the mismatches are on the erratic mile, as are the dropout and the bad radio.
KITS: dict[str, Kit] = {
    "even": Kit("even"),
    "erratic": Kit("erratic"),
    "surge": Kit("surge"),
    "positive-split": Kit("positive-split"),
    "walk": Kit("walk"),
    "gps-outage": Kit("gps-outage"),
    "pod-dropout": Kit("pod-dropout"),
    "lane2": Kit("lane2"),
    "cal5": Kit("cal5"),
    "multipath": Kit("multipath"),
    "road5k": Kit("road5k", tap_sd_s=None),
    "ooo": Kit("ooo"),
    "phone-gps-only": Kit("erratic", footpod=False, tap_sd_s=None),
    "gps10": Kit("erratic", gps="ubx"),
    "gps10-calibrated": Kit("erratic", gps="ubx", tap_sd_s=_CAREFUL, earlier=1),
    "mismatch-gps15": Kit("erratic", draw=_worse(1.5)),
    "mismatch-tau35": Kit("erratic", draw=_tau(35.0)),
    "mismatch-tau300": Kit("erratic", draw=_tau(300.0)),
    "mismatch-lag": Kit("erratic", draw=_lag(0.3)),
    "mismatch-uart": Kit("erratic", gps="ubx", draw=_cheap),
    "mismatch-any": Kit("erratic", draw=_any),
}
