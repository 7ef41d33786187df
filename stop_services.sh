#!/usr/bin/env bash
# Ends what start_services.sh started on this machine, in reverse order, by process id and start time.
# The names that the sourced files set are unknown to it.
# shellcheck disable=SC2154
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for file in environment processes; do
  # shellcheck source=/dev/null
  source "$root/scripts/services/$file.sh"
done

usage() {
  cat <<END
Ends the consumer, the producer, HDFS and Kafka, each after what it is doing. All data stays.

usage: ./stop_services.sh [--only PART,...]      parts: ${parts[*]}

A part that does not end in its time is killed. Processes that start_services.sh did not start are left alone.

exit codes: 0 nothing runs any more, 2 wrong arguments, 1 any later failure
END
}

only=()
while [ $# -gt 0 ]; do
  case $1 in
    --only)
      [ $# -ge 2 ] || fail 2 "--only needs a value: ${parts[*]}"
      IFS=, read -ra only <<<"$2"
      shift
      ;;
    --help | -h) usage && exit ;;
    *) fail 2 "unknown argument '$1'; --help says what there is" ;;
  esac
  shift
done
for part in "${only[@]}"; do
  [ -n "${files[$part]:-}" ] || fail 2 "--only $part: there are ${parts[*]}"
done

if [ ! -d "$LOG_DIR" ]; then
  say "nothing runs"
  exit
fi
exec 9>"$LOG_DIR/.lock"
flock -w 120 9 || fail 1 "another start or stop is at work since two minutes"
found=false
for ((place = ${#parts[@]} - 1; place >= 0; place--)); do
  part=${parts[place]}
  if [ ${#only[@]} -gt 0 ] && [[ " ${only[*]} " != *" $part "* ]]; then continue; fi
  [ -e "$(pid_file "$part")" ] || continue
  found=true
  say "stopping $part"
  # Whatever happens to one part, the others are stopped, too.
  finish "$part" || say "  $part: not all of it could be stopped"
done
$found || say "nothing runs"
