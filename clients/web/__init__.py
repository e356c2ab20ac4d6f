"""What every Flask app of ours shares besides its look: visits, signing in and out, errors, headers, serving."""
