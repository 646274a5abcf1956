"""Configuration of the appliance: rig profiles."""
