"""Where bytes and memories live: plain files are the truth, everything else is an index over them."""
