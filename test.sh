#!/usr/bin/env bash
# The one test command: installs what is missing (apt), builds, checks the formatting, runs all tests.
#   ./test.sh           everything that takes a few minutes
#   ./test.sh --long    the long tests as well
# FORBID_SKIPS=1 makes a skipped test an error. GATE=1 also checks the budgets of speed, for under three minutes. The last line is "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")"

long=no
for argument in "$@"; do
  case "$argument" in
    --long) long=yes ;;
    *) echo "usage: ./test.sh [--long]" >&2; exit 2 ;;
  esac
done

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1

if ! command -v dotnet >/dev/null; then
  echo "The .NET SDK 10 is missing: see https://dotnet.microsoft.com/download." >&2
  exit 1
fi

# Programs the tests talk to, and the packages that hold them. Tests without their program are skipped by name.
missing=()
for pair in curl:curl redis-server:redis-server redis-cli:redis-tools chromium:chromium nginx:nginx haproxy:haproxy prometheus:prometheus iptables:iptables; do
  command -v "${pair%%:*}" >/dev/null || [ -x "/usr/sbin/${pair%%:*}" ] || missing+=("${pair##*:}")
done
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
/usr/bin/python3 -c 'import redis' 2>/dev/null || missing+=(python3-redis)
if [ "$long" = yes ]; then
  # Native code is linked with the platform's own compiler.
  command -v clang >/dev/null || command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
fi
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }; then
    echo "Installing what the tests need: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Missing, and not installed because there is no apt-get or no right to use it: ${missing[*]}. Their tests will be skipped."
  fi
fi

results=artifacts/test-results
rm -rf "$results"
mkdir -p "$results"

echo "Building"
dotnet build -c Release --nologo -v quiet

echo "Checking the formatting"
dotnet format --verify-no-changes --no-restore

status=0
echo "Running every benchmark once"
dotnet artifacts/bin/LexIntel.Progress.Benchmarks/release/LexIntel.Progress.Benchmarks.dll dry || status=1

if [ "${GATE:-}" = 1 ]; then
  echo "Checking the budgets of speed"
  artifacts/bin/LexIntel.Progress.LoadTest/release/LexIntel.Progress.LoadTest gate || status=1
fi

echo "Testing"
explicit=off
limit=20m
unfinished=0
if [ "$long" = yes ]; then
  explicit=on
  limit=2h
fi
for project in tests/*.Tests; do
  name=$(basename "$project")
  echo "== $name"
  # A test that hangs is named after two minutes, and its program is ended at the limit, so that the others still run.
  timeout --kill-after=30 "$limit" dotnet test --project "$project" -c Release --no-build --results-directory "$PWD/$results" \
    --report-xunit-trx --report-xunit-trx-filename "$name.trx" --explicit "$explicit" --long-running 120 || status=$?
  if [ ! -f "$results/$name.trx" ]; then
    echo "$name did not come to its end."
    unfinished=$((unfinished + 1))
  fi
done

# The browser client: its types and its size are tests as well.
echo "== lexintel-progress-client"
without_node=0
if command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ]; then
  root=$PWD
  (cd src/lexintel-progress-client && npm ci --no-audit --no-fund --loglevel=error &&
    npx vitest run --reporter=dot --reporter=junit --outputFile.junit="$root/$results/client.xml") || status=$?
else
  echo "Skipped: lexintel-progress-client. Node 20 or newer with npm is missing: see https://nodejs.org."
  without_node=1
fi

# Counts as the runners wrote them down.
sum() { { grep -o " $1=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }
counter() { grep -ho '<Counters [^>]*' "$results"/*.trx | sum "$1"; }
client() { { grep -ho '<testsuite [^>]*' "$results/client.xml" 2>/dev/null || true; } | sum "$1"; }
failed_in_client=$(($(client failures) + $(client errors)))
passed=$(($(counter passed) + $(client tests) - failed_in_client - $(client skipped)))
failed=$(($(counter failed) + failed_in_client + unfinished))
skipped=$(($(counter notExecuted) + $(client skipped) + without_node))
if [ "$status" -eq 0 ] && [ "${FORBID_SKIPS:-}" = 1 ] && [ "$skipped" -gt 0 ]; then
  echo "Skipped tests are not allowed here."
  status=1
fi
if [ "$passed" -eq 0 ]; then
  echo "No test ran."
  status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
