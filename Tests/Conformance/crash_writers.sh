#!/usr/bin/env bash
# Runs several `lode run` on one warehouse at once and kills some of them at random moments.
#
# Usage: crash_writers.sh [SECONDS]      LODE names the binary (default: release)
#
# 2 writers for half of the time, then 4. Each writer is a pipeline of its own; all of them write
# the table `quarantine` too. A writer changes its input, runs, and is killed (SIGKILL) in about
# half of the cases after up to 0.3 s. Exit code 0 is an acknowledgement: from then on readers must
# see that input or a later one. At the end `lode fsck` must find nothing wrong (logs without gaps,
# files whole, tags that exist), every table must hold an input that its writer really wrote and
# that is not older than the acknowledged one, and one more run of each must be the last input.
set -euo pipefail
cd "$(dirname "$0")/../.."
lode=${LODE:-$PWD/.build/release/lode}
seconds=${1:-20}
place=$(mktemp -d)
cd "$place"
fail() { echo "FAILED  $1 (kept in $place)"; exit 1; }

prepare() { # writer
  cat > "p$1.json5" <<PIPELINE
{ lode: 1, name: "p$1", currency: "EUR", warehouse: "w", exports: "e", shards: 2,
  as_of: { default: "2026-06-01" },
  stages: { in$1: { op: "extract", into: "raw.t$1", from: { csv: "in$1.csv",
    types: { round: "integer", customer: "text", amount: "decimal(18,2)" } } } } }
PIPELINE
}
input() { # writer, round: as many rows as rounds, all with the round's number
  { echo round,customer,amount; for ((i = 0; i <= $2; i++)); do echo "$2,c$i,1.00"; done; } > "in$1.csv"
}
# In a subshell that becomes lode, so that a kill hits lode and no shell before it.
run() { LODE_RUN_ID="p$1-$2" exec "$lode" run -f "p$1.json5" --quiet --threads 1; }

writer() { # writer, end
  local round=0 code
  while [ $SECONDS -lt "$2" ]; do
    round=$((round + 1)); input "$1" $round; echo $round > "tried$1"
    while :; do
      code=0
      if [ $((RANDOM % 2)) = 0 ]; then
        (run "$1" $round) 2> "err$1" & local process=$!
        sleep "0.$(printf %02d $((RANDOM % 30)))"
        kill -9 $process 2> /dev/null && echo x >> kills
        wait $process 2> /dev/null || code=$?
      else
        (run "$1" $round) 2> "err$1" || code=$?
      fi
      case $code in
        0) echo $round > "acknowledged$1"; break ;;
        75) sleep "0.0$((RANDOM % 5 + 1))"; echo x >> waits; [ $SECONDS -lt "$2" ] || break ;;
        137) break ;;
        *) cat "err$1" > "failed$1"; return 1 ;;
      esac
    done
  done
}

acknowledged=0
: > kills; : > waits
for count in 2 4; do
  end=$((SECONDS + seconds / 2)); writers=()
  for ((w = 1; w <= count; w++)); do
    prepare $w; [ -e "acknowledged$w" ] || echo 0 > "acknowledged$w"
    RANDOM=$((w * 1000 + count)); writer $w $end & writers+=($!)
  done
  for process in "${writers[@]}"; do wait "$process" || true; done
  for ((w = 1; w <= count; w++)); do
    [ ! -e "failed$w" ] || { cat "failed$w"; fail "$count writers: writer $w failed"; }
  done
  "$lode" fsck --warehouse w > fsck.out 2>&1 || { cat fsck.out; fail "$count writers: fsck"; }
  for ((w = 1; w <= count; w++)); do
    least=$(cat "acknowledged$w"); tried=$(cat "tried$w")
    "$lode" show "raw.t$w" --limit 100000 --warehouse w > rows 2> /dev/null || : > rows
    found=$(tail -n +2 rows | cut -d, -f1 | sort -u)
    [ "$(wc -w <<< "$found")" -le 1 ] || fail "$count writers: table $w mixes the inputs $found"
    [ "${found:-0}" -ge "$least" ] || fail "$count writers: input $least of writer $w was acknowledged, ${found:-0} is there"
    [ "${found:-0}" -le "$tried" ] || fail "$count writers: table $w holds an input that was never there"
    [ -z "$found" ] || [ "$(tail -n +2 rows | wc -l)" = $((found + 1)) ] || fail "$count writers: rows of table $w are missing"
    input $w $((tried + 1)); (run $w last$count) || fail "$count writers: the last run of writer $w"
    [ "$("$lode" show "raw.t$w" --limit 1 --warehouse w | tail -1 | cut -d, -f1)" = $((tried + 1)) ] || fail "$count writers: the last input of writer $w"
    echo $((tried + 1)) > "acknowledged$w"
    acknowledged=$((acknowledged + $(ls w/runs | grep -c "^p$w-" || true)))
  done
done
litter=$(find w/tmp w/stages -name '*.*.*' ! -name '*.lock' ! -name '*.json' | head -3)
[ -z "$litter" ] || fail "litter: $litter"
echo "ok      2 and 4 writers, $(wc -l < kills) kills, $(wc -l < waits) waits for the lock: nothing acknowledged was lost"
cd /; rm -rf "$place"
