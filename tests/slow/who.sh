#!/bin/bash
# who at servers of several sorts, with loss, and with somebody else who answers.
WHOLE=1 exec "$(dirname "$0")/../live/who.sh"
