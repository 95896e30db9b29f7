"""Messages in the application and by e-mail: id, kind and link, never a name (R-059). Calls deadlines and below."""
