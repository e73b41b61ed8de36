"""Who, where and with what: the people, countries and weapons that a text names."""
