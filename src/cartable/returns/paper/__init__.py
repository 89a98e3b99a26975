"""What returns print: the quitus of a family, the certificate of a wipe, the slip of what leaves. Plain values in, bytes out."""
