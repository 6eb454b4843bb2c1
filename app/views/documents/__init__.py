"""What a run becomes outside the page: JSON, tables, pictures, one offline page."""
