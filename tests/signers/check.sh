#!/bin/bash
# Keys in a child, and behind commands: each wrapper of docs/signers signs a
# pack that verifies; each way to fail leaves nothing behind.
set -u
cd "$(dirname "$0")/../.."
SRC=$PWD B=${B:-$PWD/build/asan}
EXHIBIT=${EXHIBIT:-$B/exhibit}
tmp=$(mktemp -d)
agent=
trap '[ -z "$agent" ] || kill "$agent" 2>/dev/null; rm -rf "$tmp"' EXIT
umask 077
cd "$tmp" || exit 1
WRITE_PACK=$tmp "$B/tests/unit/test_verify" >/dev/null || { echo "FAIL signers: no pack to sign"; exit 1; }
rm -rf q2/sig
asof="--as-of 2026-10-12T00:00:00Z"
pass() { echo "PASS signers $1"; }
fail() { echo "FAIL signers $1"; [ -f err ] && sed 's/^/	/' err; }
# put NAME ALG PUBLIC REST... : an exhibit-signer/1 file
put() {
	name=$1 alg=$2 public=$3; shift 3
	{ echo "schema: exhibit-signer/1"; echo "alg: $alg"; echo "public: $public"; printf '%s\n' "$@"; } >"$name"
}
sign() { # sign PACK KEY
	"$EXHIBIT" sign "$1" --role preparer --key "$2" --person jane.doe@acme.example --yes $asof >out 2>err
}
# good NAME SIGNER PEM: signs a pack, and verify names the person
good() {
	rm -rf p trust.json; cp -r q2 p
	"$EXHIBIT" key trust add --organisation acme.example --from "$3" --role preparer --person jane.doe@acme.example \
	    --fingerprint "$("$EXHIBIT" key show "$3" | grep -o 'SHA256:[^ ]*')" >/dev/null 2>err &&
	sign p "$2"
	# Undecided: nobody approved, and the log's key is not in this trust.
	"$EXHIBIT" verify p --trust trust.json $asof --json >report 2>>err
	if python3 - <<'P'
import json, sys
r = json.load(open("report"))
signers = [s for s in r["signers"] if s.get("person") == "jane.doe@acme.example"]
bad = [c for l in r["levels"] for c in l["checks"] if c["result"] == "bad"]
sys.exit(0 if signers and not bad else 1)
P
	then pass "$1"; else fail "$1"; head -c 2000 report; fi
}
# bad NAME STATUS SIGNER WORDS: refused, says why, and writes nothing
bad() {
	rm -rf p; cp -r q2 p
	sign p "$3"; rc=$?
	if [ $rc = "$2" ] && grep -q -- "$4" err && [ ! -e p/sig ]; then pass "$1"
	else fail "$1: status $rc, want $2"; fi
}
W=$SRC/docs/signers
openssl genpkey -algorithm ed25519 -out jane.key 2>/dev/null
openssl pkey -in jane.key -pubout -out jane.pem
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out p256.key 2>/dev/null
openssl pkey -in p256.key -pubout -out p256.pem

put openssl.yaml ed25519 jane.pem "command: [$W/sign-openssl, $tmp/jane.key]"
good "openssl, Ed25519" openssl.yaml jane.pem
put p256.yaml p256 p256.pem "command: [$W/sign-openssl, $tmp/p256.key]"
good "openssl, P-256" p256.yaml p256.pem
printf 'correct horse\n' >pass
"$EXHIBIT" key new sealed.key --role preparer --passphrase-file pass >/dev/null 2>err || fail "key new --passphrase-file"
rm -rf p; cp -r q2 p
"$EXHIBIT" sign p --role preparer --key sealed.key --passphrase-file pass --person jane.doe@acme.example --yes $asof >out 2>err &&
    pass "a passphrase from a file" || fail "a passphrase from a file"
printf 'wrong\n' >wrong; rm -rf p; cp -r q2 p
"$EXHIBIT" sign p --role preparer --key sealed.key --passphrase-file wrong --person jane.doe@acme.example --yes $asof >out 2>err
[ $? = 2 ] && [ ! -e p/sig ] && pass "a wrong passphrase" || fail "a wrong passphrase"

if command -v ssh-agent >/dev/null && command -v ssh-keygen >/dev/null; then
	ssh-keygen -q -t ed25519 -N '' -f ssh.key
	ssh-keygen -e -m PKCS8 -f ssh.key.pub >ssh.pem 2>/dev/null || python3 - <<'P'
