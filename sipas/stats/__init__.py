"""What is counted: design, weights, variance, intervals, verdicts. NumPy and SciPy only; arrays in, arrays out."""
