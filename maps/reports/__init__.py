"""Sheets and pages that people take away: frames and reports in, bytes out."""
