"""HTTP in and out: requests to operations, outcomes and errors to answers; no rule of access lives here."""
