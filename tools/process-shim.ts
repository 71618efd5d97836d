// The little shell program between opsmedic and a service's process. It outlives opsmedic, so that the exit
// status is on disk even when nobody was there to see it.

/** Marks every process of a run in its environment, so that what is left of a group is known as ours. */
export const RUN_MARK = "OPSMEDIC_RUN";

/**
 * sh -c SHIM opsmedic STATE_FOLDER RUN_NUMBER COMMAND…
 * - Making the claim folder decides who starts run N: of two shims the second one goes away, even when the opsmedic
 *   that held the lock was killed after starting the first.
 * - `trap :` and not `trap ''`: an ignored signal would be inherited by the service, a caught one is not.
 * - A trapped signal ends `wait` early, so it waits until the child is really gone.
 * - Files appear by rename: a reader never sees half a number.
 * - process-N: pid, start time in ticks (field 22 of /proc/PID/stat, counted after the bracket of the name), the shim's
 *   own pid, the kernel's count of OOM kills, the boot in which all this counts. exit-N: status, that count again, a signal that the whole group got.
 * A command that cannot be run may have ended, and been collected by the shell, before its start time can be read: it
 * still was a run, with an exit status to tell.
 * A shell without job control lets background commands ignore SIGINT and SIGQUIT until they set a handler.
 */
export const SHIM = `
state=$1; run=$2; shift 2
mkdir "$state/claim-$run" 2>/dev/null || exit 0
told=none
trap 'told=TERM' TERM; trap 'told=INT' INT; trap : HUP
"$@" </dev/null &
child=$!
ooms() { while read -r key count; do [ "$key" = oom_kill ] && echo "$count" && return; done </proc/vmstat; }
ticks=gone
if read -r stat 2>/dev/null <"/proc/$child/stat"; then set -- \${stat##*) }; ticks=\${20}; fi
boot=; read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id
echo "$child $ticks $$ $(ooms) $boot" >"$state/process-$run.new" && mv "$state/process-$run.new" "$state/process-$run"
while :; do
  wait "$child"; code=$?
  kill -0 "$child" 2>/dev/null || break
done
echo "$code $(ooms) $told" >"$state/exit-$run.new" && mv "$state/exit-$run.new" "$state/exit-$run"
`;
