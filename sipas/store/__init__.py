"""What is kept: tables and their questions, one noun a file. The only floor that speaks SQL."""
