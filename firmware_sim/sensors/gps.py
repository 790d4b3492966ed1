"""Runs the runner's GPS receiver: where it believes to be, once or ten times a second.

As `ln` it sends Location and Speed records (a phone, class B); as `ubx` it sends NAV-PVT frames over the
Nordic UART service (a good receiver, class A), cut at the link's MTU so that the other side must reassemble.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from firmware_sim import constants as c
from firmware_sim import encode
from firmware_sim.gauss_markov import GaussMarkov, Normals, stream
from firmware_sim.packet import Packet
from firmware_sim.sensors.footpod import strides_per_s
from firmware_sim.sensors.multipath import CLEAR, Multipath
from firmware_sim.sensors.schedule import Schedule

if TYPE_CHECKING:
    from firmware_sim.faults import Faults
    from firmware_sim.world import World

Wire = Literal["ln", "ubx"]
_UART_PAYLOAD = 61  # bytes: an MTU of 64 less the three of the notification's header
# a normal number lies beyond this with probability GPS_OUTLIER_P
_OUTLIER_BOUND = NormalDist().inv_cdf(1 - c.GPS_OUTLIER_P / 2)
_START = datetime.fromtimestamp(c.START_UNIX_S, UTC)


@dataclass(frozen=True, slots=True)
class Belief:
    """Holds what the receiver believes at one instant; the errors are in it."""

    at: float  # s, world time of its stamp
    lat_deg: float
    lon_deg: float
    altitude_m: float
    speed_mps: float
    heading_deg: float
    h_acc_m: float
    speed_acc_mps: float
    valid_t: float  # s, world time at which the place was true: truth, never sent
    error_m: tuple[float, float]  # m east and north, without what is white: truth, never sent
    speed_error_mps: float  # m/s, likewise


class Receiver:
    """Turns the truth into beliefs: the errors of its class (A, B or C), drawn once and then wandering."""

    def __init__(self, world: World, seed: int, kind: c.GpsClass, multipath: Multipath | None = None) -> None:
        self._world = world
        self._kind = kind
        rng = stream(seed, "gps")
        self.spread = math.exp(c.GPS_SPREAD * float(rng.standard_normal()))
        self._multipath = multipath
        self.tag_s = kind.tag_s * float(rng.standard_normal())
        self._normals = Normals(stream(seed, "gps", "noise"))
        self._position = [self._process(s, tau) for s, tau in self._scales() for _ in ("east", "north")]
        self._doppler = self._process(kind.doppler_mps * self.spread, kind.doppler_s)
        self._step_rad = 0.0  # phase of the runner's steps, which a fast receiver sees in the speed
        self._altitude = self._process(c.GPS_ALTITUDE_M * self.spread, c.GPS_ALTITUDE_S)

    def believe(self, at: float) -> Belief:
        """Returns the belief stamped `at` (world time); call once per sample, in order."""
        kind, noise = self._kind, self._normals
        valid = min(max(0.0, at - kind.lag_s - self.tag_s), at)
        motion = self._world.runner_at(valid)
        pose = self._world.course.pose(motion.distance_m, motion.lateral_m)
        bent = self._multipath.at(at, motion.distance_m) if self._multipath else CLEAR
        slow, white = self._error()
        slow = (slow[0] + bent.east_m, slow[1] + bent.north_m)
        place = self._world.course.placement
        lat, lon = place.to_degrees(pose.east_m + slow[0] + white[0], pose.north_m + slow[1] + white[1])
        speed = abs(self._speed(motion.path_mps) + bent.speed_mps)
        # a heading is as good as the speed across it
        turn = kind.doppler_white_mps * noise.next() / max(speed, 0.3)
        return Belief(
            at=at,
            lat_deg=lat,
            lon_deg=lon,
            altitude_m=place.altitude_m + pose.rise_m + self._altitude.step(),
            speed_mps=speed,
            heading_deg=math.degrees(pose.heading_rad + turn) % 360,
            h_acc_m=kind.reported_m * math.exp(c.GPS_REPORT_JITTER * noise.next()) * bent.reported,
            speed_acc_mps=math.hypot(kind.doppler_mps, kind.doppler_white_mps),
            valid_t=valid,
            error_m=slow,
            speed_error_mps=self._doppler.value + bent.speed_mps,
        )

    def _scales(self) -> tuple[tuple[float, float], ...]:
        kind = self._kind
        return (kind.slow_m * self.spread, kind.slow_s), (kind.medium_m * self.spread, kind.medium_s)

    def _process(self, sigma: float, tau_s: float) -> GaussMarkov:
        return GaussMarkov(sigma, tau_s, 1 / self._kind.rate_hz, self._normals)

    def _error(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Returns this sample's error east and north in metres: what wanders, and what is new every time."""
        slow_e, slow_n, medium_e, medium_n = (process.step() for process in self._position)
        noise, white = self._normals, self._kind.white_m * self.spread
        east, north = white * noise.next(), white * noise.next()
        slow = (slow_e + medium_e, slow_n + medium_n)
        # an outlier is drawn from its own two numbers, so that it does not disturb the others
        far_e, far_n, chance = noise.next(), noise.next(), noise.next()
        if abs(chance) > _OUTLIER_BOUND:
            return slow, (east + c.GPS_OUTLIER_M * far_e, north + c.GPS_OUTLIER_M * far_n)
        return slow, (east, north)

    def _speed(self, true_mps: float) -> float:
        kind = self._kind
        noise = self._doppler.step() + kind.doppler_white_mps * self.spread * self._normals.next()
        steps_hz = 2 * strides_per_s(true_mps)
        self._step_rad += 2 * math.pi * steps_hz / kind.rate_hz
        ripple = kind.ripple_mps * math.sin(self._step_rad) if steps_hz else 0.0
        return abs(true_mps + ripple + noise)


