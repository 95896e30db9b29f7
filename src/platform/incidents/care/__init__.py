"""The school nurse: asked by the team, sees the injury fields of Form D and nothing else of an incident."""
