"""Rig profiles: one TOML file per rig, read by `station.rig.profile`."""