class Gps:
    """Sends what its receiver believes, or that it has no position."""

    name = "gps"

    def __init__(
        self, world: World, seed: int, wire: Wire, faults: Faults, kind: c.GpsClass | None = None
    ) -> None:
        self.kept: list[Belief] | None = None  # a list here is given every belief: for those who judge
        self._world = world
        self._faults = faults
        self._wire = wire
        self._kind = kind or (c.GPS_B if wire == "ln" else c.GPS_A)
        multipath = Multipath(world, seed) if world.scenario.gps.multipath else None
        self.receiver = Receiver(world, seed, self._kind, multipath)
        self._schedule = Schedule(1 / self._kind.rate_hz)
        self._radio = stream(seed, "gps", "radio")
        self._odometer_m = 0.0  # m, the receiver's own: its speed, added up
        self._last: Belief | None = None  # the newest that had a fix

    def step(self, t: float) -> list[Packet]:
        """Samples up to world time `t`; returns the notifications of every sample."""
        return [packet for at in self._schedule.due(t) for packet in self._sample(at)]

    def _sample(self, at: float) -> list[Packet]:
        belief = self.receiver.believe(at)
        if self.kept is not None:
            self.kept.append(belief)
        without_s = self._faults.no_fix_since(self.name, self._world.elapsed(at))
        if without_s is None:
            self._last = belief
            self._odometer_m += belief.speed_mps / self._kind.rate_hz
        if self._radio.random() < c.GPS_MISSING_P:
            return []
        if self._wire == "ln":
            return [self._packet(at, encode.LOCATION_AND_SPEED, self._record(belief, without_s))]
        frame = self._frame(belief, fix=without_s is None)
        cuts = range(0, len(frame), _UART_PAYLOAD)
        return [self._packet(at, encode.NUS_TX, frame[i : i + _UART_PAYLOAD]) for i in cuts]

    def _packet(self, at: float, char: str, data: bytes) -> Packet:
        return Packet(at + self._kind.latency_s, self.name, char, data)

    def _record(self, belief: Belief, without_s: float | None) -> bytes:
        """Encodes Location and Speed; without a fix a phone repeats its last position, then sends none."""
        utc = _START + timedelta(seconds=round(belief.at))
        if without_s is not None:
            last = self._last if without_s < c.GPS_LAST_KNOWN_S else None
            status = encode.PositionStatus.LAST_KNOWN if last else encode.PositionStatus.NONE
            location = (last.lat_deg, last.lon_deg) if last else None
            return encode.location_and_speed(encode.LocationAndSpeed(status, location=location, utc=utc))
        return encode.location_and_speed(
            encode.LocationAndSpeed(
                status=encode.PositionStatus.OK,
                speed_mps=belief.speed_mps,
                distance_m=self._odometer_m,
                location=(belief.lat_deg, belief.lon_deg),
                elevation_m=belief.altitude_m,
                heading_deg=belief.heading_deg,
                rolling_s=int(belief.at),
                utc=utc,
            )
        )

    def _frame(self, belief: Belief, *, fix: bool) -> bytes:
        ms = round(belief.at * 1000)
        gps_s = c.START_UNIX_S - c.GPS_EPOCH_UNIX_S + c.GPS_LEAP_S
        heading = math.radians(belief.heading_deg)
        north, east = belief.speed_mps * math.cos(heading), belief.speed_mps * math.sin(heading)
        place = belief if fix or self._last is None else self._last
        return encode.nav_pvt(
            encode.NavPvt(
                utc=_START + timedelta(milliseconds=ms),
                itow_ms=(gps_s * 1000 + ms) % (c.GPS_WEEK_S * 1000),
                fix_type=3 if fix else 0,
                fix_ok=fix,
                satellites=18 if fix else 2,  # an open sky; too few for a position
                lat_deg=place.lat_deg,
                lon_deg=place.lon_deg,
                height_m=place.altitude_m,
                h_acc_m=belief.h_acc_m if fix else 1e6,  # m, a receiver that has lost its position says so
                v_acc_m=1.5 * belief.h_acc_m if fix else 1e6,
                vel_ned_mps=(north, east, 0.0) if fix else (0.0, 0.0, 0.0),
                speed_mps=belief.speed_mps if fix else 0.0,
                heading_deg=belief.heading_deg,
                speed_acc_mps=belief.speed_acc_mps if fix else 20.0,  # m/s
                heading_acc_deg=1.0 if fix else 180.0,
                pdop=1.3 if fix else 99.99,
            )
        )
