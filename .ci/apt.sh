# shellcheck shell=bash
# Another suite's packages with this machine's apt-get, to be sourced: its state is not touched, and
# nothing is installed.  Apt checks the signature over the lists, and each package against them.

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Put the options for a suite, with all of apt's state below a folder, into OPTIONS.
set_up() {
    local suite=$1 apt=$2
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    touch "$apt/status"
    sources "$suite" >"$apt/sources.list"
    OPTIONS=(
        -qq -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any
        -o Acquire::Retries=2 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20
        -o "Dir::State=$apt" -o "Dir::State::Lists=$apt/lists"
        -o "Dir::State::Status=$apt/status" -o "Dir::Cache=$apt/cache"
        -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null
    )
}

# The suite itself, its updates and its security updates.
sources() {
    local debian security
    debian=$(mirror "$(release)")
    security=$(mirror "$(release)-security")
    echo "deb [signed-by=$KEYRING] $debian $1 main"
    if [ "$1" != sid ]; then
        echo "deb [signed-by=$KEYRING] $debian $1-updates main"
        echo "deb [signed-by=$KEYRING] $security $1-security main"
    fi
}

release() {
    (. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
}

# Where this machine gets a suite of its own from.
mirror() {
    # shellcheck disable=SC2016 # apt-get fills these in
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(CREATED_BY)' \
        | sed -n "s/ $1 main Packages\$//p" | head -n 1
}
