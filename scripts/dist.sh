#!/usr/bin/env bash
# Fills dist/ with what users install. With --if-stale it does nothing when the sources have not changed
# since the last time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(awk -F'"' '/^version = / {print $2; exit}' Cargo.toml)
jar=financelake-spark_2.13-$version.jar

# Everything that goes into the artefacts, and the scripts that build them.
digest=$(git ls-files -z --cached --others --exclude-standard -- Cargo.toml Cargo.lock native jvm-bindings \
  spark-udfs/src/main sbt scripts/{dist,build-native-release,check-native-library}.sh scripts/requirements/release.txt |
  xargs -0 sha256sum 2>/dev/null | sha256sum | cut -d' ' -f1)
if [ "${1:-}" = "--if-stale" ] && [ "$(cat dist/.sources 2>/dev/null)" = "$digest" ]; then
  exit 0
fi

echo "building the release library"
library=$(scripts/build-native-release.sh)
scripts/check-native-library.sh "$library"

echo "building the jar"
FINANCELAKE_NATIVE=$library sbt/sbt --error spark-udfs/package

rm -rf dist
mkdir dist
cp "spark-udfs/target/scala-2.13/$jar" "dist/$jar"
cp "$(dirname "$library")/financelake" dist/financelake
ln -s "$jar" dist/financelake-spark.jar
(cd dist && sha256sum "$jar" financelake >SHA256SUMS)
echo "$digest" >dist/.sources
ls -l dist
