"""The look of all apps: tokens, components, font, icons, base templates, dates and texts in plain Dutch."""
