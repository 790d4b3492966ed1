"""Simulates a run and the sensors that watch it, from ground truth to the bytes of their firmware.

    scenario.load("paced") ─▶ World(scenario, seed)                   the truth, 20 steps a second
                                │  runner.py  rider.py  geometry.py   hear() and see() bring the cues back in
                                ▼
                              sensors/  footpod  gps  heart_rate  wheel   errors of constants.py, lag, loss
                                ▼
                              encode.py                               bytes, from the specifications
                                ▼
                              faults.py ─▶ Firmware.advance(to_t) ─▶ list[Packet(t, sensor, char, data)]
                                                │
                     ┌──────────────────────────┴────────────────┐
                     ▼                                           ▼
             GATT servers on a simulated radio            play(scenario, seed)
             (peripherals, gatt, radio)                   the direct path: an iterator of packets

It stands on the published specifications alone and never imports pacer: a wrong bit that both sides shared
would cancel out and pass every test. The same scenario and seed give the same bytes.
"""
