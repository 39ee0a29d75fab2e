#!/usr/bin/env bash
# Kills `lode run` at its system calls, and makes calls fail, and looks at what is left.
#
# Usage: crash_kill.sh [SECONDS]      needs strace; LODE names the binary (default: release)
#
# A run of extract and clean is killed (SIGKILL, by strace) before the N-th call of openat, write,
# fsync, rename, link, unlink, close and mkdir, for every N behind the first look at the warehouse:
# once on a warehouse that has a version, once on a new one. After each kill
#   - `lode fsck` finds nothing wrong,
#   - `lode ls` and `lode show` give the old state or the new one, whole,
#   - the same run again succeeds and ends in the same bytes as a run that was never killed: data
#     files, versions, tag,
#   - no unfinished file is left.
# Then the same with calls that fail (ENOSPC of write, EIO of fsync), with short writes, and with a
# limit on the size of files. With SECONDS, points are tried in a scattered order until the time is
# over; without, all of them. The last line says how many of how many. Exit code 1 at the first
# failure, whose folder is kept.
set -euo pipefail
cd "$(dirname "$0")/../.."
lode=${LODE:-$PWD/.build/release/lode}
limit=${1:-0}
place=$(mktemp -d)
cd "$place"
began=$SECONDS

cat > pipeline.json5 <<'PIPELINE'
{
  lode: 1, name: "small", currency: "EUR", warehouse: "w", exports: "e", shards: 2,
  as_of: { default: "2026-06-01" },
  stages: {
    sales_in: { op: "extract", into: "raw.sales", from: { csv: "orders.csv",
      types: { customer: "text", day: "date", amount: "decimal(18,2)" } } },
    sales: { op: "clean", needs: ["sales_in"], from: "raw.sales",
      columns: { customer: "customer", at: "day", amount: "amount" } },
  },
}
PIPELINE
rows='customer,day,amount
0001,2026-01-05,10.00
0002,2026-01-06,20.50
0001,2026-02-10,12.00
'
run() { LODE_RUN_ID=r2 "$@" "$lode" run -f pipeline.json5 --quiet --threads 1; }

# What readers see: tables with versions, and rows.
seen() {
  [ -e w/lode.json ] || { echo nothing; return; }
  local list; list=$("$lode" ls --warehouse w)
  if [ "$(wc -l <<< "$list")" = 1 ]; then echo nothing; return; fi
  echo "$list"
  for table in raw.sales orders order_lines; do
    "$lode" show "$table" --warehouse w --limit 100
  done
}
# The bytes that count: data files by table, tag, states of stages without their times.
bytes() {
  "$lode" ls --warehouse w | tail -n +2 | cut -d, -f1,2 | while IFS=, read -r table version; do
    "$lode" files "$table@$version" --warehouse w | sed 's|.*/w/||' | while read -r file; do
      sha256sum < "w/$file" | sed "s|-|$table@$version $file|"
    done
  done
  cat w/tags.json
}
fail() { echo "FAILED  $1 (kept in $place)"; exit 1; }

# The old state and the new one, undisturbed.
printf '%s' "$rows" > orders.csv
LODE_RUN_ID=r1 "$lode" run -f pipeline.json5 --quiet --threads 1
cp -r w old; seen > old.seen
printf '%s0003,2026-03-01,99.90\n' "$rows" > orders.csv
run env; seen > new.seen; bytes > new.bytes
cmp -s old.seen new.seen && fail 'the two states are the same'
rm -rf w; echo nothing > empty.seen
run env; seen > new-from-empty.seen; bytes > new-from-empty.bytes

restore() { rm -rf w e; [ "$1" = empty ] || cp -r old w; }
expected() { [ "$1" = empty ] && echo new-from-empty || echo new; }

