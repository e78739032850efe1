"""Channels beside e-mail: named in a secrets file, carried by apprise, one courier each."""
