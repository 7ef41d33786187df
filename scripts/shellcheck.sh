#!/usr/bin/env bash
# Checks every shell script that git knows, found by its first line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git grep -lI -E '^#!.*\b(ba)?sh$' -- ':!*.py' | xargs .tools/lint/bin/shellcheck
