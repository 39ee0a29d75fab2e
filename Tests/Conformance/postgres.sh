#!/usr/bin/env bash
# Reads orders from a real PostgreSQL server with psql: full load, what is new, a failing command, a
# stream that breaks in the middle. Needs Debian's package postgresql and the release binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
lode=$PWD/.build/release/lode
bin=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
place=$(mktemp -d)
export PGHOST=$place PGDATABASE=postgres PGUSER=postgres
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
stop() { as_postgres "$bin/pg_ctl" -D "$place/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$place"; }
trap stop EXIT
chmod 755 "$place"; mkdir "$place/data"; [ "$(id -u)" != 0 ] || chown -R postgres "$place"
as_postgres "$bin/initdb" -D "$place/data" -A trust -U postgres >/dev/null
as_postgres "$bin/pg_ctl" -D "$place/data" -o "-k $place -h ''" -w -l "$place/data/log" start >/dev/null

check() { # words, expected, got
  if [ "$2" = "$3" ]; then echo "ok      $1: $3"; else echo "FAILED  $1: expected $2, got $3"; exit 1; fi
}
run() { "$lode" run -f pipelines/from-postgres.json5 --as-of 2026-07-01 --warehouse "$place/w" --exports "$place/e" --quiet "$@"; }
count() { "$lode" show raw.orders --warehouse "$place/w" --limit 10000000 | tail -n +2 | wc -l; }
mkdir -p "$place/w" "$place/e" 2>/dev/null || true

psql -Xq -c "CREATE TABLE orders (order_id text PRIMARY KEY, customer_id text, updated_at timestamptz, amount numeric(10,2));
  INSERT INTO orders SELECT 'o' || i, lpad((i % 997)::text, 6, '0'), timestamptz '2026-01-01 00:00:00Z' + i * interval '1 minute', (i % 500) + 0.25
  FROM generate_series(1, 20000) i"
run; check 'rows after the full load' 20000 "$(count)"
sum=$("$lode" show raw.orders --warehouse "$place/w" --limit 10000000 | tail -n +2 | awk -F, '{s += $4 * 100} END {printf "%d", s}')
check 'sum in cents' "$(psql -XAtc 'SELECT (sum(amount) * 100)::bigint FROM orders')" "$sum"

psql -Xq -c "INSERT INTO orders SELECT 'n' || i, '000001', timestamptz '2026-06-01 00:00:00Z' + i * interval '1 second', 1 FROM generate_series(1, 10) i;
  UPDATE orders SET amount = 999, updated_at = '2026-06-02 00:00:00Z' WHERE order_id = 'o7'"
run; check 'rows after an incremental load' 20010 "$(count)"
check 'a changed row is replaced' 999.00 "$("$lode" show raw.orders --warehouse "$place/w" --where "order_id = 'o7'" | tail -1 | cut -d, -f4)"

before=$("$lode" ls --warehouse "$place/w")
echo 'COPY (SELECT no_such_column FROM orders) TO STDOUT WITH (FORMAT csv, HEADER);' > "$place/bad.sql"
code=0; run --var query="$place/bad.sql" 2> "$place/message" || code=$?
check 'exit code of a failing command' 75 "$code"; grep -q 'no_such_column' "$place/message"
echo "COPY (SELECT 'x' || i AS order_id, '1' AS customer_id, '2026-06-03T00:00:00Z' AS updated_at, CASE WHEN i < 50000 THEN 1 ELSE 1 / (i - 50000) END AS amount FROM generate_series(1, 60000) i) TO STDOUT WITH (FORMAT csv, HEADER);" > "$place/cut.sql"
code=0; run --var query="$place/cut.sql" 2> "$place/message" || code=$?
check 'exit code of a stream that breaks' 75 "$code"; grep -q 'division by zero' "$place/message"
check 'nothing half-loaded' "$before" "$("$lode" ls --warehouse "$place/w")"
run; check 'rows at the end' 20010 "$(count)"
