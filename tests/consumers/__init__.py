"""Every format in every consumer that can be had, against a lab root on loopback."""
