"""Holds every figure of the simulated world's errors and bodies, frozen, each with where it comes from.

[L] a figure from the literature, [S] from the sensor's specification, [D] derived as told, [A] an assumption
without a direct source. How people run and obey stands in `people`. Literature, by short names:
  Wilson     D. L. Wilson, GPS autocorrelation (erols.com/dlwilson/gpscorr.htm); Soundy 2020, Sensors 20:6050
  Gloersen   Gloersen, Kocbach, Gilgien 2018, Front. Physiol. 9:1425: receivers against geodetic truth
  Zrenner    Zrenner et al. 2018, PMC6308955: foot IMU, stride velocity and length errors
  filipsPL   github.com/filipsPL/gps-accuracy: uncalibrated footpod 1.66 %
  Taboga     Taboga & Kram 2019, PeerJ 8222: what bends cost
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_HZ = 20  # physics steps a second [A]: 0.29 m at race speed, well under any sensor's resolution in time
STEP_S = 1 / STEP_HZ  # s

# The track lies nowhere in particular; the clock starts on a whole second, 2026-05-01 10:00:00 UTC.
TRACK_LAT_DEG, TRACK_LON_DEG, TRACK_HEADING_DEG, TRACK_ALTITUDE_M = 47.0, 8.0, 20.0, 400.0
START_UNIX_S = 1_777_629_600  # s
GPS_EPOCH_UNIX_S = 315_964_800  # s, 1980-01-06, where GPS weeks begin
GPS_LEAP_S = 18  # s, GPS time is ahead of UTC by this since 2017
GPS_WEEK_S = 604_800  # s

BATTERY_PERCENT = 87  # every sensor's battery: any plausible level [A]

# A map of the oval is not exactly where the oval is [A].
MAP_SHIFT_M = 0.9  # m, standard deviation per axis
MAP_TURN_DEG = 0.2  # degrees, standard deviation


@dataclass(frozen=True, slots=True)
class GpsClass:
    """Holds the errors of one class of receiver. Positions: Wilson, Gloersen [L], rounded to classes [A]."""

    rate_hz: int
    slow_m: float  # m, standard deviation per axis of the slow error
    slow_s: float  # s, its correlation time
    medium_m: float
    medium_s: float
    white_m: float
    doppler_mps: float  # m/s, correlated part of the speed error
    doppler_s: float  # s
    doppler_white_mps: float
    ripple_mps: float  # m/s, the step rhythm that a fast receiver sees [A]
    lag_s: float  # s, of the receiver's own filter: the position is this old when stamped [A]
    latency_s: float  # s, from the stamp to the radio [A]
    tag_s: float  # s, standard deviation of the run's constant time-tag error [A]
    reported_m: float  # m, reported 68 % radius


GPS_A = GpsClass(
    10, 0.8, 120, 0.3, 8, 0.05, 0.05, 1.5, 0.03, 0.15, 0.05, 0.10, 0.03, 1.2
)  # open sky, good antenna
GPS_B = GpsClass(1, 1.8, 90, 0.8, 12, 0.20, 0.08, 5, 0.10, 0, 0.30, 0.30, 0.10, 3.0)  # a phone
GPS_C = GpsClass(1, 3.0, 60, 1.5, 15, 0.40, 0.25, 5, 0.25, 0, 1.0, 1.0, 0.25, 5.0)  # an old wrist watch

GPS_SPREAD = 0.25  # lognormal standard deviation of all sigmas of a run [A]
GPS_OUTLIER_P, GPS_OUTLIER_M = 0.003, 8.0  # share of fixes, m per axis [A]
GPS_MISSING_P = 0.01  # share of fixes that never come [A]
GPS_ALTITUDE_M, GPS_ALTITUDE_S = 3.0, 60.0  # vertical error: about 1.7 times the horizontal one [A]
GPS_REPORT_JITTER = 0.1  # lognormal standard deviation of the reported radius [A]

# Reflections [A throughout]: beside the stand on every home straight, and one long burst anywhere.
MULTIPATH_STAND_M = (4.0, 12.0)  # m, range of the error of one pass, in any direction
MULTIPATH_BURST_M, MULTIPATH_BURST_S = (8.0, 15.0), 20.0  # m, s
MULTIPATH_BURST_AFTER_S = (60.0, 240.0)  # s after the gun, when the burst begins
MULTIPATH_TAU_S = 3.0  # s, with which the receiver's own filter follows it, in and out again
MULTIPATH_DOPPLER_MPS = 0.35  # m/s, on top of the speed's white error
MULTIPATH_REPORTED = (1.0, 2.0)  # the reported radius grows by no more than this
HOLES, HOLE_S = 3, (10.0, 40.0)  # stretches without a fix on a road, s: bridges, gorges, crowds of houses
GPS_LAST_KNOWN_S = 10.0  # s, how long a phone repeats its last position before it gives up [A]


@dataclass(frozen=True, slots=True)
class FootpodErrors:
    """Holds the errors of a footpod and its radio."""

    scale: float = 0.02  # standard deviation of the scale: filipsPL 1.66 % [L], rounded up
    per_mps: float = 0.01  # scale error per m/s away from race pace, standard deviation [A]
    drift: float = 0.004  # standard deviation of the scale's drift within a run [A] ...
    drift_s: float = 200.0  # ... and its correlation time
    stride: float = 0.015  # white noise per stride: Zrenner's stride length 0.157 m is for all gaits [L, A]
    walking: float = 0.06  # a pod reads a walk longer [A]
    off_spread: float = 0.008  # a pod that is said to be 5 % off is so by this standard deviation [A]
    smoothing_s: tuple[float, float] = (1.0, 5.0)  # s, range of the speed's time constant [A]
    still_s: float = 1.5  # s without a stride: the pod says that it stands [A]
    latency_s: float = 0.35  # s, at least, from the stride to the radio [A] ...
    latency_spread_s: float = 0.1  # ... plus the absolute value of a normal number
    loss: float = 0.02  # share of packets lost [A]
    odometer_m: float = 20_000.0  # m, the odometer starts anywhere below this: counters do not start at 0 [L]
    strides_spm: float = 90.0  # strides a minute at race pace: 180 steps, usual for trained runners [L]
    strides_exponent: float = 0.35  # cadence grows as speed to this power [D]: 55 a minute at a 1.4 m/s walk
    race_mps: float = 5.727  # m/s, 4:41 a mile: where cadence is quoted, and scale but for other plans [D]
    running_mps: float = 2.0  # m/s, people change from walk to run near here [L]


@dataclass(frozen=True, slots=True)
class WheelErrors:
    """Holds the errors of a wheel sensor; event times are exact to 1/1024 s [S]."""

    circumference_m: float = 2.105  # m, a 700x25C road tyre by the ETRTO tables [S]
    scale: float = 0.006  # standard deviation: tyre pressure and load [A]
    latency_s: float = 0.06  # s, two connection intervals of 30 ms [A]
    latency_spread_s: float = 0.02  # s [A]
    loss: float = 0.01  # share of packets lost [A]


@dataclass(frozen=True, slots=True)
class HeartErrors:
    """Holds the heart of a runner who has warmed up, and the strap's radio [A]."""

    standing_bpm: float = 95.0  # 1/min, waiting at the line
    racing_bpm: float = 184.0  # 1/min, at the end of a mile
    rise_s: float = 35.0  # s, time constant of the rise and fall
    variability: float = 0.01  # relative standard deviation of successive RR intervals
    latency_s: float = 0.10  # s
    loss: float = 0.01  # share of packets lost


