"""The science: frames and arrays in, frames and arrays out; no file, network, clock or SQL."""
