#!/usr/bin/env bash
# Fetches tools from the package registries and links them into .tools/.
#
#   scripts/fetch-tools.sh spark lint bench
#
# Each group is a Python environment described by scripts/requirements/<group>.txt, with the commands of the
# Rust crates in <group>.cargo beside it. Environments live in the user's cache folder under a name that holds
# the digest of those files, so clones share them and a changed file makes a new one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/financelake/tools

if [ $# -eq 0 ] || [ "$1" = "--help" ]; then
  echo "usage: scripts/fetch-tools.sh GROUP..., where GROUP is one of:" \
    "$(cd "$root/scripts/requirements" && basename -s .txt -- *.txt | paste -sd' ')"
  [ $# -gt 0 ] && exit 0
  exit 2
fi

fetch() {
  local group=$1 requirements=$root/scripts/requirements/$1.txt
  if [ ! -f "$requirements" ]; then
    echo "fetch-tools.sh: there is no group '$group'; see scripts/requirements/" >&2
    exit 2
  fi
  local digest environment
  local crates=${requirements%.txt}.cargo
  [ -f "$crates" ] || crates=/dev/null
  digest=$(cat "$requirements" "$crates" | sha256sum | cut -c1-12)
  environment=$cache/$group-$digest
  mkdir -p "$cache" "$root/.tools"
  (
    flock 9
    if [ ! -e "$environment/complete" ]; then
      echo "fetching the '$group' tools"
      rm -rf "$environment"
      python3 -m venv "$environment"
      # setuptools and wheel first: packages that come as source need them.
      "$environment/bin/pip" --quiet install setuptools wheel
      "$environment/bin/pip" --quiet install --requirement "$requirements"
      # Debug builds: these commands run for a second, but take minutes to optimise.
      while read -r crate; do
        cargo install --quiet --locked --debug --root "$environment" \
          --target-dir "$environment/build" "$crate"
      done <"$crates"
      rm -rf "$environment/build"
      touch "$environment/complete"
    fi
  ) 9>"$environment.lock"
  ln -sfn "$environment" "$root/.tools/$group"
}

for group in "$@"; do
  fetch "$group"
done
