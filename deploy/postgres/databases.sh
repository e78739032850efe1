#!/bin/sh
# Run once, on an empty volume, by the image's entry point: one database and one user for each service, and no
# service may connect to another's. Passwords come from the environment, never in a command line.
set -eu

for service in intake scoring rectification notify; do
    variable="POSTGRES_PASSWORD_$(echo "$service" | tr '[:lower:]' '[:upper:]')"
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set service="$service" --username postgres <<SQL
\getenv password $variable
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
