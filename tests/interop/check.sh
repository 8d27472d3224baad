#!/bin/bash
# Packs are checked with tools that we did not write, and the verdicts agree.
# Uses B (the build folder) and EXHIBIT; prints PASS, FAIL and SKIP lines.
set -u
cd "$(dirname "$0")/../.."
SRC=$PWD
B=${B:-$SRC/build/release}
case $B in /*) ;; *) B=$SRC/$B ;; esac
EXHIBIT=${EXHIBIT:-$B/exhibit}
export LC_ALL=C TZ=UTC ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
t=$work/t; mkdir "$t"
asof=2026-10-12T00:00:00Z

ok() { # name command...: it must succeed
	name=$1; shift
	if "$@" >"$work/log" 2>&1; then echo "PASS interop $name"
	else echo "FAIL interop $name"; sed 's/^/  /' "$work/log" | head -20; fi
}
no() { # name command...: it must fail
	name=$1; shift
	if "$@" >"$work/log" 2>&1; then echo "FAIL interop $name: accepted"
	else echo "PASS interop $name"; fi
}
have() { # tool package
	command -v "$1" >/dev/null && return 0
	echo "SKIP $1: install $2"; return 1
}

[ -x "$B/tests/unit/test_verify" ] || { echo "FAIL interop: no $B/tests/unit/test_verify"; exit 1; }
WRITE_PACK=$t "$B/tests/unit/test_verify" >/dev/null || { echo "FAIL interop: no pack"; exit 1; }
pack=$t/q3
ok "exhibit verify" "$EXHIBIT" verify "$pack" --trust "$t/trust.json" --previous "$t/q2" --as-of $asof

# README.txt, as it is written.
awk '/^sha256sum --strict/,/^find \./' "$pack/README.txt" >"$work/files.sh"
ok "README files" bash -c "cd '$pack' && out=\$(bash '$work/files.sh' | grep -v ': OK\$'); test -z \"\$out\""
cp -r "$pack" "$t/bad"; echo x >>"$t/bad/data/site/index.html"
no "README finds a changed file" bash -c "cd '$t/bad' && sha256sum --strict -c manifest-sha256.txt"
cp "$pack/data/site/index.html" "$t/bad/data/site/index.html"; echo x >"$t/bad/data/extra"
ok "README finds an extra file" bash -c "cd '$t/bad' && bash '$work/files.sh' | grep -q data/extra"
rm "$t/bad/data/extra"

if have ssh-keygen openssh-client; then
	"$EXHIBIT" key trust export --as allowed_signers --trust "$t/trust.json" >"$t/allowed_signers"
	ln -s "$t/allowed_signers" "$work/allowed_signers"
	for who in preparer:jane.doe@acme.example approver:r.ortiz@acme.example; do
		role=${who%%:*} person=${who#*:}
		line=$(grep "^ssh-keygen.*exhibit-$role" "$pack/README.txt" | sed "s|-f allowed_signers|-f $t/allowed_signers|; s|PERSON|$person|")
		ok "README ssh-keygen $role" bash -c "cd '$pack' && $line"
		no "ssh-keygen: $role, another manifest" bash -c "cd '$pack' && ${line%<*} < bagit.txt"
		no "ssh-keygen: $role, another person" bash -c "cd '$pack' && ${line/$person/kim@acme.example}"
	done
	no "ssh-keygen: another namespace" ssh-keygen -Y verify -f "$t/allowed_signers" -I jane.doe@acme.example \
	    -n file -s "$pack/sig/preparer.sshsig" <"$pack/manifest-sha256.txt"
	# Revoked there, revoked here.
	cp "$t/trust.json" "$t/revoked.json"
	id=$("$EXHIBIT" key trust export --as fingerprints --trust "$t/trust.json" | awk '/ preparer /{print $1}')
	"$EXHIBIT" key trust revoke "$id" --reason lost --trust "$t/revoked.json" >/dev/null
	"$EXHIBIT" key trust export --as krl --trust "$t/revoked.json" >"$t/krl"
	no "ssh-keygen: a revoked key" ssh-keygen -Y verify -r "$t/krl" -f "$t/allowed_signers" -I jane.doe@acme.example \
	    -n exhibit-preparer@v1 -s "$pack/sig/preparer.sshsig" <"$pack/manifest-sha256.txt"
	# Their signature is read by us, fingerprint for fingerprint.
	for type in ed25519 ecdsa; do
		ssh-keygen -q -t $type -N '' -C x -f "$t/ssh_$type" </dev/null
		cp "$pack/manifest-sha256.txt" "$t/m"
		ssh-keygen -q -Y sign -n exhibit-preparer@v1 -f "$t/ssh_$type" "$t/m" 2>/dev/null
		mv "$t/m.sig" "$t/m.$type"
		ok "ssh-keygen $type signature is read" bash -c \
		    "\"$EXHIBIT\" key show '$t/m.$type' | grep -qF \"\$(ssh-keygen -lf '$t/ssh_$type.pub' | cut -d' ' -f2)\""
	done
fi

# A pack signed on the command line, Ed25519 and P-256.
cp -r "$pack" "$t/cli"; rm -r "$t/cli/sig"
"$EXHIBIT" key new --role preparer --alg p256 --plain-key "$t/p.key" >/dev/null
echo 'a passphrase' >"$t/pass"
"$EXHIBIT" key new --role approver --passphrase-fd 3 "$t/a.key" 3<"$t/pass" >/dev/null
print() { "$EXHIBIT" key show "$1" | sed -n 's/^fingerprint *//p'; }
"$EXHIBIT" key trust add --trust "$t/cli.json" --organisation acme.example --role preparer --person jane.doe@acme.example \
    --from "$t/p.key.pub" --fingerprint "$(print "$t/p.key.pub")" >/dev/null
