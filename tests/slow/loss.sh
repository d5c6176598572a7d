#!/bin/bash
# Loss, and one probe at a time against many at once, for the whole matrices.
WHOLE=1 exec "$(dirname "$0")/../live/loss.sh"
