# Saying things.

bold='' green='' red='' plain=''
if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

elapsed() {
    printf '%d:%02d' $((SECONDS / 60)) $((SECONDS % 60))
}

# One line for each argument.
say() {
    printf '%s\n' "$@"
}

step() {
    printf '%s[%s] %s%s\n' "$bold" "$(elapsed)" "$*" "$plain"
}

wrong_usage() {
    printf 'dev: %s\n' "$*" "see: ./dev help" >&2
    exit 2
}
