"""One outside format each: file in, one checked frame, refused rows and an import report out."""
