"""Training of the density model from the simulated world. Heavy: the station never imports it."""