# Looks at what is left after a disturbed run: start, what was done, exit code.
judge() {
  local new; new=$(expected "$1")
  if [ -e w/lode.json ]; then
    "$lode" fsck --warehouse w > fsck.out 2>&1 || { cat fsck.out; fail "$1, $2: fsck"; }
  fi
  seen > now.seen || fail "$1, $2: unreadable"
  if cmp -s now.seen "$new.seen"; then after=$((after + 1))
  elif cmp -s now.seen "$1.seen"; then
    before=$((before + 1)); [ "$3" != 0 ] || fail "$1, $2: success told, but the old state is there"
  else diff now.seen "$new.seen" || true; fail "$1, $2: neither the old state nor the new one"; fi
  run env > again.out 2>&1 || { cat again.out; fail "$1, $2: the run again"; }
  seen > now.seen; bytes > now.bytes
  cmp -s now.seen "$new.seen" || fail "$1, $2: other rows after the run again"
  cmp -s now.bytes "$new.bytes" || { diff now.bytes "$new.bytes" || true; fail "$1, $2: other bytes after the run again"; }
  litter=$(find w e -name '*.tmp-*' -o -path 'w/tmp/*' ! -name '*.lock' 2>/dev/null || true)
  [ -z "$litter" ] || fail "$1, $2: litter: $litter"
}
out_of_time() { [ "$limit" != 0 ] && [ $((SECONDS - began)) -ge "$limit" ]; }

# All points: start, call, number; counted from the first look at the warehouse.
: > points
for start in old empty; do
  restore $start
  run strace -f -o trace > /dev/null
  first=$(grep -n '"w/lode.json"' trace | head -1 | cut -d: -f1)
  for call in openat write fsync rename link unlink close mkdir; do
    all=$(grep -cE "^[0-9]+ +$call\(" trace || true)
    skip=$(head -$((first - 1)) trace | grep -cE "^[0-9]+ +$call\(" || true)
    for ((n = skip + 1; n <= all; n++)); do echo "kill $start $call $n" >> points; done
    case $call in
      write) for ((n = skip + 1; n <= all; n++)); do echo "ENOSPC $start $call $n" >> points; done ;;
      fsync) for ((n = skip + 1; n <= all; n++)); do echo "EIO $start $call $n" >> points; done ;;
    esac
  done
done
total=$(wc -l < points)
# A scattered order that is the same on every run, so that a short test sees every kind.
awk '{ print (NR * 7919) % 10007, $0 }' points | sort -n | cut -d' ' -f2- > scattered

kills=0 faults=0 before=0 after=0
while read -r kind start call n; do
  out_of_time && break
  restore "$start"
  code=0
  if [ "$kind" = kill ]; then
    run strace -f -o trace -e "inject=$call:signal=KILL:when=$n" > out 2>&1 || code=$?
    kills=$((kills + 1))
  else
    run strace -f -o trace -e "inject=$call:error=$kind:when=$n" > out 2>&1 || code=$?
    faults=$((faults + 1))
    if [ "$code" != 0 ]; then grep -q '^error: ' out || { cat out; fail "$start, $kind of $call $n: no words"; }; fi
  fi
  judge "$start" "$kind at $call $n" "$code"
done < scattered

# Writes that take only a part of the bytes, and a limit on the size of files.
cat > short.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
ssize_t write(int file, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  return real(file, bytes, count > 7 ? count / 2 : count);
}
C
if compiler=$(command -v cc || command -v clang); then
  "$compiler" -shared -fPIC -o short.so short.c -ldl
  for start in old empty; do
    restore $start; code=0
    run env LD_PRELOAD="$place/short.so" > out 2>&1 || code=$?
    [ "$code" = 0 ] || { cat out; fail "$start, short writes: exit code $code"; }
    judge $start 'short writes' 0
  done
fi
for start in old empty; do
  restore $start; code=0
  (trap '' XFSZ; ulimit -f 1; run env > out 2>&1) || code=$?
  [ "$code" != 0 ] || fail "$start, a limit on the size of files: success told"
  grep -q '^error: ' out || { cat out; fail "$start, a limit on the size of files: no words"; }
  judge $start 'a limit on the size of files' "$code"
done
echo "ok      $kills kills and $faults failing calls of $total points: $before old, $after new, none torn; re-runs converge"
cd /; rm -rf "$place"
