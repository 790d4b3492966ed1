"""Says how a broker is reached: the table [mqtt] of a configuration, and what is allowed in it.

    broker = "mqtts://track.example"   # or "embedded", "none", "mqtt://127.0.0.1"
    ca_file = "ca.crt"                 # who may sign its certificate; the system's authorities otherwise
    username = "pacer"
    password_file = "mqtt.password"    # mode 0600; or password_env = "PACER_MQTT_PASSWORD"

What is not encrypted stays on this machine, unless `insecure = true` says that it may be read and forged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

PORTS = {"mqtt": 1883, "mqtts": 8883}  # registered at IANA: mqtt, secure-mqtt
URL_WORDS = "mqtts://HOST:PORT, or mqtt://HOST:PORT on this machine (a name goes into username)"
SECURE_WORDS = (
    "mqtts://HOST:PORT, for without TLS everybody on the way can read and forge, or insecure = true"
)

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,32}")  # one level of a topic, as `topics.check_session` has it


@dataclass(frozen=True, slots=True)
class Mqtt:
    """Says where cues are published, and whether commands are listened to."""

    broker: str = "embedded"  # or "none", or mqtt://host:port, or mqtts://host:port
    session: str = "run"  # pacer/v1/<session>/…
    commands: bool = False  # off: nobody but the keyboard starts a run
    username: str | None = None
    password_env: str | None = None  # the environment variable that holds the password
    password_file: str | None = None  # or the file, which nobody else may read
    ca_file: str | None = None  # PEM: who may sign the broker's certificate; None: the system's authorities
    insecure: bool = False  # plain MQTT off this machine


def broker_address(broker: str) -> tuple[str, int]:
    """Returns host and port of mqtt://host:port or mqtts://host:port.

    Raises:
        ValueError: it is none.
    """
    url = urlsplit(broker)
    if url.scheme not in PORTS:
        raise ValueError(broker)
    port = url.port or PORTS[url.scheme]  # raises ValueError beyond 65535
    bare = f"{url.scheme}://{url.netloc}"
    if url.port == 0 or "@" in url.netloc or not url.hostname or broker.rstrip("/") != bare:
        raise ValueError(broker)
    return url.hostname, port


def is_url(broker: str) -> bool:
    """Tells whether `broker_address` takes it."""
    try:
        broker_address(broker)
    except ValueError:
        return False
    return True


def is_secure(broker: str) -> bool:
    """Tells whether the way to a broker is encrypted."""
    return broker.startswith("mqtts://")


def stays_here(broker: str) -> bool:
    """Tells whether the way to a broker does not leave this machine; a name is looked up by nobody here."""
    host, _ = broker_address(broker)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"  # RFC 6761, 6.3: it is always this machine


def mqtt_rules(mqtt: Mqtt) -> Iterator[tuple[bool, str, object, str]]:
    """Yields each rule: whether it holds, its key, the value, and what is allowed."""
    named = mqtt.broker in ("embedded", "none")
    formed = named or is_url(mqtt.broker)
    yield formed, "mqtt.broker", mqtt.broker, f'"embedded", "none" or {URL_WORDS}'
    if formed and not named:
        safe = mqtt.insecure or is_secure(mqtt.broker) or stays_here(mqtt.broker)
        yield safe, "mqtt.broker", mqtt.broker, SECURE_WORDS
    yield (
        bool(_SESSION.fullmatch(mqtt.session)),
        "mqtt.session",
        mqtt.session,
        "1 to 32 letters, digits, _ and -",
    )
    variable = mqtt.password_env
    good = variable is None or bool(re.fullmatch(r"[A-Za-z_]\w*", variable))
    yield good, "mqtt.password_env", variable, "the name of an environment variable"
    one = variable is None or mqtt.password_file is None
    yield one, "mqtt.password_file", mqtt.password_file, "one of password_env and password_file"
    whose = mqtt.username is not None or (variable is None and mqtt.password_file is None)
    yield whose, "mqtt.username", mqtt.username, "a name, as there is a password"
    used = mqtt.ca_file is None or is_secure(mqtt.broker)
    yield used, "mqtt.ca_file", mqtt.ca_file, "a file, with a broker mqtts://HOST:PORT"
