from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from firmware_sim import constants
from pacer.config import Config, check, load
from pacer.course_file import read_course
from pacer.errors import ConfigError
from pacer.reach import Mqtt, broker_address
from pacer.setup import RouteSpec, Setup, Target, TrackSpec

CONFIGS = Path(__file__).parents[2] / "configs"
MILE = CONFIGS / "mile.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "my.toml"


def test_the_mile_is_the_mile_on_the_simulators_track() -> None:
    config = load(MILE)
    assert config.setup.target == Target(1609.344, 281.0)
    assert {(s.role, s.kind) for s in config.setup.sensors} == {
        ("runner", "footpod"),
        ("runner", "gps"),
        ("runner", "heart_rate"),
        ("rider", "wheel"),
    }
    course = config.setup.course
    assert isinstance(course, TrackSpec)
    place = (course.lat_deg, course.lon_deg, course.heading_deg)
    assert place == (constants.TRACK_LAT_DEG, constants.TRACK_LON_DEG, constants.TRACK_HEADING_DEG)


def test_the_mile_names_the_simulators_sensors() -> None:
    pytest.importorskip("bumble", reason="the simulator's addresses stand beside its GATT servers")
    from firmware_sim import peripherals  # noqa: PLC0415 - needs bumble

    simulated = {
        "footpod": peripherals.footpod(),
        "gps": peripherals.gps(),
        "heart_rate": peripherals.heart_rate(),
        "wheel": peripherals.wheel(),
    }
    for sensor in load(MILE).setup.sensors:
        known = (sensor.address, sensor.advertised)
        assert simulated[sensor.name].address in known or simulated[sensor.name].name in known


def test_the_road_example_has_a_course_longer_than_its_race() -> None:
    config = load(CONFIGS / "road-5k.toml")
    assert isinstance(config.setup.course, RouteSpec)
    assert len(config.setup.course.points) > 100
    assert config.setup.target.distance_m == 5000
    assert config.mqtt.broker == "none"


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda p: p.name)
def test_every_example_is_read(path: Path) -> None:
    if "lap_length_m" in tomllib.loads(path.read_text(encoding="utf-8")):
        assert isinstance(read_course(path), TrackSpec)
    else:
        assert check(path) == []


def test_an_empty_file_is_the_defaults(file: Path) -> None:
    file.write_text("")
    assert load(file) == Config("run", Setup(target=Target(1609.344, 281.0)), Mqtt(), None)


def test_everything_that_can_be_said_arrives(file: Path) -> None:
    file.write_text(
        """
        name = "tempo"
        start = "first_step"
        lead_m = 1.5
        split_m = 200
        seed = 7
        recordings = "runs"
        sensors = [{ name = "pod", role = "runner", kind = "footpod", pin = "name", advertised = "X 1" }]
        [course]
        lap_length_m = 250
        straight_m = 50
        lane = 3
        [target]
        distance = 1500
        time = 240
        [policy]
        name = "none"
        [calibration]
        footpod_scale = 0.967
        [mqtt]
        broker = "mqtts://192.168.1.20:8884"
        session = "club"
        commands = true
        username = "me"
        password_env = "PACER_PASSWORD"
        ca_file = "ca.crt"
        """
    )
    config = load(file)
    assert config.name == "tempo"
    assert config.recordings == str(file.parent / "runs")
    assert config.mqtt == Mqtt(
        "mqtts://192.168.1.20:8884",
        "club",
        commands=True,
        username="me",
        password_env="PACER_PASSWORD",  # noqa: S106 - the name of a variable
        ca_file=str(file.parent / "ca.crt"),
    )
    setup = config.setup
    assert (setup.start, setup.lead_m, setup.split_m, setup.seed) == ("first_step", 1.5, 200.0, 7)
    assert setup.course == TrackSpec(250.0, 50.0, 3)
    assert setup.target == Target(1500.0, 240.0)
    assert setup.policy.name == "none"
    assert setup.calibration.footpod_scale == 0.967
    assert setup.sensors[0].advertised == "X 1"


