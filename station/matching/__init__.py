"""Registration of a site to its baseline, and the same hairs in both."""
