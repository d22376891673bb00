"""Everything that moves rows: import, store, pipeline, snapshots."""