SENSOR = '[[sensors]]\nname = "a"\nrole = "runner"\nkind = "footpod"\n'
RUNNER = '[[sensors]]\nname = "g"\nrole = "runner"\nkind = "gps"\naddress = "AA:BB:CC:DD:EE:00"\n'
GOOD = 'address = "AA:BB:CC:DD:EE:FF"\n'


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("colour = 1", "colour is not known here", "sensors, course, target"),
        ("name = 'a/b'", "name = 'a/b'", "letters, digits"),
        ("split_m = 0", "split_m = 0.0", "10 to 50000"),
        ("split_m = nan", "split_m = nan", "a finite number"),
        ("seed = -1", "seed = -1", "0 or more"),
        ("lead_m = 1000", "lead_m = 1000.0", "-100 to 100 (m)"),
        ("start = 'gun'", "start = 'gun'", '"command" or "first_step" or "first_input"'),
        ("[target]\ntime = 0", "target.time: time '0'", "more than zero"),
        ("[target]\ntime = 'fast'", "target.time: time 'fast'", "m:ss"),
        ("[target]\ndistance = -5", "target.distance: distance '-5'", "mile"),
        ("[target]\ndistance = 'far'", "target.distance: distance 'far'", "mile"),
        ("[target]\ndistance = 1e300", "target.distance: distance '1e+300'", "mile"),
        ("[target]\ntime = '0:41'", "target.time = '0:41'", "12.5 m/s"),
        ("[target]\ntime = '4:41:00'", "target.time = '4:41:00'", "12.5 m/s"),
        ("[course]\nlane = 11", "course.lane = 11", "1 to 10"),
        ("[course]\nlane = 0", "course.lane = 0", "1 to 10"),
        ("[course]\nstraight_m = 199", "course.straight_m = 199.0", "at most 184.29"),
        ("[course]\nlat_deg = 47.0", "course.lat_deg = 47.0", "together"),
        ("[course]\nlat_deg = 97.0\nlon_deg = 8.0", "course.lat_deg = 97.0", "-90 to 90"),
        ("course = 'none.toml'", "none.toml: No such file", ""),
        ("course = 'x.kml'", "x.kml: '.kml'", ".toml (a track) or .gpx (a route)"),
        ("course = 3", "course = 3", "text or a table"),
        ("[policy]\nname = 'shout'", "policy.name = 'shout'", '"predicted-gap"'),
        ("[policy]\nrearm_s = 1.1", "policy.rearm_s = 1.1", "at most dead_band_s"),
        ("[policy]\nspacing_s = 0", "policy.spacing_s = 0.0", "1 to 600"),
        ("[calibration]\nfootpod_scale = 96.7", "calibration.footpod_scale = 96.7", "0.5 to 2"),
        ("[mqtt]\nbroker = 'localhost'", "mqtt.broker = 'localhost'", "mqtt://HOST:PORT"),
        ("[mqtt]\nbroker = 'mqtt://h:0'", "mqtt.broker = 'mqtt://h:0'", "mqtt://HOST:PORT"),
        ("[mqtt]\nbroker = 'mqtt://h:65536'", "mqtt.broker = 'mqtt://h:65536'", "mqtt://HOST:PORT"),
        ("[mqtt]\nbroker = 'mqtt://me:pw@h'", "mqtt.broker", "a name goes into username"),
        ("[mqtt]\nbroker = 'mqtt://h/x'", "mqtt.broker", "mqtt://HOST:PORT"),
        ("[mqtt]\nbroker = 'http://h'", "mqtt.broker", "mqtt://HOST:PORT"),
        ("[mqtt]\nsession = 'a/#'", "mqtt.session = 'a/#'", "letters"),
        ("[mqtt]\nusername = 'a'\npassword_env = '$X'", "mqtt.password_env = '$X'", "environment variable"),
        ("[mqtt]\nusername = 'a'\npassword_env = 'A'\npassword_file = 'b'", "mqtt.password_file", "one of"),
        ("[mqtt]\npassword_env = 'A'", "mqtt.username = None", "a name"),
        ("[mqtt]\nca_file = 'ca.crt'", "mqtt.ca_file", "mqtts://"),
        ("[mqtt]\ncommands = 'yes'", "mqtt.commands = 'yes'", "true or false"),
        (SENSOR, "sensors[1].address = None", "an address like AA:BB:CC:DD:EE:FF"),
        (SENSOR + "address = 'AA:BB'", "sensors[1].address = 'AA:BB'", "an address like"),
        (SENSOR + "pin = 'name'", "sensors[1].advertised = None", "the name it advertises"),
        (SENSOR + "pin = 'bond'", "sensors[1].address = None", 'as pin is "bond"'),
        (SENSOR + "pin = 'luck'", "sensors[1].pin = 'luck'", '"address" or "bond" or "name"'),
        (SENSOR + GOOD + SENSOR.replace("footpod", "gps") + GOOD, "sensors[2].name = 'a'", "each name once"),
        (
            SENSOR + GOOD + SENSOR.replace('"a"', '"b"') + GOOD,
            "sensors[2].kind = 'footpod'",
            "each odometer once",
        ),
        (
            SENSOR.replace("runner", "rider") + GOOD + RUNNER,
            "sensors[1].role = 'rider'",
            '"runner", as kind is',
        ),
        (
            SENSOR.replace("footpod", "wheel") + GOOD,
            "sensors[1].role = 'runner'",
            '"rider", as kind is "wheel"',
        ),
        (SENSOR + GOOD + "name = 'b'", "not TOML", "overwrite a value"),
        ("name = = 1", "not TOML", "line 1"),
        ("x = " + "[" * 5000, "not TOML", ""),
    ],
)
def test_an_error_names_file_key_value_and_what_is_allowed(
    file: Path, text: str, key: str, allowed: str
) -> None:
    file.write_text(text)
    told = [str(error) for error in check(file)]
    assert len(told) == 1, told
    assert str(file.parent) in told[0]
    assert key in told[0]
    assert allowed in told[0]
    assert "\n" not in told[0]
    with pytest.raises(ConfigError):
        load(file)


