"""Case work: what is found out, agreed and done with a person."""
