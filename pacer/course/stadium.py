"""Fits a stadium, two straights and two half circles, to points on the ground; robust, by Gauss-Newton.

A point's distance from the stadium has a closed form. In a frame with the centre at (0, 0) and x along the
straights it is r = hypot(max(|x| - h, 0), y) - R, with h half of a straight and R the radius: + is outside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Geman-McClure weights, (1 + (r/s)²)⁻²: a point 3 s away counts 1 %, one 20 m away nothing. The scale s
# starts wide, so that a poor first guess is drawn in, and ends near the scatter of a phone's fixes.
SCALE_FIRST_M = 15.0
SCALE_LAST_M = 3.0
SHRINK = 0.8  # per round: the guess is drawn in faster than the scale shrinks
ROUNDS = 16  # 8 of them shrink the scale, the others settle; a centimetre is reached after 12
SMALLEST_M = 1.0  # m, of h and R on the way: keeps the figure a stadium


@dataclass(frozen=True, slots=True)
class Stadium:
    """Holds a stadium on the ground, metres east and north of some origin."""

    east_m: float  # m, the centre
    north_m: float
    heading_rad: float  # rad clockwise from north, of the straights
    straight_m: float  # m
    radius_m: float  # m

    @property
    def lap_m(self) -> float:
        """Tells the length all around, m."""
        return 2 * self.straight_m + math.tau * self.radius_m

    def turned(self) -> Stadium:
        """Returns the same figure with the other straight as the first."""
        heading = (self.heading_rad + math.pi) % math.tau
        return Stadium(self.east_m, self.north_m, heading, self.straight_m, self.radius_m)

    def across(self, points: Array) -> Array:
        """Returns how far outside the line each of the points (n, 2) lies, m."""
        x, y = self.frame(points)
        return np.asarray(np.hypot(np.maximum(np.abs(x) - self.straight_m / 2, 0.0), y) - self.radius_m)

    def along(self, points: Array) -> Array:
        """Returns where each of the points (n, 2) lies anticlockwise from the finish line, m, 0 to a lap.

        The finish line is at the end of the straight that is run in the direction of `heading_rad`.
        """
        x, y = self.frame(points)
        half, bend = self.straight_m / 2, math.pi * self.radius_m
        # Half a turn maps the back straight and the second bend onto the home straight and the first.
        turned = (x < -half) | ((x <= half) & (y > 0))
        x, y = np.where(turned, -x, x), np.where(turned, -y, y)
        past = np.where(x > half, (np.arctan2(y, x - half) + math.pi / 2) * self.radius_m, x - half)
        return np.asarray((past + np.where(turned, bend + self.straight_m, 0.0)) % self.lap_m)

    def frame(self, points: Array) -> tuple[Array, Array]:
        """Returns the points (n, 2) in the stadium's frame: x along the first straight, y to its left, m."""
        sin, cos = math.sin(self.heading_rad), math.cos(self.heading_rad)
        east, north = points[:, 0] - self.east_m, points[:, 1] - self.north_m
        return east * sin + north * cos, north * sin - east * cos

    def jacobian(self, points: Array) -> Array:
        """Returns d across / d (east, north, heading, half a straight, radius), (n, 5)."""
        x, y = self.frame(points)
        over = np.maximum(np.abs(x) - self.straight_m / 2, 0.0)
        length = np.maximum(np.hypot(over, y), 1e-9)  # at the very middle any direction is as good
        nx, ny = np.copysign(over, x) / length, y / length  # the outward normal
        sin, cos = math.sin(self.heading_rad), math.cos(self.heading_rad)
        # turning the frame by dθ clockwise moves a point in it by (-y, x) dθ
        columns = (cos * ny - sin * nx, -cos * nx - sin * ny, ny * x - nx * y, -np.abs(nx), -np.ones_like(x))
        return np.stack(columns, axis=1)


