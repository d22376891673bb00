"""Code tables as dated CSV files: articles and place types."""
