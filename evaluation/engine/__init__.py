"""The judging engine: pure functions over scores, for the pages, the commands and strangers who recompute."""
