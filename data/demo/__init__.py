"""The synthetic town: generated from a seed, with planted truth kept aside."""
