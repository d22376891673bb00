"""What the browser loads: our scripts and styles, and the built copies of a few libraries."""
