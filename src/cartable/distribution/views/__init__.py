"""Pages of the day: days (planned, prepared), printing, stations, control room, closing."""
