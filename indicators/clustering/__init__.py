"""Where enterprises gather: specialisation of districts, hexagon counts and the clusters they form."""
