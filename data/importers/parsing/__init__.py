"""The bytes of files from outside: read in a confined child, handed back as tables of text."""
