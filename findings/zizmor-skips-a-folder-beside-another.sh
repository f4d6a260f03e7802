#!/usr/bin/env bash
# Version    zizmor 1.32.0 (PyPI), linux/amd64.
# Guess      `zizmor A B` audits the workflows below both folders, or fails if one has none that it knows.
# Behaviour  Below a folder it looks for .github/workflows, and for actions, only. A folder that has neither is an error alone,
#            and is skipped without a word beside one that has: the exit code is 0, whatever is in it. A file that is
#            named is audited wherever it is.
# Seen       a workflow that is bad, in a folder alone: exit 3, no inputs collected; beside a good one: exit 0; named: exit 14
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m pip install --quiet --no-deps --only-binary=:all: --disable-pip-version-check --root-user-action=ignore \
    --target "$work/python" zizmor==1.32.0
PATH=$work/python/bin:$PATH
expect() { # expect WHAT WANT GOT
    printf '%s: %s\n' "$1" "$3"
    [ "$3" = "$2" ] || { printf 'changed: %s: wanted %s\n' "$1" "$2" >&2; exit 1; }
}
mkdir -p good/.github/workflows bad
workflow() { # workflow RUN
    printf 'name: x\non: pull_request\npermissions: {}\nconcurrency:\n  group: x\n  cancel-in-progress: true\n'
    printf 'jobs:\n  x:\n    name: x\n    runs-on: ubuntu-24.04\n    steps:\n      - run: %s\n' "$1"
}
workflow 'true' >good/.github/workflows/x.yml
# shellcheck disable=SC2016 # it is GitHub's
workflow 'echo ${{ github.head_ref }}' >bad/x.yml
audit() { # audit INPUTS: the exit code
    local status=0
    zizmor --offline --no-progress "$@" >out 2>&1 || status=$?
    echo $status
}
expect 'the folder alone' 3 "$(audit bad)"
expect 'what it says' 'error: no inputs collected' "$(grep '^error' out)"
expect 'beside another' 0 "$(audit good bad)"
expect 'lines that name it' 0 "$(grep -c bad out || true)"
expect 'the file, named' 14 "$(audit good bad/x.yml)"
