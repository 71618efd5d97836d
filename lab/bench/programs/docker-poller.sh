#!/bin/sh
# The peer for containers: every five seconds, starts what has exited, the way docker-autoheal restarts what is
# unhealthy (https://github.com/willfarrell/docker-autoheal). $1 is the label of the containers.
while :; do
  for container in $(docker ps -q -a --filter "label=$1" --filter status=exited); do
    docker start "$container" >/dev/null
  done
  sleep 5
done
