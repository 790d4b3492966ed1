"""Estimates distance and speed of a body along its course, each with its doubt.

`body` takes measurements in; `readings` turns them into scalars; `kalman` weighs them; `timebase` brings
them to one clock; `trail` stands in where no course is known.
"""
