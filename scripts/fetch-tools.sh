#!/usr/bin/env bash
# Fetches tools from the package registries and links them into .tools/.
#
#   scripts/fetch-tools.sh spark lint hadoop
#
# A group is described by files under scripts/requirements: <group>.txt is a Python environment, <group>.cargo
# beside it the Rust crates whose commands join it, <group>.maven a folder `jars` with artifacts and all that
# they need. Groups live in the user's cache folder under a name that holds the digest of those files, so
# clones share them and a changed file makes a new one.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/financelake/tools

if [ $# -eq 0 ] || [ "$1" = "--help" ]; then
  echo "usage: scripts/fetch-tools.sh GROUP..., where GROUP is one of:" \
    "$(cd "$root/scripts/requirements" && printf '%s\n' * | cut -d. -f1 | sort -u | paste -sd' ')"
  [ $# -gt 0 ] && exit 0
  exit 2
fi

# Artifacts, one "group:artifact:version" a line, with their dependencies.
fetch_jars() {
  local list=$1 folder=$2
  mkdir -p "$folder"
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>io.financelake</groupId>'
    echo '<artifactId>tools</artifactId><version>1</version><dependencies>'
    grep -v '^#' "$list" | awk -F: 'NF == 3 {
      print "<dependency><groupId>" $1 "</groupId><artifactId>" $2 "</artifactId><version>" $3 "</version></dependency>"
    }'
    echo '</dependencies></project>'
  } >"$folder/pom.xml"
  mvn --quiet --batch-mode -Dstyle.color=never -f "$folder/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
    -DoutputDirectory="$folder/jars"
}

# A Python environment, with the commands of Rust crates in it.
fetch_environment() {
  local requirements=$1 crates=$2 environment=$3
  python3 -m venv "$environment"
  # setuptools and wheel first: packages that come as source need them.
  "$environment/bin/pip" --quiet install setuptools wheel
  "$environment/bin/pip" --quiet install --requirement "$requirements"
  [ -f "$crates" ] || return 0
  # Debug builds: these commands run for a second, but take minutes to optimise.
  while read -r crate; do
    cargo install --quiet --locked --debug --root "$environment" \
      --target-dir "$environment/build" "$crate"
  done <"$crates"
  rm -rf "$environment/build"
}

fetch() {
  local group=$1 base=$root/scripts/requirements/$1
  if [ ! -f "$base.txt" ] && [ ! -f "$base.maven" ]; then
    echo "fetch-tools.sh: there is no group '$group'; see scripts/requirements/" >&2
    exit 2
  fi
  local digest environment
  digest=$({ cat "$base".{txt,cargo,maven} 2>/dev/null || true; } | sha256sum | cut -c1-12)
  environment=$cache/$group-$digest
  mkdir -p "$cache" "$root/.tools"
  (
    flock 9
    if [ ! -e "$environment/complete" ]; then
      echo "fetching the '$group' tools"
      rm -rf "$environment"
      [ ! -f "$base.txt" ] || fetch_environment "$base.txt" "$base.cargo" "$environment"
      [ ! -f "$base.maven" ] || fetch_jars "$base.maven" "$environment"
      touch "$environment/complete"
    fi
  ) 9>"$environment.lock"
  ln -sfn "$environment" "$root/.tools/$group"
}

for group in "$@"; do
  fetch "$group"
done
