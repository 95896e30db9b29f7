"""The broker and the entry points of worker and relay. Calls outbox and every module's actors."""
