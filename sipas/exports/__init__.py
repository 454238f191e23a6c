"""What leaves the house: scorecards for officials, cells and micro-data for the analyst, signs for the counters."""
