"""An incident for its reader: lists and filters, chronology, change history, Form D on paper."""
