#!/bin/bash
# --rate holds within 2 %, on a machine that does nothing else.
PACE_PERCENT=2 exec "$(dirname "$0")/../live/remote_matrix.sh"
