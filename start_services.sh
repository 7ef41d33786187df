#!/usr/bin/env bash
# Starts a complete lake on this machine, part after part, each when the one before it is ready.
# The names that the sourced files set are unknown to it.
# shellcheck disable=SC2154
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for file in environment processes kafka hdfs yarn lake; do
  # shellcheck source=/dev/null
  source "$root/scripts/services/$file.sh"
done

usage() {
  cat <<END
Starts Kafka, HDFS, the producer and the Spark consumer on this machine. What runs already stays as it is.

usage: ./start_services.sh [options]

  --only PART,...   only these of: ${parts[*]}
  --ingest WAY      spark: the consumer brings records into Bronze (default); connect: Kafka Connect does
  --with-yarn       also a YARN, for jobs of your own
  --fresh           delete all records, files and positions first, after asking; --yes answers
  --status          say what runs, and do nothing
  --watch           stay, and start again what ends
  --help            print this

Settings come from the environment: BIND_ADDRESS, KAFKA_PORT, HDFS_PORT, YARN_PORT, CONNECT_PORT, KAFKA_TOPIC, LAKE_PATH,
PRODUCER_ARGS, SPARK_MASTER, KAFKA_HOME, HADOOP_HOME, SPARK_HOME, JAVA_HOME; docs/operations.md has them all.

exit codes: 0 done, 2 wrong arguments or something is missing, 1 any later failure
END
}

