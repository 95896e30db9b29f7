"""What shows what happened: files, injuries, and names that stand in the texts."""
