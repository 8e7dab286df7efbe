#!/usr/bin/env bash
# What CI does with a project: a plan for a pull request, a build for all else. GitHub's action runs it, and any shell can.
# Told by the environment, never by text in a command:
#   VIDBUILD_CI_PROJECT     the project file
#   VIDBUILD_CI_COMMAND     auto, plan, build, or bound: let go of what makes the store larger than it may get
#   VIDBUILD_CI_OUT         a folder for plans and reports
#   VIDBUILD_CI_BASE        the revision that a plan is held against (GitHub: the base branch)
#   VIDBUILD_CI_MAX_COST    what a build may spend (none: --locked)
#   VIDBUILD_CI_CACHE_SIZE  how large the store may get (4GB)
#   VIDBUILD_CI_DRAFT, VIDBUILD_CI_TEST   true or false
# Exit codes are vidbuild's own.
set -euo pipefail

project=${VIDBUILD_CI_PROJECT:-project.yaml}
command=${VIDBUILD_CI_COMMAND:-auto}
out=${VIDBUILD_CI_OUT:-vidbuild-out}
event=${GITHUB_EVENT_NAME:-}

fail() {
  echo "error: $1" >&2
  exit 2
}

# A line for GitHub's later steps; a value of several lines could name others.
tell() {
  [[ $2 != *$'\n'* ]] || fail "$1 has several lines"
  [[ -z ${GITHUB_OUTPUT:-} ]] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

# What authors wrote is printed from here on, and must not be taken for commands of GitHub's.
if [[ -n ${GITHUB_ACTIONS:-} ]]; then
  quiet=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "::stop-commands::$quiet"
  trap 'echo "::$quiet::"' EXIT
fi

if [[ $event == pull_request_target ]]; then
  fail 'pull_request_target hands secrets to what nobody has reviewed; run on pull_request'
fi
if [[ $command == auto ]]; then
  command=build
  case ${event:-${CI_PIPELINE_SOURCE:-}} in pull_request | merge_request_event | external_pull_request_event) command=plan ;; esac
fi
home=$project
[[ -d $project ]] || home=$(dirname -- "$project")
mkdir -p "$out"
tell command "$command"

plan() {
  local against=() base=${VIDBUILD_CI_BASE:-}
  if [[ -z $base && -n ${GITHUB_BASE_REF:-} ]]; then
    local depth=()
    [[ $(git rev-parse --is-shallow-repository) != true ]] || depth=(--depth=1)
    git fetch --quiet --no-tags ${depth[@]+"${depth[@]}"} origin "refs/heads/$GITHUB_BASE_REF"
    base=FETCH_HEAD
  fi
  [[ -z $base ]] || against=(--against "$base")
  vidbuild plan --format markdown ${against[@]+"${against[@]}"} -- "$project" >"$out/plan.md"
  cat "$out/plan.md"
  [[ -z ${GITHUB_STEP_SUMMARY:-} ]] || cat "$out/plan.md" >>"$GITHUB_STEP_SUMMARY"
  tell plan "$out/plan.md"
}

sum_of() {
  if [[ -f $1 ]]; then cksum <"$1"; fi
}

finished() {
  tell folder "$home/build"
}

tested() {
  [[ ${VIDBUILD_CI_TEST:-false} == true ]] || return 0
  vidbuild test --junit "$out/tests.xml" "$@" -- "$project"
}

# More than was paid for can't be let go of: a cache that stays larger for it is no failure.
bounded() {
  local code=0
  vidbuild store gc --max-size "${VIDBUILD_CI_CACHE_SIZE:-4GB}" -- "$project" || code=$?
  [[ $code == 1 ]] || return "$code"
  echo "warning: the cache stays larger than it should" >&2
}

case $command in
  plan)
    plan
    if [[ ${VIDBUILD_CI_DRAFT:-false} == true ]]; then
      vidbuild build --draft -- "$project"
      finished
      tested --draft
    fi
    ;;
  build)
    lock=$home/vidbuild.lock
    [[ -d $project || $(basename -- "$project") == project.yaml ]] || lock=${project%.*}.lock
    before=$(sum_of "$lock")
    code=0
    if [[ -n ${VIDBUILD_CI_MAX_COST:-} ]]; then
      vidbuild build --max-cost "$VIDBUILD_CI_MAX_COST" -- "$project" || code=$?
    else
      vidbuild build --locked -- "$project" || code=$?
    fi
    # What was bought is in the lock even when something else failed.
    changed=false
    [[ $(sum_of "$lock") == "$before" ]] || changed=true
    tell lock-changed "$changed"
    finished
    [[ $code == 0 ]] || exit "$code"
    tested
    ;;
  bound) bounded ;;
  *) fail "command is auto, plan or build, not $(printf %q "$command")" ;;
esac
