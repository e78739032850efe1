"""Codes of online evaluation on their way to a unit: tables of receipts in, sheets with codes out."""
