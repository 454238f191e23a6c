"""What an operator brings in from files: units, counters and the frame. A file is taken whole or not at all."""
