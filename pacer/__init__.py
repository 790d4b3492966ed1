"""Pace a runner against an even split, from sensor bytes to one clear cue."""

from importlib.metadata import version

__version__ = version("pacer")
