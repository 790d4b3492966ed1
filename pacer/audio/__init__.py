"""The audio device: follows a session over MQTT and sounds in the runner's ear.

broker ─▶ Follower ─▶ score (what sounds, and when) ─▶ synth, words ─▶ out: sound card, aplay or a WAV file
"""
