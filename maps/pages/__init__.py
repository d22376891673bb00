"""Pages built around a Folium map without data in it."""
