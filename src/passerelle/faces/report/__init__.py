"""What `check` found, for people and for programs: text, JSON, a page that stands alone."""
