"""The audio device."""
