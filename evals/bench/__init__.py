"""What it costs, each figure beside something timed in turn with it: `make bench`. Ratios stand on a busy machine where seconds do not."""
