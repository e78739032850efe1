"""What the HTTP interface of notify takes and gives. One module a subject."""