def test_a_uuid_is_an_address_too(file: Path) -> None:
    file.write_text(SENSOR + 'address = "6E400001-B5A3-F393-E0A9-E50E24DCCA9E"')
    assert check(file) == []


def test_all_problems_are_told_at_once_and_load_counts_them(file: Path) -> None:
    file.write_text(
        "split_m = 1\n" + "[target]\ntime = 'x'\n[course]\nlane = 99\n[mqtt]\nbroker = ''\n" + SENSOR
    )
    assert len(check(file)) == 5
    with pytest.raises(ConfigError, match=r"\(and 4 more\)$"):
        load(file)


def test_wrong_types_and_wrong_ranges_are_told_at_once(file: Path) -> None:
    file.write_text(
        "seed = 'x'\nsplit_m = 1\n[policy]\nspacing_s = '6'\n[target]\ntime = 'x'\n[mqtt]\nbroker = ''\n"
    )
    told = [str(error) for error in check(file)]
    for key in ("seed = 'x'", "split_m = 1.0", "policy.spacing_s = '6'", "target.time", "mqtt.broker = ''"):
        assert sum(key in line for line in told) == 1, told
    assert len(told) == 5


@pytest.mark.parametrize("data", [b"\xff\xfe", b"\x00", b"name = '\xc3'"])
def test_bytes_that_are_no_text_are_one_line(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    assert len(check(file)) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert [str(e) for e in check(tmp_path / "no.toml")] == [
        f"{tmp_path / 'no.toml'}: No such file or directory"
    ]
    assert len(check(tmp_path)) == 1


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://broker", ("broker", 1883)),
        ("mqtt://broker/", ("broker", 1883)),
        ("mqtt://10.0.0.1:1884", ("10.0.0.1", 1884)),
        ("mqtt://[::1]:1885", ("::1", 1885)),
        ("mqtts://broker", ("broker", 8883)),
    ],
)
def test_a_broker_has_host_and_port(url: str, address: tuple[str, int]) -> None:
    assert broker_address(url) == address


@pytest.mark.parametrize("key", ["recordings", "course", "mqtt.password_file", "mqtt.ca_file"])
def test_the_home_of_nobody_is_told_with_what_is_allowed(file: Path, key: str) -> None:
    file.write_text(
        f'mqtt.username = "a"\nmqtt.broker = "mqtts://a"\n{key} = "~nobody-of-this-name/x.toml"\n'
    )
    (problem, *_) = check(file)
    assert str(problem).startswith(f"{file}: '~nobody-of-this-name/x.toml': allowed is a path without ~")
