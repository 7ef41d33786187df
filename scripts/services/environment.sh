# shellcheck shell=bash disable=SC2034,SC2154
# What start_services.sh and stop_services.sh agree on: the parts, where they are, and their settings.
# $root is the repository.

# Parts in the order in which they start: name, and the name of its log and PID file.
parts=(kafka hdfs yarn connect producer consumer)
declare -A files=(
  [kafka]=kafka [hdfs]=hdfs [yarn]=yarn [connect]=kafka_connect [producer]=kafka_producer
  [consumer]=structured_spark_consumer_v6
)
# How long a part may take to end by itself, in seconds.
declare -A graces=([kafka]=60 [hdfs]=30 [yarn]=30 [connect]=60 [producer]=40 [consumer]=90)

: "${LOG_DIR:=$root/log}" "${VAR_DIR:=$root/var}" "${DIST_DIR:=$root/dist}"
: "${BIND_ADDRESS:=127.0.0.1}"
: "${KAFKA_PORT:=9092}" "${HDFS_PORT:=9000}" "${CONNECT_PORT:=8083}"
: "${KAFKA_CONTROLLER_PORT:=$((KAFKA_PORT + 1))}" "${HDFS_WEB_PORT:=9870}" "${METRICS_PORT:=9464}"
: "${PRODUCER_METRICS_PORT:=9465}" "${YARN_PORT:=8032}" "${YARN_WEB_PORT:=8088}"
: "${KAFKA_TOPIC:=data_stock}" "${KAFKA_BOND_TOPIC:=data_bond}" "${KAFKA_PARTITIONS:=4}"
: "${KAFKA_BOOTSTRAP_SERVERS:=$BIND_ADDRESS:$KAFKA_PORT}"
: "${LAKE_PATH:=hdfs://$BIND_ADDRESS:$HDFS_PORT/financelake-data}"
: "${SPARK_MASTER:=local[*]}" "${SPARK_DRIVER_MEMORY:=2g}" "${LOG_MAX_MB:=50}"
: "${PRODUCER_ARGS:=replay --times now --rate 1000 --data $root/data/market}"
export KAFKA_BOOTSTRAP_SERVERS KAFKA_TOPIC KAFKA_BOND_TOPIC LAKE_PATH

me=$(basename "$0")
say() { printf '%s\n' "$*"; }
# fail CODE TEXT...: the reason in one line.
fail() {
  local code=$1
  shift
  echo "$me: $*" >&2
  exit "$code"
}

# The ports of a part, each with the variable that moves it.
ports_of() {
  case $1 in
    kafka) echo "KAFKA_PORT=$KAFKA_PORT KAFKA_CONTROLLER_PORT=$KAFKA_CONTROLLER_PORT" ;;
    hdfs) echo "HDFS_PORT=$HDFS_PORT HDFS_WEB_PORT=$HDFS_WEB_PORT" ;;
    yarn) echo "YARN_PORT=$YARN_PORT YARN_WEB_PORT=$YARN_WEB_PORT" ;;
    connect) echo "CONNECT_PORT=$CONNECT_PORT" ;;
    producer) echo "PRODUCER_METRICS_PORT=$PRODUCER_METRICS_PORT" ;;
    consumer) echo "METRICS_PORT=$METRICS_PORT" ;;
  esac
}

# listens PORT: whether somebody accepts connections there.
listens() { (exec 3<>"/dev/tcp/$BIND_ADDRESS/$1") 2>/dev/null; }

# answers PORT PATH: whether an HTTP server says 200.
answers() {
  (
    exec 3<>"/dev/tcp/$BIND_ADDRESS/$1" || exit 1
    printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
    read -r -t 5 line <&3 && [[ $line == *" 200 "* ]]
  ) 2>/dev/null
}