@dataclass(frozen=True, slots=True)
class RunnerBody:
    """Holds how a trained runner moves."""

    reaction_s: float = 0.15  # s, simple reaction to sound 0.14-0.16 [L]
    start_tau_s: float = 1.3  # s, v(1 - exp(-t/tau)) [A] ...
    start_tau_spread: float = 0.25  # ... with this lognormal standard deviation
    bend: float = 0.995  # speed factor on bends, Taboga [L] ...
    straight: float = 1.0025  # ... and what makes the lap's mean about 1, with a rest for honesty
    wind_mps: float = 0.05  # m/s, at most, what the wind gives or takes [A]
    wobble: tuple[tuple[float, float], ...] = ((0.07, 10.0), (0.05, 60.0))  # m/s, s: unevenness [A]
    lateral_m: float = 0.25  # m outside the measured line [A] ...
    lateral_spread_m: float = 0.15  # ... its standard deviation from run to run
    lateral_wander: tuple[float, float] = (0.1, 10.0)  # m, s: and within a run
    change_lane_mps: float = 0.5  # m/s sideways: a lane in some two seconds [A]
    # Speed falls by this times the grade: half of what constant metabolic power would cost near level ground
    # (Minetti 2002, JAP 93:1039: 19.5/3.6 = 5.4 [L]), for runners ease off far less than that [A].
    grade_cost: float = 2.7
    cruise_mps: float = 1.5  # m/s, walking on after the finish [A]
    slow_down_s: float = 3.0  # s, time constant of slowing down after the finish [A]
    spread_s: float = 0.3  # s, a planned mile is up to this off the plan [A]
    fast_start_s: float = 40.0  # s, time constant with which a start that is too fast settles [A]


