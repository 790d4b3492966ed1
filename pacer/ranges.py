"""Says between which limits the numbers of a configuration may lie."""

from __future__ import annotations

# (key, lowest, highest, in words). Wide enough for any real case, narrow enough to catch a wrong unit.
RANGES: tuple[tuple[str, float, float, str], ...] = (
    ("lead_m", -100.0, 100.0, "-100 to 100 (m)"),
    ("elastic_s", 0.2, 60.0, "0.2 to 60 (s)"),
    ("split_m", 10.0, 50_000.0, "10 to 50000 (m)"),
    ("seed", 0, 2**63 - 1, "0 or more"),
    ("policy.dead_band_s", 0.05, 60.0, "0.05 to 60 (s)"),
    ("policy.rearm_s", 0.0, 60.0, "0 to 60 (s)"),
    ("policy.look_ahead_s", 0.0, 120.0, "0 to 120 (s)"),
    ("policy.spread_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.spacing_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.spacing_unarmed_s", 1.0, 600.0, "1 to 600 (s)"),
    ("policy.max_change", 0.001, 0.2, "0.001 to 0.2 (of the speed)"),
    ("calibration.footpod_scale", 0.5, 2.0, "0.5 to 2 (what it reads over what is true)"),
    ("calibration.footpod_scale_sd", 0.0001, 0.5, "0.0001 to 0.5"),
    ("calibration.footpod_mps", 0.5, 12.5, "0.5 to 12.5 (m/s, where the scale was found)"),
    ("calibration.footpod_slope", -0.1, 0.1, "-0.1 to 0.1 (what the scale changes per m/s)"),
    ("calibration.footpod_slope_sd", 1e-6, 0.1, "0.000001 to 0.1"),
    ("calibration.wheel_circumference_m", 0.5, 4.0, "0.5 to 4 (m)"),
    ("calibration.wheel_circumference_sd_m", 0.0001, 0.5, "0.0001 to 0.5 (m)"),
    ("calibration.fix_late_s", -1.0, 1.0, "-1 to 1 (s older than usual)"),
    ("calibration.fix_late_sd_s", 0.001, 1.0, "0.001 to 1 (s)"),
    ("calibration.map_east_m", -10.0, 10.0, "-10 to 10 (m)"),
    ("calibration.map_north_m", -10.0, 10.0, "-10 to 10 (m)"),
    ("calibration.map_sd_m", 0.01, 10.0, "0.01 to 10 (m)"),
)
