"""The pages: a module each, whose functions take a visit and give the answer."""
