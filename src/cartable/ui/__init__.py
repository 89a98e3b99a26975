"""How everything looks: tokens, components, charts, verdict screens."""