import base64
raw = base64.b64decode(open("ssh.key.pub").read().split()[1])[-32:]
der = bytes.fromhex("302a300506032b6570032100") + raw
print("-----BEGIN PUBLIC KEY-----", base64.b64encode(der).decode(), "-----END PUBLIC KEY-----", sep="\n", file=open("ssh.pem", "w"))
P
	eval "$(ssh-agent -a "$tmp/agent.sock" -s)" >/dev/null; agent=$SSH_AGENT_PID
	ssh-add -q ssh.key 2>/dev/null
	put agent.yaml ed25519 ssh.pem "command: [$W/sign-ssh-agent, $tmp/ssh.key.pub]" "env: {SSH_AUTH_SOCK: $tmp/agent.sock}"
	good "ssh-agent" agent.yaml ssh.pem
	kill "$agent"; agent=
	bad "ssh-agent is gone" 4 agent.yaml "ended with status"
else
	echo "SKIP signers ssh-agent: install openssh-client"
fi

hsm=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
if [ -n "$hsm" ] && command -v pkcs11-tool >/dev/null; then
	mkdir tokens; printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\n' "$tmp" >softhsm.conf
	export SOFTHSM2_CONF=$tmp/softhsm.conf
	pkcs11-tool --module "$hsm" --init-token --slot-index 0 --label exhibit --so-pin 12345678 >/dev/null 2>&1
	pkcs11-tool --module "$hsm" --init-pin --token-label exhibit --so-pin 12345678 --pin 4321 >/dev/null 2>&1 ||
	    pkcs11-tool --module "$hsm" --login --login-type so --so-pin 12345678 --init-pin --new-pin 4321 >/dev/null 2>&1
	pkcs11-tool --module "$hsm" --token-label exhibit --login --pin 4321 --keypairgen --key-type EC:prime256v1 --label jane >/dev/null 2>&1
	pkcs11-tool --module "$hsm" --token-label exhibit --read-object --type pubkey --label jane --output-file hsm.der >/dev/null 2>&1
	openssl pkey -pubin -inform DER -in hsm.der -out hsm.pem 2>err
	printf 4321 >pin
	put hsm.yaml p256 hsm.pem "prehash: sha256" "command: [$W/sign-pkcs11, $hsm, jane]" \
	    "env: {SOFTHSM2_CONF: $tmp/softhsm.conf, PIN_FILE: $tmp/pin}"
	good "pkcs11-tool with SoftHSM, P-256" hsm.yaml hsm.pem
else
	echo "SKIP signers pkcs11: install softhsm2 opensc"
fi

openssl genpkey -algorithm ed25519 -out other.key 2>/dev/null
put other.yaml ed25519 jane.pem "command: [$W/sign-openssl, $tmp/other.key]"
bad "another key's signature" 3 other.yaml "does not hold"
put fails.yaml ed25519 jane.pem "command: [/bin/false]"
bad "a command that fails" 4 fails.yaml "ended with status 1"
put silent.yaml ed25519 jane.pem "command: [/bin/true]"
bad "a command that says nothing" 4 silent.yaml "no signature"
put slow.yaml ed25519 jane.pem "command: [/bin/sleep, '30']" "timeout_s: 1"
bad "a command that is too slow" 4 slow.yaml "in time"
put loud.yaml ed25519 jane.pem "command: [/bin/cat, /dev/zero]"
bad "a command that says too much" 4 loud.yaml "more than 1024"
put none.yaml ed25519 jane.pem "command: [/nonexistent/signer]"
bad "a command that is not there" 4 none.yaml "cannot be run"
put path.yaml ed25519 jane.pem "command: [openssl]"
bad "a command without its path" 2 path.yaml "whole path"
put key.yaml ed25519 jane.pem "command: [/bin/true]" "shell: yes"
bad "an unknown field" 2 key.yaml "key.yaml:5:1"
put alg.yaml p256 jane.pem "command: [/bin/true]"
bad "alg of another key" 2 alg.yaml "another kind of key"
put hash.yaml ed25519 jane.pem "command: [/bin/true]" "prehash: sha256"
bad "a digest for Ed25519" 2 hash.yaml "not their hash"
put open.yaml ed25519 jane.pem "command: [$W/sign-openssl, $tmp/jane.key]"; chmod 666 open.yaml
bad "a file that others can write" 2 open.yaml "others can write"

# The key's file is opened by the child alone.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	rm -rf p; cp -r q2 p
	ASAN_OPTIONS=detect_leaks=0 strace -f -e trace=openat,open -o trace "$EXHIBIT" sign p --role preparer --key sealed.key \
	    --passphrase-file pass --person jane.doe@acme.example --yes $asof >out 2>err
	first=$(head -1 trace | cut -d' ' -f1)
	if grep -q '"sealed.key"' trace && ! grep "^$first " trace | grep -q '"sealed.key"\|"pass"'; then pass "the parent opens no key"
	else fail "the parent opens no key"; fi
else
	echo "SKIP signers strace: install strace"
fi
