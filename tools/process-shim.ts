// The little shell program between opsmedic and a service's process. It outlives opsmedic, so that the exit
// status is on disk even when nobody was there to see it.

/**
 * sh -c SHIM opsmedic STATE_FOLDER COMMAND…
 * - `trap :` and not `trap ''`: an ignored signal would be inherited by the service, a caught one is not.
 * - A trapped signal ends `wait` early, so it waits until the child is really gone.
 * - Files appear by rename: a reader never sees half a number.
 */
export const SHIM = `
trap : TERM INT HUP
state=$1; shift
"$@" </dev/null &
child=$!
echo "$child" >"$state/pid.new" && mv "$state/pid.new" "$state/pid"
while :; do
  wait "$child"; code=$?
  kill -0 "$child" 2>/dev/null || break
done
echo "$code" >"$state/exit.new" && mv "$state/exit.new" "$state/exit"
`;
