"""What the tellers use on their own laptop, offline: keys, shares, cards. Nothing here speaks to a service."""
