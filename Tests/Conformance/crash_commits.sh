#!/usr/bin/env bash
# Several processes commit to one table at once, with no lock between them, and are killed.
#
# Usage: crash_commits.sh [SECONDS]      BENCH names the binary (default: release)
#
# 2 writers for half of the time, then 4, a third of it each: all append to one table; each
# replaces a partition of its own; all replace the same partition. Each writer is killed (SIGKILL)
# again and again after up to 0.3 s and goes on behind the last round that it saw acknowledged,
# once more with that round itself, as a scheduler would. At the end of each part
#   - the log has no gap, every version can be read, all files are whole,
#   - every acknowledged (writer, round) made a version of its own, as printed, and is in that
#     version's commit; an appended one is in the table exactly once,
#   - a partition holds the last round that its writer saw acknowledged, or the one it was at,
#   - where all replace the same partition, some were refused, with the names of both runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
bench=${BENCH:-$PWD/.build/release/lode-bench}
seconds=${1:-20}
place=$(mktemp -d)
cd "$place"
fail() { echo "FAILED  $1 (kept in $place)"; exit 1; }

writer() { # mode, writer, end in seconds
  local round=1 last
  while [ "$SECONDS" -lt "$3" ]; do
    "$bench" append-worker w "$1" "w$2" $round 100000 "$1" >> "told.$1.$2" 2>&1 & local process=$!
    sleep "0.$(printf %02d $((RANDOM % 30)))"
    kill -9 $process 2> /dev/null && echo x >> kills
    wait $process 2> /dev/null || true
    # A line that the kill cut off is no acknowledgement; it is ended here.
    [ ! -s "told.$1.$2" ] || [ "$(tail -c 1 "told.$1.$2" | wc -l)" = 1 ] || echo ' cut' >> "told.$1.$2"
    last=$(grep -E '^[0-9]+ w[0-9]+ [0-9]+ (new|unchanged)$' "told.$1.$2" | tail -1 | cut -d' ' -f3 || true)
    round=${last:-1}
  done
}

commits=0 refused=0
: > kills
for count in 2 4; do
  for mode in append own shared; do
    rm -rf w; rm -f told.*
    writers=()
    began=$SECONDS; length=$((seconds / 6)); [ $length -gt 0 ] || length=1
    for ((w = 1; w <= count; w++)); do
      : > "told.$mode.$w"
      RANDOM=$((w * 100 + count)); writer $mode $w $((began + length)) & writers+=($!)
    done
    for process in "${writers[@]}"; do wait "$process"; done
    what="$count writers, $mode"
    grep -hE '^error' told.* && fail "$what: a writer failed"
    "$bench" append-check w "$mode" > rows || { grep problem rows; fail "$what: unreadable"; }
    log=w/tables/$mode/_delta_log
    last=$(($(ls "$log" | grep -c '^[0-9]*\.json$') - 1))
    [ -e "$log/$(printf %020d $last).json" ] || fail "$what: the log has a gap"
    grep -hE '^[0-9]+ w[0-9]+ [0-9]+ new$' told.$mode.* > new || fail "$what: nothing was acknowledged"
    [ "$(cut -d' ' -f1 new | sort | uniq -d | wc -l)" = 0 ] || fail "$what: one version was acknowledged twice"
    while read -r version w round _; do
      grep -q "\"run\":\"$w-$round\"" "$log/$(printf %020d "$version").json" \
        || fail "$what: version $version is not that of $w-$round, which was acknowledged"
    done < new
    case $mode in
      append)
        cut -d' ' -f3,4 rows | sort > there
        [ "$(uniq -d there | wc -l)" = 0 ] || fail "$what: a round is there twice"
        grep -hE '^[0-9]+ w[0-9]+ [0-9]+ (new|unchanged)$' told.$mode.* | cut -d' ' -f2,3 | sort -u > acknowledged
        lost=$(comm -23 acknowledged there | head -3)
        [ -z "$lost" ] || fail "$what: acknowledged and lost: $lost" ;;
      own)
        for ((w = 1; w <= count; w++)); do
          least=$(grep -E '^[0-9]+ w[0-9]+ [0-9]+ (new|unchanged)$' told.own.$w | tail -1 | cut -d' ' -f3 || true)
          found=$(awk -v w="w$w" '$2 == w { print $4 }' rows)
          [ -z "$least" ] || [ "$found" = "$least" ] || [ "$found" = $((least + 1)) ] \
            || fail "$what: writer $w was acknowledged $least, there is $found"
        done ;;
      shared)
        [ "$(wc -l < rows)" = 1 ] || fail "$what: $(wc -l < rows) rows where one was left"
        grep -hE '^refused run w[0-9]+-[0-9]+ cannot publish: run w[0-9]+-[0-9]+ has changed the same rows' told.shared.* > refusals \
          || fail "$what: no replace was refused"
        refused=$((refused + $(wc -l < refusals))) ;;
    esac
    commits=$((commits + last + 1))
  done
done
echo "ok      2 and 4 processes, no lock: $commits commits, $(wc -l < kills) kills, $refused refusals; no gap, nothing acknowledged was lost"
cd /; rm -rf "$place"