@dataclass(frozen=True, slots=True)
class RoadShape:
    """Holds a hilly road and how wrong a map of it is [A]: planners' tracks are good to some 2 m."""

    hill_grade: float = 0.04  # rise over run at the steepest ...
    hill_m: float = 1000.0  # m, ... of hills that come this often
    leg_m: tuple[float, ...] = (310.0, 190.0, 420.0, 260.0, 150.0, 370.0)  # m, straights between corners
    corner_m: float = 12.0  # m, radius of a corner of 90 degrees
    map_m: float = 2.0  # m between the map's points: 17 corners cut by chords cost 0.4 m of length in all
    warp: tuple[float, float] = (2.0, 300.0)  # m, m: error along, none at start and finish
    side: tuple[float, float] = (1.5, 150.0)  # m, m: error across


@dataclass(frozen=True, slots=True)
class Taps:
    """Holds how a person taps at lap lines. Anticipated taps have sd 0.07 s (Am. J. Phys. 87:110) [L]."""

    bias_s: float = 0.05  # s, late [A]
    sd_s: float = 0.20  # s, a runner or rider who has other things to do [A]
    careful_sd_s: float = 0.07  # s, an attentive timer [L]
    missing: float = 0.03  # share of taps that never come [A]
    late: float = 0.03  # share that comes late by ... [A]
    late_s: tuple[float, float] = (1.0, 3.0)  # s


@dataclass(frozen=True, slots=True)
class RiderBody:
    """Holds how a friend on a bike rides with a plain speedometer [A throughout unless marked]."""

    lateral_m: float = 1.3  # m outside the runner's line
    lead_m: float = 2.0  # m in front of the runner: near enough to draft and to be seen
    reaction_s: float = 0.25  # s
    start_tau_s: float = 1.3  # s, a bike leaves with the runner at this speed
    fast_start: float = 0.03  # a pacer wants the first lap on schedule and makes up the standing start ...
    fast_start_s: float = 40.0  # s, ... with this time constant: 0.03 x 40 s = 1.2 s of the 1.55 s lost
    speedometer: float = 0.01  # standard deviation of the speedometer's scale error
    bend_skill: tuple[float, float] = (0.7, 1.0)  # how well he speeds up in bends to stay beside the runner
    wobble: tuple[tuple[float, float], ...] = ((0.04, 8.0),)  # m/s, s
    tau_s: float = 1.5  # s, time constant of a change of speed
    keep_gain: float = (
        0.02  # 1/s, he eases per metre that the runner falls behind the place he should have ...
    )
    keep_slack_m: float = 3.0  # ... once that is more than this
    side_gain: float = 0.4  # 1/s, when he merely rides along with the runner
    side_delay_s: float = 0.4  # s
