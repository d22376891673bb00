"""Walking network, street sections, school routes and who walks where."""
