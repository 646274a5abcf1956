"""From what was typed to an entry: every field is read, checked and kept word for word, or refused with a sentence."""
