#!/usr/bin/env bash
# Runs the benches of tests/Bench on what people run: the product precompiled, as in its images. Arguments go to the bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. tools/install.sh
need_dotnet
dotnet restore tests/Bench/Bench.csproj -v quiet -p:Precompiled=true >&2
dotnet publish tests/Bench/Bench.csproj -v quiet -c Release -p:Precompiled=true --no-restore -o tests/Bench/bin/precompiled >&2
dotnet build tests/Hello/Hello.csproj -v quiet -c Release -o tests/Hello/bin/precompiled >&2
exec dotnet tests/Bench/bin/precompiled/EmailIngestion.Bench.dll "$@"
