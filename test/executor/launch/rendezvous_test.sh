#!/usr/bin/env bash
# Ranks that no MPI joins: they find each other over a store that rank 0 serves, and watch each other.
#
#   rendezvous_test.sh RENDEZVOUS_RANKS
set -euo pipefail
program=$1
work=$(mktemp -d)
trap 'kill -9 $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT

fail() {
  echo "rendezvous_test.sh: $*" >&2
  tail -n +1 "$work"/* >&2
  exit 1
}

# start RANKS MANNER: as Slurm's scripts do; the process of rank r is pids[r].
start() {
  rm -f "$work"/*
  pids=()
  local port rank
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  for ((rank = 0; rank < $1; ++rank)); do
    SLURM_PROCID=$rank SLURM_NTASKS=$1 MASTER_ADDR=127.0.0.1 MASTER_PORT=$port \
      "$program" "$2" > "$work/out.$rank" 2> "$work/err.$rank" &
    pids+=($!)
  done
}

code_of() {  # RANK
  local code=0
  wait "${pids[$1]}" || code=$?
  echo "rank $1 ended with $code" >> "$work/codes"
  return $code
}

wait_for() {  # RANK TEXT: that the rank prints
  local tries
  for ((tries = 0; tries < 600; ++tries)); do
    if grep -qs "^$2$" "$work/out.$1"; then return; fi
    sleep 0.1
  done
  fail "rank $1 did not print: $2"
}

wait_until_all_heard() {  # RANKS
  local rank
  for ((rank = 0; rank < $1; ++rank)); do
    wait_for $rank "Slurm rank $rank of $1 heard 15 bytes: words and more"
  done
}

# Rank 0 serves the store and has the hub of the watch; another has nothing.
for dead in 0 1; do
  start 3 speak
  wait_until_all_heard 3
  kill -9 "${pids[$dead]}"
  since=$SECONDS
  for rank in 0 1 2; do
    [ $rank = $dead ] && continue
    code=0
    code_of $rank || code=$?
    [ $code = 21 ] || fail "rank $dead was killed, and rank $rank ended with $code, expected 21"
  done
  [ $((SECONDS - since)) -le 10 ] || fail "the others needed $((SECONDS - since)) s to end"
done

start 3 lose
wait_until_all_heard 3
for rank in 0 1 2; do
  code=0
  code_of $rank || code=$?
  [ $code = 21 ] || fail "a communicator failed, and rank $rank ended with $code, expected 21"
done
said="^galvatron-exec: rank 1 .* cannot reach others: the communicator of ranks 0-2 failed: network error"
[ "$(cat "$work"/err.* | grep -c "$said")" = 1 ] || fail "the failed communicator is not named once"

start 2 mute
wait_for 1 connected
kill -9 "${pids[0]}"
code=0
code_of 1 || code=$?
[ $code = 20 ] || fail "rank 0 died before it spoke, and rank 1 ended with $code, expected 20"
grep -q "rank 0 did not answer over the store at 127.0.0.1:" "$work/err.1" ||
  fail "rank 1 does not say that rank 0 did not answer"
