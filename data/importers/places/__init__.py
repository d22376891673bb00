"""Where a row lies: its coordinates, its address in the town's map, whether they can be true."""
