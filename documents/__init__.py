"""What goes in and out as a file: stored files, PDF, spreadsheets, uploaded tables."""
