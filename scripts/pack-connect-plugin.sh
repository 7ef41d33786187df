#!/usr/bin/env bash
# Packs the jar of the sink into the folder that goes onto a Connect worker's plugin.path.
#
#   scripts/pack-connect-plugin.sh JAR ZIP
set -euo pipefail

jar=${1:-} zip=${2:-}
if [ ! -f "$jar" ] || [ -z "$zip" ]; then
  echo "usage: scripts/pack-connect-plugin.sh JAR ZIP; '$jar' is not a file" >&2
  exit 2
fi
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/$(basename "$zip" .zip)
mkdir "$folder"
cp "$jar" "$root/LICENSE" "$root"/kafka-connect/hdfs-sink*.json "$folder"
rm -f "$zip"
python3 -m zipfile -c "$zip" "$folder"
