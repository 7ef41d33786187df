#!/usr/bin/env bash
# Measures against named peers, prints the ratios and writes tests/bench/results/<name>.json.
#
#   scripts/bench.sh [NAME...] [-- OPTION...]     without a name: all of them; options go to the benchmark
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

results=tests/bench/results
mkdir -p "$results"

# Indicators against TA-Lib's C library (inside its Python wheel), the ta-lib crate and kand: the best-known ones in the
# cache, every function that a peer has, and the best-known ones from memory.
bench_kernels() { indicators kernels; }
bench_catalogue() { indicators catalogue; }
bench_memory() { indicators memory; }

# A package of its own, outside the workspace, so that nothing else builds the peers.
indicators() {
  scripts/fetch-tools.sh bench
  local library target=${CARGO_TARGET_DIR:-$PWD/target}/bench-kernels
  library=$(find -L .tools/bench/lib -path '*/ta_lib.libs/libta-lib-*' | head -n 1)
  # All are built for any x86-64 and choose instructions at run time, as they are when released.
  cargo build --quiet --release --target-dir "$target" \
    --manifest-path tests/bench/kernels/Cargo.toml
  "$target/release/financelake-bench-kernels" "$library" "$(scripts/machine.sh)" "$1" "$results/$1.json"
}

# Six indicators in one Spark query: TA-Lib inside Python functions, Scala, and Spark's own window.
bench_sql() {
  scripts/fetch-tools.sh bench
  scripts/dist.sh --if-stale
  sbt/sbt --error sql-bench/package
  FINANCELAKE_BENCH_JAR=$(find "$PWD/tests/bench/sql/target" -name 'sql-bench_*.jar' | head -n 1) \
    on_spark tests/bench/sql/bench_sql.py
}

# Python, numpy in and out: TA-Lib's wheel.
bench_python() {
  scripts/fetch-tools.sh bench
  scripts/dist.sh --if-stale
  local package=target/bench-python
  rm -rf "$package"
  .tools/bench/bin/python -m zipfile -e dist/financelake-*.whl "$package"
  PYTHONPATH=$package .tools/bench/bin/python tests/bench/python/bench_python.py \
    "$(scripts/machine.sh)" "$results/python.json"
}

# Five indicators on a stream of 10,000 series: Spark's own totals, and TA-Lib inside Python functions.
bench_stream() {
  scripts/fetch-tools.sh bench
  scripts/dist.sh --if-stale
  on_spark tests/bench/stream/bench_stream.py "$@"
}

# Records from a topic to Gold on real servers: untouched rows, built-ins only, and the usual job in Python.
bench_pipeline() {
  scripts/fetch-tools.sh bench kafka hadoop
  scripts/dist.sh --if-stale
  on_spark tests/bench/pipeline/bench_pipeline.py "$@"
}

# Bytes of Silver against the same rows as CSV and JSON.
bench_storage() {
  scripts/fetch-tools.sh bench
  scripts/dist.sh --if-stale
  on_spark tests/bench/storage/bench_storage.py
}

# Trend models on one core: scoring and training against PyTorch and ONNX Runtime, and rows in Spark. Their wheels are a few
# gigabytes, so they are tools of their own.
bench_trend() {
  scripts/fetch-tools.sh trend
  scripts/dist.sh --if-stale
  local target=${CARGO_TARGET_DIR:-$PWD/target}/bench-trend python=$PWD/.tools/trend/bin/python
  cargo build --quiet --release --target-dir "$target" --manifest-path tests/bench/trend/Cargo.toml
  SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$python PYTHONPATH=tests/bench/trend \
    "$python" tests/bench/trend/bench_trend.py "$target/release/financelake-bench-trend"
}

# Compaction, order, vacuum, checkpoints: delta-spark and the deltalake wheel. `-- --rows 2000000 --adds 100000` is a small
# run.
bench_table() {
  scripts/fetch-tools.sh bench delta
  scripts/dist.sh --if-stale
  on_spark tests/bench/table/bench_maintenance.py "$@"
}

# The Kafka Connect sink against the Iceberg sink, a plain sink of the JVM and one that drops everything;
# `-- --records 5000000 --warmup 1000000` for a long run.
bench_connect() {
  scripts/fetch-tools.sh spark kafka hadoop iceberg
  scripts/dist.sh --if-stale
  local made=target/bench-connect
  rm -rf "$made"
  mkdir -p "$made/classes/META-INF/services"
  printf 'io.financelake.bench.%s\n' NoopSink JvmSink \
    >"$made/classes/META-INF/services/org.apache.kafka.connect.sink.SinkConnector"
  javac -proc:none -d "$made/classes" -cp '.tools/kafka/jars/*:.tools/iceberg/jars/*' \
    tests/bench/connect/java/io/financelake/bench/*.java
  jar --create --file "$made/bench-connect.jar" -C "$made/classes" .
  .tools/spark/bin/python tests/bench/connect/bench_connect.py "$@"
}

# Spark listens on the loopback address only, and its Python workers are those of the tools.
on_spark() {
  SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$PWD/.tools/bench/bin/python .tools/bench/bin/python "$@"
}

mapfile -t all < <(declare -F | sed -n 's/^declare -f bench_//p')
chosen=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  chosen+=("$1")
  shift
done
[ $# -eq 0 ] || shift
[ ${#chosen[@]} -gt 0 ] || chosen=("${all[@]}")
for name in "${chosen[@]}"; do
  if ! declare -F "bench_$name" >/dev/null; then
    echo "bench.sh: there is no benchmark '$name'; write some of: ${all[*]}" >&2
    exit 2
  fi
done
for name in "${chosen[@]}"; do
  echo "=== $name"
  "bench_$name" "$@"
done
