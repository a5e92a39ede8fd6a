#!/bin/sh
# Adds the workers to the coordinator, and makes the roles if they do not exist. Citus copies the roles to the workers. The script may run
# again.
set -eu
psql -Xqo /dev/null -v ON_ERROR_STOP=1 -v coordinator="$COORDINATOR" <<'SQL'
SELECT citus_set_coordinator_host(:'coordinator');
SQL
for worker in $WORKERS; do
  psql -Xqo /dev/null -v ON_ERROR_STOP=1 -v worker="$worker" <<'SQL'
SELECT citus_add_node(:'worker', 5432);
SQL
done
if [ -z "$(psql -XAtqc "SELECT rolname FROM pg_roles WHERE rolname = 'auth_api_owner'")" ]; then
  POSTGRES_USER=$PGUSER POSTGRES_DB=$PGDATABASE sh /roles.sh
fi
