#!/usr/bin/env bash
# Writes the generated pages: docs/functions.md and docs/functions/ from the native registry and, for the output of the
# examples, from a Spark session; docs/configuration.md from the settings in the jar;
# docs/kafka-connect-keys.md from the sink's keys; docs/table-features.md from the gate of table maintenance; and into their own places the C header and the README's tables of
# measurements.
#
#   scripts/generate-docs.sh [FOLDER]        default: docs
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=${1:-docs}
if [ ! -d "$folder" ]; then
  echo "generate-docs.sh: '$folder' is not a folder; the pages are written into one that is there" >&2
  exit 2
fi

scripts/dist.sh --if-stale >&2
scripts/fetch-tools.sh spark kafka
spark=$(echo .tools/spark/lib/python3*/site-packages/pyspark)

# A page is replaced when its generator has ended well.
write() {
  local page=$folder/$1
  shift
  "$@" >"$page.new"
  mv "$page.new" "$page"
}
.tools/spark/bin/python scripts/function_pages.py "$folder"
write configuration.md java -cp "dist/financelake-spark.jar:$spark/jars/*" io.financelake.sql.SettingsPage
write table-features.md dist/financelake table features
plugin=$(mktemp -d)
trap 'rm -rf "$plugin"' EXIT
python3 -m zipfile -e dist/financelake-kafka-connect.zip "$plugin"
write kafka-connect-keys.md java -cp "$(echo "$plugin"/*/*.jar):.tools/kafka/jars/*" io.financelake.connect.KeysPage
if [ "$folder" = docs ]; then
  FINANCELAKE_WRITE_HEADER=1 cargo test --quiet --locked -p financelake-capi header >&2
  scripts/bench_table.py
fi
