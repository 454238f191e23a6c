"""The questionnaire as data: what is asked, of whom, when, and how a filled-in sheet is read. Pure."""
