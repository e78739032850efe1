"""What tests of several kinds need: real servers, and a way to wait for a condition."""
