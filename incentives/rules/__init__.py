"""The pure rules of recognition: no database, no clock, no input or output.

Points are whole tenths throughout; every result carries the steps of its arithmetic.
"""
