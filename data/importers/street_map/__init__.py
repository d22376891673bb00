"""OpenStreetMap extracts and places → plain frames of streets, points and areas."""
