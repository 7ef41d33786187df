# shellcheck shell=bash disable=SC2154
# What belongs to the lake itself: the producer, and the Spark job that brings records through the layers.

producer_start() {
  local log before
  log=$(log_file producer)
  touch "$log"
  before=$(wc -c <"$log")
  # The arguments are split into words on purpose.
  # shellcheck disable=SC2086
  launch producer producer "$DIST_DIR/financelake" produce $PRODUCER_ARGS --position "$VAR_DIR/producer.json" \
    --metrics "$BIND_ADDRESS:$PRODUCER_METRICS_PORT"
  wait_until_printed producer 60 "$before" " at $KAFKA_BOOTSTRAP_SERVERS"
}

consumer_start() {
  local log before release minor delta submit=$SPARK_HOME/bin/spark-submit cores
  log=$(log_file consumer)
  touch "$log"
  before=$(wc -c <"$log")
  cores=("$SPARK_HOME"/jars/spark-core_2.13-*.jar)
  release=$(basename "${cores[0]}" .jar)
  release=${release##*-}
  minor=$(cut -d. -f1,2 <<<"$release")
  delta=$(awk -F'"' '/val delta = / {print $2}' "$root/sbt/project/Versions.scala")
  local packages=io.delta:delta-spark_${minor}_2.13:$delta,org.apache.spark:spark-sql-kafka-0-10_2.13:$release
  # Spark has slf4j itself. Ivy refuses to go on when Maven's cache has its description without its jar.
  export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-$BIND_ADDRESS}
  launch consumer medallion "$submit" --master "$SPARK_MASTER" --driver-memory "$SPARK_DRIVER_MEMORY" \
    --packages "$packages" --exclude-packages org.slf4j:slf4j-api --conf spark.hadoop.dfs.replication=1 --class io.financelake.jobs.MedallionStream \
    "$DIST_DIR/financelake-spark.jar" --lake "$LAKE_PATH" --ingest "$ingest" \
    --bootstrap-servers "$KAFKA_BOOTSTRAP_SERVERS" --topic "$KAFKA_TOPIC" --bond-topic "$KAFKA_BOND_TOPIC" \
    --reference "file://$root/data/reference/instruments.csv" --manifest "file://$root/data/market/MANIFEST.json" \
    --metrics "$BIND_ADDRESS:$METRICS_PORT"
  wait_until_printed consumer 180 "$before" '^ready$'
}

# wait_until_printed PART SECONDS BYTES PATTERN: waits for a line after so many bytes of the log.
wait_until_printed() { wait_until "$1" "$2" printed "$(log_file "$1")" "$3" "$4"; }
printed() { tail -c "+$(($2 + 1))" "$1" | grep -q -- "$3"; }
