#!/usr/bin/env bash
# MLflow's own server opens a database that ModelRegistry made and filled, reads the same and goes on with it; then ModelRegistry again.
# MLFLOW_PYTHON: a command that runs Python with mlflow and its server part. The server must have been built (scripts/compat does).
set -euo pipefail
tests=$(cd "$(dirname "$0")" && pwd)
: "${MLFLOW_PYTHON:?a command that runs Python with mlflow}"
: "${MODELREGISTRY_SERVER:=dotnet $tests/../src/ModelRegistry.Server/bin/Release/net10.0/ModelRegistry.Server.dll serve}"
cd "$tests"
# Below this folder, because the Python of MLFLOW_PYTHON may see no other.
work=$(mktemp -d -p "$tests" .both-ways-XXXXXX)
server=

stop() {
  [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
  server=
}
trap 'stop; rm -rf "$work"' EXIT

# Starts a server command on the database and waits for its /health; the address is in $url.
start() {
  url=http://127.0.0.1:$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false "$@" --host 127.0.0.1 --port "${url##*:}" --backend-store-uri "sqlite:///$work/mlflow.db" \
    --artifacts-destination "$work/artifacts" > "$work/server.log" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    curl -sf "$url/health" > /dev/null && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
  done
  cat "$work/server.log" >&2
  echo "open_with_official: FAILED (the server did not start: $*)"
  exit 1
}

same() {
  cmp -s "$work/$1" "$work/$2" && return
  diff -u "$work/$1" "$work/$2" | head -60
  echo "open_with_official: FAILED ($1 and $2 differ)"
  exit 1
}

client() { $MLFLOW_PYTHON both_ways.py "$@" > "$work/client.log" 2>&1 || { tail -20 "$work/client.log"; exit 1; }; }

start $MODELREGISTRY_SERVER
client fill "$url"
client read "$url" "$work/ours.json"
stop
start $MLFLOW_PYTHON -m mlflow server --workers 1
client read "$url" "$work/official.json"
same ours.json official.json
client more "$url"
client read "$url" "$work/official-more.json"
stop
start $MODELREGISTRY_SERVER
client read "$url" "$work/ours-more.json"
same official-more.json ours-more.json
client more "$url"
echo "open_with_official: passed ($(grep -c . "$work/ours-more.json") lines read back equal by both servers)"
