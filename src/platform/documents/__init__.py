"""Papers as PDF: what a module says about a record, set for print. Calls kit only; knows no record and no policy."""
