"""Domain-free tools: ids, time, errors, cryptography, payloads, languages. Calls no other module."""
