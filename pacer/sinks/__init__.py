"""Where outputs go: the coach's screen, MQTT, a text stream."""
