"""The documents' templates as the project delivers them, and pictures of what they make.

`python -m deploy.documents` writes services/notify/documents/templates/: the same bytes on every machine.
`python -m deploy.documents.pictures` renders a specimen of each kind and takes docs/pictures/document-*.png.
"""