# One function: bash reads a script while it runs it, and this one may be replaced meanwhile.
main() {
  ingest=spark only=() with_yarn=false fresh=false yes=false status=false watch=false
  while [ $# -gt 0 ]; do
    case $1 in
      --only | --ingest)
        [ $# -ge 2 ] || fail 2 "$1 needs a value; --help says which"
        if [ "$1" = --ingest ]; then ingest=$2; else IFS=, read -ra only <<<"$2"; fi
        shift
        ;;
      --with-yarn) with_yarn=true ;;
      --fresh) fresh=true ;;
      --yes) yes=true ;;
      --status) status=true ;;
      --watch) watch=true ;;
      --help | -h) usage && exit ;;
      *) fail 2 "unknown argument '$1'; --help says what there is" ;;
    esac
    shift
  done
  [ "$ingest" = spark ] || [ "$ingest" = connect ] || fail 2 "--ingest $ingest: write spark or connect"
  for part in "${only[@]}"; do
    [ -n "${files[$part]:-}" ] || fail 2 "--only $part: there are ${parts[*]}"
  done

  # wanted PART: whether it is to run.
  wanted() {
    if [ ${#only[@]} -gt 0 ]; then
      [[ " ${only[*]} " == *" $1 "* ]]
    else
      case $1 in
        connect) [ "$ingest" = connect ] ;;
        yarn) $with_yarn ;;
      esac
    fi
  }

  show_status() {
    local part pid start name
    printf '%-9s %-8s %-10s %8s  %s\n' part state process pid ports
    for part in "${parts[@]}"; do
      if [ -s "$(pid_file "$part")" ]; then
        while read -r pid start name; do
          if is_ours "$pid" "$start"; then state=running; else state=ended; fi
          printf '%-9s %-8s %-10s %8s  %s\n' "$part" "$state" "$name" "$pid" "$(ports_of "$part")"
        done <"$(pid_file "$part")"
      else
        printf '%-9s %-8s\n' "$part" stopped
      fi
    done
  }

  if $status; then
    show_status
    exit
  fi

  mkdir -p "$LOG_DIR" "$VAR_DIR" 2>/dev/null || fail 2 "the folders $LOG_DIR and $VAR_DIR cannot be made"
  probe=$LOG_DIR/.probe
  (head -c 65536 /dev/zero >"$probe") 2>/dev/null || { rm -f "$probe"; fail 2 "the disk of $LOG_DIR is full, or it cannot be written"; }
  rm -f "$probe"
  exec 9>"$LOG_DIR/.lock"
  flock -n 9 || fail 1 "another start or stop is at work"

  # What will be started, and what it needs.
  starting=()
  for part in "${parts[@]}"; do
    if wanted "$part" && ! alive "$part"; then starting+=("$part"); fi
  done
  needs() { [[ " ${starting[*]:-} " == *" $1 "* ]]; }

  if [ -n "${JAVA_HOME:-}" ]; then
    java=$JAVA_HOME/bin/java
    [ -x "$java" ] || fail 2 "JAVA_HOME is $JAVA_HOME, which has no bin/java: set it to the folder of a JDK 17"
  else
    java=$(command -v java) || fail 2 "there is no java: install a JDK 17, or set JAVA_HOME to its folder"
  fi
  # has HOME PATTERN WHAT: whether an installation that the user names is one.
  has() {
    local home=${!1:-}
    [ -z "$home" ] || compgen -G "$home/$2" >/dev/null ||
      fail 2 "$1 is $home, which holds no $3: correct it, or unset it to have one fetched"
  }
  has KAFKA_HOME 'libs/kafka_2.13-*.jar' Kafka
  has HADOOP_HOME 'share/hadoop/hdfs/hadoop-hdfs-*.jar' Hadoop
  has SPARK_HOME 'jars/spark-core_2.13-*.jar' "Spark for Scala 2.13"

  if $fresh; then
    for part in "${parts[@]}"; do
      ! alive "$part" || fail 2 "--fresh: $part runs; run ./stop_services.sh first"
    done
    if ! $yes; then
      read -r -p "Delete all of $VAR_DIR: topics, the files of HDFS, positions? Write yes: " answer || answer=
      [ "$answer" = yes ] || fail 2 "--fresh: nothing was deleted"
    fi
    rm -rf "$VAR_DIR"
    mkdir -p "$VAR_DIR"
  fi

  for part in "${starting[@]:-}"; do
    for entry in $(ports_of "$part"); do
      # A part that was killed may hold its port for a moment longer than its process id.
      for _ in {1..50}; do
        if ! [ -e "$(pid_file "$part")" ] || ! listens "${entry#*=}"; then break; fi
        sleep 0.1
      done
      ! listens "${entry#*=}" ||
        fail 2 "port ${entry#*=} is taken by a process that is not ours: end it, or set ${entry%=*} to another one"
    done
  done

  groups=()
  if { needs kafka || needs connect; } && [ -z "${KAFKA_HOME:-}" ]; then groups+=(kafka); fi
  if needs hdfs && [ -z "${HADOOP_HOME:-}" ]; then groups+=(hadoop); fi
  if needs yarn && [ -z "${HADOOP_HOME:-}" ]; then groups+=(yarn); fi
  if needs consumer && [ -z "${SPARK_HOME:-}" ]; then groups+=(spark); fi
  if [ ${#groups[@]} -gt 0 ]; then
    "$root/scripts/fetch-tools.sh" "${groups[@]}" 9>&- ||
      fail 1 "the servers could not be fetched; are the package registries reachable?"
  fi
  if needs consumer && [ -z "${SPARK_HOME:-}" ]; then
    homes=("$root"/.tools/spark/lib/python3*/site-packages/pyspark)
    export SPARK_HOME=${homes[0]}
  fi
  if { needs producer && [ ! -x "$DIST_DIR/financelake" ]; } ||
    { needs consumer && [ ! -e "$DIST_DIR/financelake-spark.jar" ]; } ||
    { needs connect && [ ! -e "$DIST_DIR/financelake-kafka-connect.zip" ]; }; then
    [ "$DIST_DIR" = "$root/dist" ] || fail 2 "DIST_DIR is $DIST_DIR, which lacks what 'make dist' makes"
    { "$root/scripts/check-prerequisites.sh" && "$root/scripts/dist.sh" 9>&-; } ||
      fail 1 "'make dist' failed; see above"
  fi

  # What this call has started ends with it when it fails.
  begun=()
  # shellcheck disable=SC2329
  cleanup() {
    local code=$? place
    trap - EXIT
    if [ "$code" -ne 0 ] && [ ${#begun[@]} -gt 0 ]; then
      say "stopping what was started" >&2
      for ((place = ${#begun[@]} - 1; place >= 0; place--)); do finish "${begun[place]}" >&2; done
    fi
    exit "$code"
  }
  trap cleanup EXIT
  trap 'exit 130' INT TERM

  # begin PART
  begin() {
    local start=$SECONDS
    rotate "$1"
    # What is left of a part that died goes first.
    finish "$1"
    say "starting $1"
    begun+=("$1")
    "$1_start"
    say "  $1 is ready after $((SECONDS - start)) s"
  }

  for part in "${parts[@]}"; do
    wanted "$part" || continue
    if alive "$part"; then say "$part runs already"; else begin "$part"; fi
  done
  say "ready: the lake is $LAKE_PATH"
  show_status
  $watch || exit 0

  # has_done PART: whether it ended because there is no more to do, as a producer of files does.
  has_done() { [ "$1" = producer ] && tail -n 2 "$(log_file producer)" | grep -q '^finished: '; }

  say "watching; ends with Ctrl-C, and the parts stay"
  begun=()
  flock -u 9
  while sleep "${WATCH_SECONDS:-10}"; do
    for part in "${parts[@]}"; do
      wanted "$part" || continue
      rotate "$part"
      # A part without a PID file was stopped by somebody.
      if [ -s "$(pid_file "$part")" ] && ! alive "$part" && ! has_done "$part" && flock -n 9; then
        say "$(date '+%F %T') $part has ended"
        (begin "$part") || say "$(date '+%F %T') $part does not start; it is tried again"
        flock -u 9
      fi
    done
  done
}

main "$@"
exit
