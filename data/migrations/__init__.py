"""Alembic migrations for SQLite and PostGIS."""
