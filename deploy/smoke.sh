#!/usr/bin/env bash
# Smoke test of docker-compose.yml: the stack comes up, the shop is killed, opsmedic brings it back, and the
# story can be read through the API. Needs a Docker engine with compose and the ports of the compose file free.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export OPSMEDIC_ADMIN_TOKEN="smoke-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')"
api=http://127.0.0.1:8686

# It takes the stack down with its volumes at the end, so it must never meet one that somebody uses.
refuse() { echo "smoke: $1" >&2; exit 2; }
[ -z "$(docker compose ps -aq)" ] || refuse "the stack is up already: docker compose down (and keep what you need of it)"
[ -z "$(docker volume ls -q --filter label=com.docker.compose.project=opsmedic)" ] ||
  refuse "there are volumes of an earlier stack, which this would delete: docker compose down -v, if they may go"
! (: </dev/tcp/127.0.0.1/8686) 2>/dev/null || refuse "port 8686 is in use"

finish() {
  local rc=$?
  [ "$rc" = 0 ] || docker compose logs --tail 60 opsmedic shop
  docker compose down -v --timeout 5 >/dev/null 2>&1 || true
  exit "$rc"
}
trap finish EXIT

get() { curl -fsS -m 10 -H "authorization: Bearer $OPSMEDIC_ADMIN_TOKEN" "$api$1"; }
within() { # within SECONDS WHAT COMMAND...
  local deadline=$((SECONDS + $1)) what="$2"
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || { echo "smoke: $what did not happen in time" >&2; return 1; }
    sleep 0.5
  done
  echo "smoke: $what"
}
shop_health() { docker compose ps --format json shop | grep -q '"Health":"healthy"'; }
healed_run() { get "/api/runs?service=shop" | grep -q '"outcome":"healed"'; }
all_healthy() { get /api/monitoring/health | grep -q '"overall_status":"healthy"'; }

docker compose up -d --build --wait --wait-timeout 180
within 60 "opsmedic sees every service healthy" all_healthy
before="$(docker inspect -f '{{.State.StartedAt}}' opsmedic-shop-1)"
docker kill -s KILL opsmedic-shop-1 >/dev/null
restarted() { [ "$(docker inspect -f '{{.State.StartedAt}}' opsmedic-shop-1)" != "$before" ] && shop_health; }
within 60 "the killed shop is healthy again" restarted
within 60 "its run is told as healed" healed_run
get "/api/runs?service=shop&limit=1" | head -c 600
echo
