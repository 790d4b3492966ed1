"""The rider's display: follows a session over MQTT and serves one page for the phone on the handlebar.

broker ─▶ Follower ─▶ feed (what may be shown now) ─▶ server ─▶ server-sent events ─▶ page
"""
