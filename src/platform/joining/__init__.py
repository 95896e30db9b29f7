"""How people get in and go: invitations, members, a lost second factor, the last day. Calls deadlines and below."""
