#!/usr/bin/env bash
# Imports the market data of this repository into a lake with spark-submit, then asks it questions with spark-sql.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
  cat <<'END'
Imports data/market into Delta tables under demo/lake and prints tables from them.

usage: scripts/demo.sh        (or `make demo`, which builds first)

A second run imports nothing twice. `rm -r demo/lake` starts anew. Spark is taken from SPARK_HOME when that is
set, otherwise from the Python package registry. What Spark logs goes to log/demo.log.

exit codes: 0 done, 2 wrong arguments or something is missing, 1 any later failure
END
}

fail() {
  echo "demo.sh: $2" >&2
  exit "$1"
}

case ${1:-} in
  "") ;;
  --help | -h)
    usage
    exit
    ;;
  *) fail 2 "unknown argument '$1'; --help says what there is" ;;
esac

shopt -s nullglob
jars=(dist/financelake-spark_2.13-*.jar)
[ ${#jars[@]} -eq 1 ] || fail 2 "dist/ has ${#jars[@]} jars instead of one; run 'make dist'"
wheels=(dist/financelake-*.whl)
[ ${#wheels[@]} -eq 1 ] || fail 2 "dist/ has ${#wheels[@]} wheels instead of one; run 'make dist'"

if [ -z "${SPARK_HOME:-}" ]; then
  scripts/fetch-tools.sh spark || fail 1 "Spark could not be fetched; is the Python package registry reachable?"
  homes=("$PWD"/.tools/spark/lib/python3*/site-packages/pyspark)
  export SPARK_HOME=${homes[0]}
fi
cores=("$SPARK_HOME"/jars/spark-core_2.13-*.jar)
[ ${#cores[@]} -eq 1 ] ||
  fail 2 "SPARK_HOME=$SPARK_HOME holds no Spark for Scala 2.13; unset it, and the demo fetches one"
release=${cores[0]##*-}
minor=$(cut -d. -f1,2 <<<"$release")
delta=io.delta:delta-spark_${minor}_2.13:$(awk -F'"' '/val delta = / {print $2}' sbt/project/Versions.scala)

# Spark listens on the loopback address only, whatever the host's name resolves to.
export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1} PATH=$SPARK_HOME/bin:$PATH
# In short runs the compiler of the JVM takes longer than what its best code saves; without it the code cache would be small.
export SPARK_SUBMIT_OPTS=${SPARK_SUBMIT_OPTS:--XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC}
mkdir -p log
: >log/demo.log

# Says in a line why a command failed, and ends with its exit code.
explain() {
  local code=$1 reason
  if [ "$code" -gt 128 ]; then
    echo "demo.sh: stopped by signal $((code - 128)); run it again, it goes on where it was" >&2
  elif grep -q 'unresolved dependency\|UNRESOLVED DEPENDENCIES' log/demo.log; then
    echo "demo.sh: $delta could not be fetched; is the Maven registry reachable? log/demo.log has more" >&2
  else
    # The job's own line, or Spark's first error.
    reason=$(grep -m1 -E '^ImportBars: ' log/demo.log || grep -m1 -E '^[A-Za-z.]*(Error|Exception)|^\[[A-Z_.]+\]' \
      log/demo.log || true)
    echo "${reason:-demo.sh: exit code $code}; log/demo.log has more" >&2
  fi
  exit "$code"
}

# Shows a command, with the project's folder as $PWD.
show() {
  printf '\n$'
  printf ' %s' "${@//"$PWD"/\$PWD}"
  printf '\n\n'
}

import=(spark-submit --packages "$delta" --class io.financelake.jobs.ImportBars "${jars[0]}"
  --source data/market --lake demo/lake)
show "${import[@]}"
# In a group, so that bash's own word on a killed command goes into the log, too.
{ "${import[@]}" </dev/null; } 2>>log/demo.log || explain $?

queries=(spark-sql --properties-file demo/spark-sql.properties --packages "$delta" --jars "${jars[0]}"
  --define "lake=$PWD/demo/lake" -f demo/queries.sql)
show "${queries[@]}"
{ "${queries[@]}" </dev/null; } 2>>log/demo.log | python3 scripts/align_tables.py || explain "${PIPESTATUS[0]}"

# The intraday bars once more, as a stream.
stream=(spark-submit --properties-file demo/spark-sql.properties --packages "$delta" --jars "${jars[0]}"
  --py-files "${wheels[0]}" demo/stream.py demo/lake)
show "${stream[@]}"
{ "${stream[@]}" </dev/null; } 2>>log/demo.log || explain $?
