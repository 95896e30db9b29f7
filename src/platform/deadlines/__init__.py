"""Clocks of the law: computed terms, obligations, reminders, escalation. Calls workdays, tenants, outbox and below."""
