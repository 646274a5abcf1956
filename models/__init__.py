"""The density model as the station uses it: the network, its card, and the golden vectors it must reproduce."""
