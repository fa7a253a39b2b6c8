#!/bin/bash
# build_tidb.sh PREFIX : builds tidb-server, dumpling and tidb-lightning (the peers in benchmarks) from the Go module.
#
# TiDB's go.mod has `replace` lines, which count only in a main module, so `go install` refuses it: a module of our own takes
# them over. Its tags are not to be had as module versions; the revision is one of branch release-8.5.
set -euo pipefail
prefix=$1
revision=20260903095844-ac41d7e3c8fc
version=v1.1.0-beta.0.$revision
name=v8.5.4                                      # without it the server calls itself a placeholder
export GOTOOLCHAIN=go1.25.12                     # TiDB refuses to run when built with another series
export GOFLAGS="-mod=mod -buildvcs=false -p=${DMLIB_GO_JOBS:-2}"
work=$prefix/.build
mkdir -p "$work" && cd "$work"

source=$(go mod download -json "github.com/pingcap/tidb@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
parser="github.com/pingcap/tidb/pkg/parser"
{
  echo 'module dmlib/servers/tidb'
  sed -n '/^go /,$p' "$source/go.mod" | sed "s#^\(\s*$parser =>\).*#\1 $parser v0.0.0-$revision#"
  echo "require github.com/pingcap/tidb $version"
} > go.mod
cp "$source/go.sum" go.sum
chmod u+w go.sum
cat > tools.go <<'T'
//go:build tools

package tools

import (
	_ "github.com/pingcap/tidb/cmd/tidb-server"
	_ "github.com/pingcap/tidb/dumpling/cmd/dumpling"
	_ "github.com/pingcap/tidb/lightning/cmd/tidb-lightning"
)
T
for package in cmd/tidb-server dumpling/cmd/dumpling lightning/cmd/tidb-lightning; do
  nice -n 10 go build -ldflags "-s -w -X $parser/mysql.TiDBReleaseVersion=$name -X github.com/pingcap/tidb/dumpling/cli.ReleaseVersion=$name" \
    -o "$prefix/${package##*/}" "github.com/pingcap/tidb/$package"
done
rm -rf "$work"
