# check.bash - for the shell tests of tests/cli: source it; end with
#   echo "$passed passed, $failed failed"
passed=0 failed=0

# check NAME WANTED-EXIT-CODE WANTED-WORDS COMMAND...: nobody is there to answer the command.
check() {
    local name=$1 wanted=$2 words=$3 output code
    shift 3
    output=$("$@" 2>&1 </dev/null)
    code=$?
    if [ $code -eq "$wanted" ] && [[ $output == *"$words"* ]]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s: exit code %d\n%s\n' "$name" $code "$output"
    fi
}
