#!/usr/bin/env bash
# Runs the benchmarks; each prints a table against named peers and writes JSON into tests/bench/results.
#
#   scripts/bench.sh [sql | storage] [options of the benchmark]
#
# Without a name all of them run. What a benchmark needs is built and fetched first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
known=(sql storage)

sql() {
  sbt/sbt --error sql-bench/package
  FINANCELAKE_BENCH_JAR=$(ls "$PWD"/tests/bench/sql/target/scala-2.13/sql-bench_*.jar)
  export FINANCELAKE_BENCH_JAR SPARK_LOCAL_IP=127.0.0.1
  PYSPARK_PYTHON=$PWD/.tools/bench/bin/python .tools/bench/bin/python tests/bench/sql/bench_sql.py "$@"
}

storage() {
  SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON=$PWD/.tools/bench/bin/python \
    .tools/bench/bin/python tests/bench/storage/bench_storage.py "$@"
}

names=("${known[@]}")
if [ $# -gt 0 ]; then
  case " ${known[*]} " in
    *" $1 "*) names=("$1"); shift ;;
    *)
      echo "bench.sh: there is no benchmark '$1'; write one of: ${known[*]}" >&2
      exit 2
      ;;
  esac
fi

scripts/fetch-tools.sh bench
scripts/dist.sh --if-stale
for name in "${names[@]}"; do
  echo "=== $name"
  "$name" "$@"
done
