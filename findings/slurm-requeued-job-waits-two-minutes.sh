#!/usr/bin/env bash
# Version    Slurm 22.05.8 (Debian 12's slurm-wlm 22.05.8-4+deb12u3), linux/amd64. Needs root, and installs it; slurmd
#            looks for its helper in /usr/sbin, so that it cannot be had in a temporary folder.
# Guess      `scontrol requeue JOB` of a job that has ended puts it into the queue, and it starts if there is room.
# Behaviour  Its StartTime is set 121 s ahead: it pends that long on an idle cluster, which neither scontrol's manual page nor
#            an option of slurm.conf mentions. `scontrol update JobId=JOB StartTime=now` lets it go; if that is in the
#            second in which it was killed, slurmd refuses it ("already killed"), and it fails.
# Seen       state: PENDING; seconds from SubmitTime to EligibleTime: 121; after StartTime=now: runs again
set -euo pipefail
work=$(mktemp -d)
finish() {
    # shellcheck disable=SC2046 # numbers
    kill $(jobs -p) 2>/dev/null || true
    wait
    rm -rf "$work"
}
trap finish EXIT
cd "$work"
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
export DEBIAN_FRONTEND=noninteractive
apt-get -qq install --yes --no-install-recommends slurm-wlm=22.05.8-4+deb12u3 munge >/dev/null
host=$(hostname -s)
export SLURM_CONF=$work/slurm.conf
mkdir munge state spool
chmod 711 .
head -c 1024 /dev/urandom >munge/key
chmod 600 munge/key
cat >slurm.conf <<END
ClusterName=finding
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthInfo=socket=$work/munge/socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1
PartitionName=all Nodes=$host Default=YES
END
munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" --pid-file="$work/munge/pid" \
    --log-file="$work/munge/log" --seed-file="$work/munge/seed" >out 2>&1 &
until [ -S munge/socket ]; do sleep 0.1; done
slurmctld -D -i >>out 2>&1 &
slurmd -D >>out 2>&1 &
until [ "$(sinfo --noheader --format=%t 2>/dev/null)" = idle ]; do sleep 0.1; done
printf '#!/bin/sh\necho ran >>%s/runs\n' "$work" >job
sbatch --wait --parsable --requeue --output=/dev/null job
field() { scontrol --oneliner show job 1 | tr ' ' '\n' | sed -n "s/^$1=//p"; }
scontrol requeue 1
until [ "$(field JobState)" = PENDING ]; do sleep 0.1; done
sleep 10
expect 'state, ten seconds later' PENDING "$(field JobState)"
expect nodes idle "$(sinfo --noheader --format=%t)"
expect 'seconds to wait' 121 $(($(date --date="$(field EligibleTime)" +%s) - $(date --date="$(field SubmitTime)" +%s)))
scontrol update JobId=1 StartTime=now
until [ "$(field JobState)" = COMPLETED ]; do sleep 0.1; done
expect 'runs, after StartTime=now' 2 "$(wc -l <runs)"
