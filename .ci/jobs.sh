# Jobs of .ci/run: steps, which pass or fail, and suites of mocha, whose figures are added up. Read with `.`
out="$(mktemp -d)"
passed=0 failed=0 skipped=0
declare -A pids=() starts=()

signal() { # signal NAME: to every process group that is still there; fails when none is
  local pid any=1
  for pid in "${pids[@]}"; do kill "-$1" -- "-$pid" 2>/dev/null && any=0; done
  return "$any"
}

leave() { # ends what has begun, so that nothing goes on after this script
  local tenths
  signal TERM
  for ((tenths = 0; tenths < 100; tenths++)); do
    signal 0 || break
    sleep 0.1
  done
  signal KILL
  rm -rf "$out"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

log_of() { # log_of NAME: the file for its output
  echo "$out/${1// /-}.log"
}

begin() { # begin NAME COMMAND…: goes on beside what follows, until `end_step` or `end_suite` waits for it
  local name="$1"
  shift
  starts[$name]=$SECONDS
  # In a process group of its own, so that it ends with all that it has started.
  set -m
  { "$@"; status=$?; echo "$SECONDS" >"$(log_of "$name").end"; exit "$status"; } >"$(log_of "$name")" 2>&1 </dev/null &
  set +m
  pids[$name]=$!
}

await() { # await NAME: sets `status` to its exit code and `took` to its seconds
  local pid="${pids[$1]}"
  # In pieces: Bash may miss a signal that comes right before it waits, and would notice it after the whole job only.
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.5 &
    wait "$!"
  done
  wait "$pid"
  status=$?
  # Nothing that it has left behind goes on.
  kill -KILL -- "-$pid" 2>/dev/null
  unset "pids[$1]"
  took=$(($(cat "$(log_of "$1").end" 2>/dev/null || echo "$SECONDS") - starts[$1]))
}

end_step() { # end_step NAME: a check that is not a suite counts only when it fails
  local name="$1" status took
  await "$name"
  if [ "$status" -eq 0 ]; then
    echo "ok    $name ($took s)"
  else
    echo "FAIL  $name ($took s)"
    tail -n 200 "$(log_of "$name")"
    failed=$((failed + 1))
  fi
}

step() { # step NAME COMMAND…: begins it and waits for its end
  begin "$@"
  end_step "$1"
}

optional() { # optional NAME PACKAGE COMMAND…: a step with a tool from PyPI; counts as skipped where pip cannot fetch it
  local name="$1" package="$2"
  local tool="$out/$package"
  shift 2
  if pip install --quiet --target "$tool" "$package" >"$out/pip.log" 2>&1; then
    step "$name" env PYTHONPATH="$tool" PATH="$tool/bin:$PATH" "$@"
  else
    echo "skip  $name: pip cannot fetch $package"
    skipped=$((skipped + 1))
  fi
}

count() { # count WORD LOG: the number before "WORD" in the summary of mocha, which begins with "N passing (TIME)"
  sed 's/\x1b\[[0-9;]*m//g' "$2" |
    awk -v word="$1" '/^  [0-9]+ passing \(/ && !n0++ { left = 3 } left-- > 0 && $2 == word { n = $1 } END { print n + 0 }'
}

end_suite() { # end_suite NAME: adds the figures of mocha up; a suite that printed none, or was killed, has failed
  local name="$1" log status took p f s seed
  log="$(log_of "$name")"
  await "$name"
  p=$(count passing "$log") f=$(count failing "$log") s=$(count pending "$log")
  seed=$(grep -Eom 1 'seed [0-9]+' "$log")
  echo "suite $name: $p passing, $f failing, $s pending, exit $status ($took s${seed:+, $seed})"
  if [ "$status" -ne 0 ] || [ "$p" -eq 0 ]; then
    tail -n 400 "$log"
    [ "$f" -eq 0 ] && f=1
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

suite() { # suite NAME COMMAND…: runs a suite and waits for its end
  begin "$@"
  end_suite "$1"
}

finish() { # prints the sum, and fails unless everything has passed
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}
