"""`minping simulate`: invented people live through whole years of a programme on the real services."""
