"""The shipped Mosquitto configuration and access list, run with certificates and users of our own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from pacer.dial import Broker, find
from pacer.reach import Mqtt
from tests.support.data import missing
from tests.support.mosquitto import PATH, Mosquitto, mosquitto
from tests.support.mqtt import free_port

CONFIGS = Path(__file__).parents[2] / "configs"
PASSWORD = "Stride-4-41"  # noqa: S105 - made up
USERS = ("pacer", "display", "audio", "coach")
# paho leaves the socket of a failed handshake to the garbage collector
unclosed = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning"
)
# Two who are not in the shipped list, to look from outside at what the others may do.
OUTSIDE = "\nuser witness\ntopic read #\n\nuser source\ntopic write #\n"


@dataclass(frozen=True, slots=True)
class Secured:
    """A running broker: TLS on `port`, with an expired certificate on `expired_port`, none in `plain`."""

    plain: Mosquitto
    port: int
    expired_port: int
    folder: Path
    topics: tuple[str, ...]  # those of which "pacer", without the n-th, is "pacer<n>"

    def options(self, username: str = "pacer", *, host: str = "localhost", port: int = 0) -> Mqtt:
        """Gives [mqtt] as a user would write it."""
        password = self.folder / "password"
        url = f"mqtts://{host}:{port or self.port}"
        ca = str(self.folder / "ca.crt")
        return Mqtt(url, username=username, password_file=str(password), ca_file=ca)

    def broker(self, username: str) -> Broker:
        return find(self.options(username))


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """Runs configs/mosquitto.conf with configs/acl on free loopback ports."""
    ports = free_port(), free_port()
    _certificates(folder)
    topics = _access_list(folder)
    _passwords(folder, (*USERS, "witness", "source", *(f"pacer{n}" for n in range(len(topics)))))
    with mosquitto(folder, _configuration(ports)) as plain:
        yield Secured(plain, *ports, folder, topics)


def _configuration(ports: tuple[int, int]) -> str:
    """Takes the shipped listener twice, the second time with the expired certificate; both on loopback."""
    shipped = (CONFIGS / "mosquitto.conf").read_text()
    listener = re.search(r"^listener 8883\n.*?(?=\n\n)", shipped, re.DOTALL | re.MULTILINE)
    assert listener
    (rest,) = re.findall(r"(?<=\n\n)# Nothing outlives.*", shipped, re.DOTALL)
    rest = rest.replace("persistence false\n", "").replace("set_tcp_nodelay true\n", "")  # said already
    here = [listener[0].replace("8883", f"{port} 127.0.0.1") for port in ports]
    return "\n".join([rest, here[0], here[1].replace("server.", "expired.")]) + "\n"


def _certificates(folder: Path) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.crt")
    trustme.CA().cert_pem.write_to_path(folder / "other-ca.crt")
    for name, until in (("server", None), ("expired", datetime.now(UTC) - timedelta(days=1))):
        leaf = ca.issue_cert("localhost", not_after=until)
        leaf.private_key_pem.write_to_path(folder / f"{name}.key")
        leaf.cert_chain_pems[0].write_to_path(folder / f"{name}.crt")


def _access_list(folder: Path) -> tuple[str, ...]:
    """Adds to the shipped list a "pacer" for each of its lines, who lacks that line; returns their topics."""
    shipped = (CONFIGS / "acl").read_text()
    (section,) = re.findall(r"^user pacer\n((?:topic .*\n)+)", shipped, re.MULTILINE)
    lines = section.splitlines()
    lacking = [
        f"\nuser pacer{n}\n" + "".join(f"{line}\n" for line in lines if line != lacks)
        for n, lacks in enumerate(lines)
    ]
    (folder / "acl").write_text(shipped + OUTSIDE + "".join(lacking))
    return tuple(line.split()[-1] for line in lines)


def _passwords(folder: Path, users: tuple[str, ...]) -> None:
    tool = shutil.which("mosquitto_passwd", path=PATH)
    if tool is None:
        missing("mosquitto", "no mosquitto_passwd (apt install mosquitto)")
    assert tool
    file = folder / "passwords"
    file.write_text("".join(f"{user}:{PASSWORD}\n" for user in users))
    subprocess.run([tool, "-U", str(file)], check=True)  # noqa: S603 - hashes them all at once
    (folder / "password").write_text(f"{PASSWORD}\n")
    for private in (file, folder / "password"):
        private.chmod(0o600)
