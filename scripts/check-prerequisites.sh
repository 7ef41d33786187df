#!/usr/bin/env bash
# Names every tool that is missing or too old, all at once, before anything is built.
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$1: $2"); }

# newer NAME WANT HAVE: compares dotted versions; none means that the tool does not even say which it is.
newer() {
  if [ -z "$3" ]; then
    missing+=("$1: is there but does not run; '$1 --version' shows why")
  elif [ "$(printf '%s\n%s\n' "$2" "$3" | sort -V | head -n 1)" != "$2" ]; then
    missing+=("$1: found $3, need $2 or newer")
  fi
}

need git "install Git (Debian: git)"
need cargo "install Rust 1.95 or newer (Debian: rustup)"
need rustfmt "install the rustfmt component of Rust"
need cc "install a C compiler, which Rust links with (Debian: build-essential)"
need c++ "install a C++ compiler, which builds Kafka's client (Debian: build-essential)"
need make "install make, which builds Kafka's client (Debian: build-essential)"
need java "install a JDK 17 (Debian: openjdk-17-jdk-headless)"
need javac "install a JDK, not only a JRE (Debian: openjdk-17-jdk-headless)"
need mvn "install Maven 3.6 or newer (Debian: maven)"
need python3 "install Python 3.10 or newer (Debian: python3 python3-venv)"
need flock "install util-linux"

if command -v cargo >/dev/null 2>&1; then
  newer cargo 1.95 "$(cargo --version 2>/dev/null | awk '{print $2}')"
fi
if command -v java >/dev/null 2>&1; then
  newer java 17 "$(java -version 2>&1 | awk -F'"' '/version/ {print $2; exit}')"
fi
if command -v python3 >/dev/null 2>&1; then
  have=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || true)
  newer python3 3.10 "$have"
  [ -z "$have" ] || python3 -c 'import venv, ensurepip' 2>/dev/null ||
    missing+=("python3: its venv module is missing (Debian: python3-venv)")
fi

if [ ${#missing[@]} -gt 0 ]; then
  printf 'Missing: %s\n' "${missing[@]}" >&2
  exit 2
fi
