"""Expected harm with its uncertainty, its score, class and explanation."""
