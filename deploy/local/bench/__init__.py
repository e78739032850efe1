"""`minping bench`: ours and its limit in one run, so that the ratio holds on any machine."""
