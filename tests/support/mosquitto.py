"""A private Mosquitto on a free loopback port, ended by its own process id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.data import missing
from tests.support.mqtt import free_port

# Debian puts it where an ordinary user's PATH does not look.
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
OPENING_S = 10.0  # s: it opens in 9 ms; a loaded machine gets a thousand times that


class Mosquitto:
    """One broker that can be stopped, started again on the same port, frozen and thawed."""

    def __init__(self, binary: str, folder: Path, more: str = "") -> None:
        self.port = free_port()
        self._folder = folder
        self._command = [binary, "-c", str(folder / "mosquitto.conf")]
        self._process: subprocess.Popen[bytes] | None = None
        user = "user root\n" if os.geteuid() == 0 else ""
        listener = f"per_listener_settings true\nlistener {self.port} 127.0.0.1\nallow_anonymous true\n"
        plain = listener + "persistence false\nset_tcp_nodelay true\n" + user
        (folder / "mosquitto.conf").write_text(plain + more)

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=self._folder, stderr=subprocess.DEVNULL)  # noqa: S603 - our own file
        deadline = time.monotonic() + OPENING_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"mosquitto ended at once with {self._process.returncode}")
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise TimeoutError("mosquitto did not open its port")

    def stop(self) -> None:
        if self._process:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(OPENING_S)
        self._process = None

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait(OPENING_S)
        self._process = None

    def freeze(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def mosquitto(folder: Path, more: str = "") -> Iterator[Mosquitto]:
    """Runs a Mosquitto, with `more` at the end of its configuration.

    It skips the test, or fails it where PACER_REQUIRE says so, if there is none.
    """
    binary = shutil.which("mosquitto", path=PATH)
    if binary is None:
        missing("mosquitto", "no mosquitto binary (apt install mosquitto)")
    assert binary
    broker = Mosquitto(binary, folder, more)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
