"""What intake does: one function an intention, each in the one transaction it is given."""
