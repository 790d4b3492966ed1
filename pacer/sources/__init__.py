"""Where inputs come from: Bluetooth sensors, recordings."""
