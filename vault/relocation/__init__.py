"""Moving house: a suggestion for each grant, her choices, and one transaction that carries them out."""
