#!/usr/bin/env bash
# Feeds the indicators rows, parameters and states that nobody would write.
#
#   scripts/fuzz.sh [SECONDS]      for each target; 60 without it
#
# Needs a nightly compiler (rustup toolchain install nightly).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! cargo +nightly --version >/dev/null 2>&1; then
  echo "fuzz.sh: there is no nightly compiler; get one with: rustup toolchain install nightly" >&2
  exit 2
fi
scripts/fetch-tools.sh fuzz
for target in state rows; do
  echo "=== $target"
  CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/fuzz PATH="$PWD/.tools/fuzz/bin:$PATH" \
    cargo +nightly fuzz run --fuzz-dir native/indicators/fuzz "$target" -- \
    -max_total_time="${1:-60}" -max_len=8192 -timeout=20 -rss_limit_mb=4096
done
