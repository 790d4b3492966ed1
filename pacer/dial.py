"""Makes MQTT clients: one way to a broker for the sink, the display and the audio device.

Certificate and host name are checked by the standard library's default context; passwords come from the
environment or from a file of mode 0600, and are shown by no `repr`.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt

from pacer.errors import ConfigError
from pacer.reach import SECURE_WORDS, URL_WORDS, Mqtt, broker_address, is_secure, stays_here

KEEPALIVE_S = 5  # s: a broker says "offline" 1.5 times this after a machine vanished, and is missed as fast
TIMEOUT_S = 5.0  # s for an answer; a Wi-Fi that roams takes up to 3
# Nagle's algorithm holds a small packet back until the one before it is acknowledged: up to 40 ms
NO_DELAY = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
# s for TCP and for TLS, in a thread that whoever quits must wait for: within the 2 s of an end in good order.
# A connect over a Wi-Fi that roams may take longer, and is tried again.
OPENING_S = 1.5
PRIVATE = 0o077  # the bits that let others in
# CONNACK codes that trying again does not mend: MQTT 3.1.1, table 3.1; MQTT 5, table 3-1
REFUSED = {4: "bad user name or password", 5: "not authorised"}
REFUSED |= {134: "bad user name or password", 135: "not authorised"}


@dataclass(frozen=True, slots=True)
class Broker:
    """Says where a session is published, and how to get in."""

    host: str
    port: int = 1883
    session: str = "run"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, repr=False)


def find(mqtt: Mqtt) -> Broker:
    """Turns [mqtt], with a URL in it, into a broker that can be dialled.

    Raises:
        ConfigError: not a URL, in the clear off this machine, or password or certificates cannot be read.
    """
    try:
        host, port = broker_address(mqtt.broker)
    except ValueError:
        raise ConfigError(f'mqtt.broker = "{mqtt.broker}": allowed is {URL_WORDS}') from None
    if not (mqtt.insecure or is_secure(mqtt.broker) or stays_here(mqtt.broker)):
        raise ConfigError(f'mqtt.broker = "{mqtt.broker}": allowed is {SECURE_WORDS}')
    if mqtt.username is None and (mqtt.password_file or mqtt.password_env):
        raise ConfigError("mqtt.username = None: allowed is a name, as there is a password")
    tls = _trust(mqtt.ca_file) if is_secure(mqtt.broker) else None
    return Broker(host, port, mqtt.session, mqtt.username, _password(mqtt), tls)


def client(broker: Broker, timeout_s: float = TIMEOUT_S, **rest: Any) -> aiomqtt.Client:
    """Makes a client; a new one for each connection, for a used one sends again what it still holds."""
    made = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=broker.tls,
        keepalive=KEEPALIVE_S,
        timeout=timeout_s,
        socket_options=NO_DELAY,
        **rest,
    )
    made._client.connect_timeout = OPENING_S  # noqa: SLF001 - paho's own option, which aiomqtt does not hand on
    for future in (made._connected, made._disconnected):  # noqa: SLF001 - we are told by the calls that wait
        future.add_done_callback(_look)
    return made


def _look(future: asyncio.Future[None]) -> None:
    """Looks at an error that nobody may ever wait for: asyncio would write it across the screen."""
    if not future.cancelled():
        future.exception()


def reason(error: BaseException, broker: Broker) -> str:
    """Gives the first cause in words, and what a person can do about it where that is known."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, aiomqtt.MqttCodeError) and (words := REFUSED.get(_code(error))):
        who = f"user {broker.username}" if broker.username else "nobody without a username"
        return f"the broker refuses {who}: {words}; see username and password"
    cause = error if isinstance(error, ssl.SSLError) else error.__context__  # where aiomqtt leaves it
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the broker's certificate is refused: {cause.verify_message}; see ca_file and the host's name"
    if isinstance(cause, ssl.SSLError):
        return f"no TLS with the broker: {cause.reason or cause}"
    if broker.tls and isinstance(cause, ConnectionResetError):
        return f"no TLS with the broker: it hung up; is {broker.port} its port for TLS?"
    return str(error) or type(error).__name__


def _code(error: aiomqtt.MqttCodeError) -> int:
    return error.rc if isinstance(error.rc, int) else getattr(error.rc, "value", -1)


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        why = error.strerror if not isinstance(error, ssl.SSLError) else "no certificate in it"
        raise ConfigError(f"mqtt.ca_file = {ca_file}: {why}; allowed is a PEM file of certificates") from None


def _password(mqtt: Mqtt) -> str | None:
    if mqtt.password_file is not None:
        return _kept(Path(mqtt.password_file))
    if mqtt.password_env is None:
        return None
    if not (value := os.environ.get(mqtt.password_env)):
        raise ConfigError(f"[mqtt] password_env: the environment variable {mqtt.password_env} is not set")
    return value


def _kept(path: Path) -> str:
    """Reads a password, the first line of a file that is nobody else's."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & PRIVATE:
                raise ConfigError(
                    f"mqtt.password_file = {path}: mode {mode:04o}; allowed is 0600 (chmod 600)"
                )
            line = file.readline().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"mqtt.password_file = {path}: {why}; allowed is a file with a password") from None
    if not line:
        raise ConfigError(f"mqtt.password_file = {path}: empty; allowed is the password as its first line")
    return line
