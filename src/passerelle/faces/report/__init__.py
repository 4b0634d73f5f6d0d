"""Reports that people read: text, JSON, HTML."""
