"""Estimates distance and speed of a body along its course, each with its doubt.

observe ─▶ fixes, counts   what a sensor says, as a reading, at its own time (readings, timebase)
│
▼
weigh ─▶ kalman  gate, soften, update; refuse, and find the way back
│
▼
body  ─▶ model   what is believed, and how it moves in time
│
▼
smooth           afterwards: what was believed then, bettered by all that came later
"""
