"""Cities side by side: which published figures may stand next to each other."""
