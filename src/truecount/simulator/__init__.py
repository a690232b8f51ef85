"""Both remote systems, ConnectWise PSA and Sophos Central, as one local program; nothing of the product itself."""
