-- Rows changed since the watermark; psql quotes :'since' as a literal.
COPY (
  SELECT order_id, customer_id,
         to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS updated_at,
         amount
  FROM orders
  WHERE updated_at > :'since'::timestamptz
  ORDER BY updated_at, order_id
) TO STDOUT WITH (FORMAT csv, HEADER);