def free() -> Array:
    """Returns the ways in which a stadium may be changed by a fit: all five."""
    return np.eye(5)


def lap_held() -> Array:
    """Returns the ways that keep the lap: 4 h + 2 pi R is constant, so dR = -2/pi dh."""
    ways = np.eye(5)[:, :4]
    ways[4, 3] = -2 / math.pi
    return ways


def fit(
    points: Array, guess: Stadium, ways: Array, scale_m: float = SCALE_FIRST_M, rounds: int = ROUNDS
) -> Stadium:
    """Fits a stadium to points (n, 2) by reweighted least squares, from `guess`, changed only in `ways`.

    `scale_m` is how far off the guess may be.
    """
    found = guess
    for _ in range(rounds):
        r, J = found.across(points), found.jacobian(points) @ ways
        w = weights(r, scale_m)
        A = J.T @ (w[:, None] * J)
        # A thousandth of the diagonal (Levenberg's damping) keeps a nearly round figure from spinning.
        A += np.diag(1e-3 * np.diag(A) + 1e-9)
        found = _moved(found, ways @ np.linalg.solve(A, -J.T @ (w * r)))
        scale_m = max(SCALE_LAST_M, SHRINK * scale_m)
    return found


def weights(r: Array, scale_m: float) -> Array:
    """Returns how much each residual counts, 0 to 1 (Geman and McClure 1987)."""
    return np.asarray(1 / np.square(1 + np.square(r / scale_m)))


def covariance(points: Array, found: Stadium, ways: Array) -> Array:
    """Returns the covariance (5, 5) of a fit to points (n, 2) in the order in which they were run.

    Neighbouring fixes err together, and counting each as news would make the doubt several times too
    small: they count as n / (1 + 2 sum of the residuals' autocorrelation) independent ones.
    """
    r, J = found.across(points), found.jacobian(points) @ ways
    w = weights(r, SCALE_LAST_M)
    variance = float((w * r * r).sum() / w.sum())
    independent = float(w.sum()) / _alike(r * np.sqrt(w))
    # the fit has used up as many of them as it has parameters
    used = independent / max(independent - J.shape[1], 1.0)
    bread = np.linalg.pinv(J.T @ (w[:, None] * J))
    return np.asarray(ways @ (bread * variance * used * float(w.sum()) / independent) @ ways.T)


def _alike(r: Array) -> float:
    """Returns how many neighbours say the same: 1 + 2 sum of the autocorrelation up to its first zero."""
    total, total_r = 1.0, float(r @ r) + 1e-12
    for lag in range(1, len(r) // 2):
        rho = float(r[:-lag] @ r[lag:]) / total_r
        if rho <= 0:
            break
        total += 2 * rho
    return total


def from_loop(points: Array) -> Stadium:
    """Guesses a stadium from points (n, 2) spread evenly over one lap, by their spread and extent."""
    centre = points.mean(axis=0)
    # the straights run along the direction of greatest spread
    _, vectors = np.linalg.eigh(np.cov((points - centre).T))
    heading = math.atan2(vectors[0, 1], vectors[1, 1])
    x, y = Stadium(centre[0], centre[1], heading, 0.0, 0.0).frame(points)
    half_length, half_width = np.ptp(x) / 2, np.ptp(y) / 2
    straight = 2 * max(float(half_length - half_width), SMALLEST_M)
    return Stadium(float(centre[0]), float(centre[1]), heading % math.tau, straight, float(half_width))


def _moved(s: Stadium, step: Array) -> Stadium:
    east, north, heading, half, radius = (float(v) for v in step)
    # a turn by more than 0.2 rad in one step is a guess gone wild
    heading = s.heading_rad + min(max(heading, -0.2), 0.2)
    return Stadium(
        s.east_m + east,
        s.north_m + north,
        heading % math.tau,
        max(s.straight_m + 2 * half, SMALLEST_M),
        max(s.radius_m + radius, SMALLEST_M),
    )
