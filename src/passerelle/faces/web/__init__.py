"""What listens: the letter box of suppliers that push."""
