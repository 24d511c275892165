"""A courier's desktop program, which takes interceptions and nothing else: sign-in, search, question and answer."""
