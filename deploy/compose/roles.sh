#!/bin/sh
# PostgreSQL's image runs this once, when the volume is new.
set -eu
export OWNER_PASSWORD=auth-api-development SERVER_PASSWORD=auth-api-development AUDITOR_PASSWORD=auth-api-development
psql -X --username "${POSTGRES_USER:-postgres}" --dbname "$POSTGRES_DB" -f /roles/roles.sql
