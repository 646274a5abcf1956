"""Camera and light behind Protocols: simulated, replay, picamera2."""
