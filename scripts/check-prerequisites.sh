#!/usr/bin/env bash
# Names every tool that is missing or too old, all at once, before anything is built.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$1: $2"); }

# at_least HAVE WANT: compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

need cargo "install Rust 1.95 or newer (Debian: rustup)"
need rustfmt "install the rustfmt component of Rust"
need cc "install a C compiler, which Rust links with (Debian: build-essential)"
need java "install a JDK 17 (Debian: openjdk-17-jdk-headless)"
need javac "install a JDK, not only a JRE (Debian: openjdk-17-jdk-headless)"
need mvn "install Maven 3.6 or newer (Debian: maven)"
need python3 "install Python 3.10 or newer (Debian: python3 python3-venv)"
need flock "install util-linux"

if command -v cargo >/dev/null 2>&1; then
  have=$(cargo --version | awk '{print $2}')
  at_least "$have" 1.95 || missing+=("cargo: found $have, need 1.95 or newer")
fi
if command -v java >/dev/null 2>&1; then
  have=$(java -version 2>&1 | awk -F'"' '/version/ {print $2; exit}')
  at_least "$have" 17 || missing+=("java: found $have, need 17 or newer")
fi
if command -v python3 >/dev/null 2>&1; then
  have=$(python3 -c 'import platform; print(platform.python_version())')
  at_least "$have" 3.10 || missing+=("python3: found $have, need 3.10 or newer")
  python3 -c 'import venv, ensurepip' 2>/dev/null ||
    missing+=("python3: its venv module is missing (Debian: python3-venv)")
fi

if [ ${#missing[@]} -gt 0 ]; then
  printf 'Missing: %s\n' "${missing[@]}" >&2
  exit 2
fi