"$EXHIBIT" key trust add --trust "$t/cli.json" --role approver --person r.ortiz@acme.example \
    --from "$t/a.key.pub" --fingerprint "$(print "$t/a.key.pub")" >/dev/null
ok "exhibit sign preparer" "$EXHIBIT" sign "$t/cli" --role preparer --key "$t/p.key" --person jane.doe@acme.example --yes
ok "exhibit sign approver" bash -c "'$EXHIBIT' sign '$t/cli' --role approver --key '$t/a.key' --trust '$t/cli.json' --yes --passphrase-fd 3 3<'$t/pass'"
if have ssh-keygen openssh-client; then
	"$EXHIBIT" key trust export --as allowed_signers --trust "$t/cli.json" >"$t/cli_signers"
	ok "ssh-keygen P-256" ssh-keygen -Y verify -f "$t/cli_signers" -I jane.doe@acme.example -n exhibit-preparer@v1 \
	    -s "$t/cli/sig/preparer.sshsig" <"$t/cli/manifest-sha256.txt"
fi

if have openssl openssl && have python3 python3; then
	awk '/^for f in payload sig/,/^openssl pkeyutl/' "$pack/README.txt" >"$work/dsse.sh"
	"$EXHIBIT" key trust export --as pem --trust "$t/trust.json" |
	    awk '/^#/{f=$2} {print > ("'"$work"'/" f ".pem.txt")}'
	grep -v '^#' "$work/preparer.pem.txt" >"$work/preparer.pem"
	ok "README openssl Ed25519" bash -c "cd '$pack' && cp '$work/preparer.pem' preparer.pem && bash '$work/dsse.sh'; rc=\$?; rm preparer.pem; exit \$rc"
	ok "openssl P-256" bash -c "cd '$t/cli' && head -4 '$work/dsse.sh' | bash && openssl dgst -sha256 -verify '$t/p.key.pub' -signature ../sig ../pae"
	no "openssl: another payload" bash -c "cd '$t/cli' && printf x >>../pae && openssl dgst -sha256 -verify '$t/p.key.pub' -signature ../sig ../pae"
	ok "openssl reads an encrypted key" openssl pkey -in "$t/a.key" -passin "file:$t/pass" -noout
fi

if have python3 python3; then
	awk '/^python3 - /,/^EOF/' "$pack/README.txt" >"$work/proof.sh"
	ok "README python3, every record" bash -c "cd '$pack' && for R in \$(cd data/records && ls */*.json | sed 's/.json//'); do
	    R=\$R bash '$work/proof.sh' | grep -qx included || exit 1; done"
	no "python3 finds a changed record" bash -c "cd '$t/bad' && R=\$(sed -n 's/^R=//p' README.txt) &&
	    sed -i s/refund-bot/evil-bot/ data/records/\$R.json && R=\$R bash '$work/proof.sh' | grep -qx included"
	ok "python3 sample and consistency" python3 tests/interop/check.py "$pack"
	(cd "$t" && cp -r q3 z && python3 "$SRC/tests/interop/rezip.py" z z.zip)
	ok "a ZIP by python3 zipfile, in our subset, is verified" "$EXHIBIT" verify "$t/z.zip" --trust "$t/trust.json" --previous "$t/q2" --as-of $asof
fi

# A clock before the end of the sample's period cannot stamp it.
if have openssl openssl && have python3 python3; then
	if [ "$(date +%s)" -gt 1790812800 ]; then
		. tests/interop/stamp.sh
	else
		echo "SKIP openssl ts: the clock is before 2026-10-01"
	fi
fi

if have go golang-go && [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/note ]; then
	export GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE=$work/go HOME=$work
	if go build -o "$work/notecheck" tests/interop/notecheck/main.go >"$work/log" 2>&1; then
		for dir in "$pack"/data/log/*/; do
			d=$(basename "$dir")
			vkey=$("$EXHIBIT" key trust export --as vkey --origin "$(head -1 "$dir/checkpoint")" --trust "$t/trust.json")
			ok "x/mod note and tlog $d" "$work/notecheck" "$pack" "$d" "$vkey"
		done
		no "x/mod: another key name" "$work/notecheck" "$pack" refunds "${vkey/Stock/Other}"
	else
		echo "FAIL interop: notecheck does not build"; cat "$work/log"
	fi
else
	echo "SKIP x/mod: install golang-golang-x-mod-dev"
fi

# The ZIP that we write, opened by others: made by signing one.
if have unzip unzip && [ -f "$t/z.zip" ]; then
	(cd "$t" && rm -rf z2 && mkdir z2 && rm -rf z/sig && python3 "$SRC/tests/interop/rezip.py" z z2.zip)
	ok "sign a ZIP" "$EXHIBIT" sign "$t/z2.zip" --role preparer --key "$t/p.key" --person jane.doe@acme.example --yes
	ok "unzip -t" unzip -tq "$t/z2.zip"
	ok "unzip gives the same files" bash -c "cd '$t/z2' && unzip -q ../z2.zip && sha256sum --quiet --strict -c manifest-sha256.txt && test -f sig/preparer.sshsig"
fi
have bsdtar libarchive-tools && [ -f "$t/z2.zip" ] && ok "bsdtar lists" bsdtar -tf "$t/z2.zip"
exit 0
