"""The doors: citizen, officials, public. Each a blueprint, strangers to one another."""
