#!/bin/sh
# PostgreSQL's image runs it once, when the volume is new.
set -eu
psql -X --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" \
  -v owner_password=auth-api-development -v server_password=auth-api-development -v auditor_password=auth-api-development \
  -f /roles/roles.sql
