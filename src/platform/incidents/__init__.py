"""Report, screening, investigation, classification (Form D, process (a)). Calls deadlines, vault, tenants and below."""
