"""Capture protocols: one TOML file per protocol and version, read by `station.capture.protocol`."""
