#!/usr/bin/env bash
# Fills dist/ with what users install. With --if-stale it does nothing when the sources have not changed
# since the last time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(awk -F'"' '/^version = / {print $2; exit}' Cargo.toml)
jar=financelake-spark_2.13-$version.jar
plugin=financelake-kafka-connect-$version

# Everything that goes into the artefacts, and the scripts that build them.
digest=$(git ls-files -z --cached --others --exclude-standard -- Cargo.toml Cargo.lock native jvm-bindings \
  spark-udfs/src/main kafka-connect python sbt \
  scripts/{dist,build-native-release,check-native-library,pack-connect-plugin}.sh \
  scripts/requirements/release.txt |
  xargs -0 sha256sum 2>/dev/null | sha256sum | cut -d' ' -f1)
if [ "${1:-}" = "--if-stale" ] && [ "$(cat dist/.sources 2>/dev/null)" = "$digest" ]; then
  exit 0
fi

echo "building the release libraries"
library=$(scripts/build-native-release.sh)
release=$(dirname "$library")
c_library=$release/libfinancelake.${library##*.}
if [ "$(uname)" = Linux ]; then
  scripts/check-native-library.sh "$library"
  scripts/check-native-library.sh "$c_library"
fi

echo "building the jars"
FINANCELAKE_NATIVE=$library sbt/sbt --error spark-udfs/package kafka-connect/package

rm -rf dist
mkdir dist
cp "spark-udfs/target/scala-2.13/$jar" "dist/$jar"
cp "$release/financelake" "$c_library" native/capi/include/financelake.h dist
# Users link the archive; they do not debug it.
strip -S -o dist/libfinancelake.a "$release/libfinancelake.a"

echo "building the wheel"
scripts/fetch-tools.sh release
(cd python && FINANCELAKE_RELEASE=$release ../.tools/release/bin/python -m hatchling build -t wheel -d ../dist)

scripts/pack-connect-plugin.sh "kafka-connect/target/$plugin.jar" "dist/$plugin.zip"

(cd dist && sums=$(sha256sum -- *) && echo "$sums" >SHA256SUMS)
ln -s "$jar" dist/financelake-spark.jar
ln -s "$plugin.zip" dist/financelake-kafka-connect.zip
echo "$digest" >dist/.sources
ls -l dist
