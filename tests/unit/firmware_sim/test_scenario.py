from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from firmware_sim.faults import Fault
from firmware_sim.scenario import ScenarioError, load, names, parse, studies

if TYPE_CHECKING:
    from pathlib import Path


def test_promised_scenarios_come_with_the_package() -> None:
    promised = {"solo", "paced", "even", "surge", "pod-dropout", "gps-outage"}
    assert promised <= set(names())
    for name in names():
        assert load(name).distance_m == 1609.344
        assert load(name).target_s == 281.0


def test_faulty_scenarios_are_the_paced_one_with_a_fault() -> None:
    paced, pod, gps = load("paced"), load("pod-dropout"), load("gps-outage")
    assert (pod.runner, pod.rider) == (gps.runner, gps.rider) == (paced.runner, paced.rider)
    assert pod.faults == (Fault("drop", "footpod", 80.0, 200.0),)
    assert gps.faults == (Fault("no_fix", "gps", 60.0, 150.0),)


def test_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(ScenarioError, match=r"'pased' does not exist; there are .*even.*paced.*solo"):
        load("pased")


def test_own_file(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("target_s = 300.0\n[runner]\ntime_s = 301.0\n")
    mine = load(str(tmp_path / "mine.toml"))
    assert (mine.name, mine.target_s, mine.runner.time_s) == ("mine", 300.0, 301.0)
    with pytest.raises(ScenarioError, match=r"none\.toml: No such file"):
        load(str(tmp_path / "none.toml"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("target = 281", r"scenario x: key 'target' is unknown; allowed: .*target_s"),
        ("[runner]\nspeed = 5", r"key 'speed' is unknown; allowed: .*follows"),
        ('[runner]\nfollows = "dog"', r"runner\.follows is 'dog'; allowed: plan, rider"),
        ('target_s = "4:41"', r"target_s is '4:41'; allowed: a number above 0"),
        ("target_s = 0", r"target_s is 0; allowed: a number above 0"),
        ("[runner]\nlegs = []", r"runner\.legs is \[\]; allowed: numbers above 0"),
        ('[runner]\nlegs = ["a"]', r"runner\.legs is \['a'\]; allowed: numbers above 0"),
        ("[rider]\nleads = 1", r"rider\.leads is 1; allowed: true, false"),
        ("rider = 3", r"rider is 3; allowed: a table"),
        (
            '[[fault]]\nkind = "fire"\nsensor = "gps"\nfrom_s = 0\nto_s = 1',
            r"fault\.kind is 'fire'; allowed: drop",
        ),
        (
            '[[fault]]\nkind = "drop"\nsensor = "shoe"\nfrom_s = 0\nto_s = 1',
            r"sensor is 'shoe'; allowed: footpod",
        ),
        ('[[fault]]\nkind = "drop"\nsensor = "gps"', r"fault lacks from_s, to_s"),
        ("= 3", r"scenario x: not TOML"),
    ],
)
def test_error_names_what_where_and_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        parse("x", text)


def test_studies_are_scenarios_too() -> None:
    assert {"study/even", "study/road5k"} <= set(studies())
    assert not set(names()) & set(studies())
    for name in studies():
        assert load(name).runner.follows == "plan"  # nobody is cued: estimators are compared, not policies


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('course = "lake"', r"course is 'lake'; allowed: track, road"),
        ("[gps]\nmultipath = 1", r"gps.multipath is 1; allowed: true, false"),
        ("[footpod]\nscale = 1", r"footpod key 'scale' is unknown; allowed: quoted_mps, scale_off"),
    ],
)
def test_what_a_sensor_cannot_suffer_is_refused(text: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        parse("x", text)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe", b"target_s = " + b"9" * 5_000, b"target_s = " + b"[" * 5_000],
    ids=["no UTF-8", "a number of 5000 digits", "lists in lists"],
)
def test_a_file_that_is_no_toml_is_refused_in_a_line(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(data)
    with pytest.raises(ScenarioError, match=r"^scenario (file )?\S*x(\.toml)?: not (TOML|text): "):
        load(str(file))
