"""What is said: from sealed rows to facts, and from facts to scorecards."""
