"""The coach's terminal screen; the one place that needs Textual."""

from pacer.sinks.tui.app import About
from pacer.sinks.tui.sink import TuiSink

__all__ = ["About", "TuiSink"]
