# shellcheck shell=bash disable=SC2154
# Processes by their id and start time. A PID file has a line "pid start-time name" per process of the part; a process
# with the id but another start time is somebody else's and is left alone.

pid_file() { echo "$LOG_DIR/${files[$1]}.pid"; }
log_file() { echo "$LOG_DIR/${files[$1]}.log"; }

# start_time PID: when it started, in a form that only has to be the same each time; nothing if there is no such process.
start_time() {
  if [ -r "/proc/$1/stat" ]; then
    # The name, in parentheses, may hold blanks; the 20th field after it is the start in clock ticks.
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" {print $20}'
  else
    ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _
  fi
}

# is_ours PID START: whether this very process lives.
is_ours() { [ -n "$2" ] && [ "$(start_time "$1")" = "$2" ]; }

# alive PART: whether all its processes live. A part without a PID file does not.
alive() {
  local file pid start
  file=$(pid_file "$1")
  [ -s "$file" ] || return 1
  while read -r pid start _; do
    is_ours "$pid" "$start" || return 1
  done <"$file"
}

# launch PART NAME COMMAND...: starts a process of a part, whose output goes to the part's log.
launch() {
  local part=$1 name=$2 pid
  shift 2
  # A session of its own: no signal for this script reaches it. The lock is not for it.
  setsid "$@" </dev/null >>"$(log_file "$part")" 2>&1 9>&- &
  pid=$!
  disown
  echo "$pid $(start_time "$pid") $name" >>"$(pid_file "$part")"
}

# finish PART: ends its processes, the last one first: asks, waits, kills. Removes the PID file.
finish() {
  local part=$1 file lines=() line pid start name
  file=$(pid_file "$part")
  [ -e "$file" ] || return 0
  mapfile -t lines <"$file"
  local place
  for ((place = ${#lines[@]} - 1; place >= 0; place--)); do
    line=${lines[place]}
    read -r pid start name <<<"$line"
    if [ -z "$pid" ] || ! [ -e "/proc/$pid" ] && [ -z "$(start_time "$pid")" ]; then
      say "  $part: ${name:-process} ${pid:-} had ended already"
    elif ! is_ours "$pid" "$start"; then
      say "  $part: $pid is another process now and is left alone"
    else
      end "$part" "$pid" "$start" "$name"
    fi
  done
  rm -f "$file"
}

# end PART PID START NAME
end() {
  local part=$1 pid=$2 start=$3 name=$4 waited=0 limit=$((${graces[$1]} * 10))
  kill -TERM "$pid" 2>/dev/null || true
  while is_ours "$pid" "$start" && ((waited < limit)); do
    sleep 0.1
    waited=$((waited + 1))
  done
  if is_ours "$pid" "$start"; then
    kill -KILL "$pid" 2>/dev/null || true
    while is_ours "$pid" "$start"; do sleep 0.1; done
    say "  $part: $name $pid did not end within ${graces[$part]} s and was killed"
  else
    say "  $part: $name $pid ended after $((waited / 10)).$((waited % 10)) s"
  fi
}

# wait_until PART SECONDS CHECK...: waits until the check succeeds while the part lives.
wait_until() {
  local part=$1 limit=$2 end
  shift 2
  end=$((SECONDS + limit))
  until "$@"; do
    if ! alive "$part"; then
      tail -n 5 "$(log_file "$part")" >&2 || true
      fail 1 "$part ended while it started; $(log_file "$part") says why"
    fi
    ((SECONDS < end)) || fail 1 "$part is not ready after $limit s; $(log_file "$part") may say why"
    sleep 0.3
  done
}

# rotate PART: puts a log that has grown too large aside, keeping three, also while it is written to.
rotate() {
  local log number size
  log=$(log_file "$1")
  [ -e "$log" ] || return 0
  size=$(wc -c <"$log")
  ((size > LOG_MAX_MB * 1024 * 1024)) || return 0
  for number in 2 1; do
    [ ! -e "$log.$number" ] || mv "$log.$number" "$log.$((number + 1))"
  done
  cp "$log" "$log.1"
  : >"$log"
}
