"""Runs the command line, as `pacer` and as `python -m pacer`."""

import signal
import sys


def main() -> int:
    """Runs the command line in a process of its own, which a signal ends without a traceback at any time."""
    # half a second of imports, in which Ctrl-C would find no one to hear it
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pacer.cli import main as run  # noqa: PLC0415 - after that line

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)
    return run()


def _end(number: int, frame: object) -> None:
    """Ends in good order where nothing better is set: a command's workers must not live on."""
    del frame
    sys.exit(128 + number)  # as shells count


if __name__ == "__main__":
    sys.exit(main())
