"""The one object that wires the rooms for the web, the command line and systemd."""
