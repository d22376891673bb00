"""Rendering only: frames in; maps, tiles and pages out."""
