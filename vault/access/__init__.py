"""Who may what: one pure decision over rules that were compiled when they were written."""
