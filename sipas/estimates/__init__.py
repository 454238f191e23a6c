"""Anyone's rows and a design file in, estimates with their errors out: what `sipas estimate` runs. No web, no store."""
