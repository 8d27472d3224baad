# Timestamps by a small authority of openssl's; read by check.sh, which has
# set EXHIBIT, t (a folder with a pack in q3, trust.json) and ok, no.

cat >"$t/tsa.cnf" <<EOF
[tsa]
serial = $t/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = md5, sha1, sha256, sha512
ess_cert_id_alg = sha256
[v3_tsa]
extendedKeyUsage = critical,timeStamping
[v3_ca]
basicConstraints = critical,CA:true
[req]
distinguished_name = dn
[dn]
EOF
echo 01 >"$t/serial"
authority() { # name: a root and a key that may stamp
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=root $1" \
	    -config "$t/tsa.cnf" -extensions v3_ca -keyout "$t/$1-ca.key" -out "$t/$1-ca.pem" &&
	openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=tsa $1" \
	    -config "$t/tsa.cnf" -keyout "$t/$1.key" -out "$t/$1.csr" &&
	openssl x509 -req -in "$t/$1.csr" -CA "$t/$1-ca.pem" -CAkey "$t/$1-ca.key" -CAcreateserial -days 3650 \
	    -extfile "$t/tsa.cnf" -extensions v3_tsa -out "$t/$1.pem"
} >/dev/null 2>&1
reply() { # authority query response
	openssl ts -reply -config "$t/tsa.cnf" -section tsa -queryfile "$2" -signer "$t/$1.pem" -inkey "$t/$1.key" \
	    -out "$3" >/dev/null 2>&1
}
authority one && authority two || { echo "FAIL interop: openssl made no authority"; exit 0; }

# code STATUS CODE name trust pack: verify's status, and a code or level.
code() {
	"$EXHIBIT" verify "$5" --trust "$4" --previous "$t/kept.note" --as-of $asof >"$work/log" 2>&1
	have=$?
	if [ $have = "$1" ] && grep -q "$2" "$work/log"; then echo "PASS interop $3"
	else echo "FAIL interop $3: status $have, want $1 $2"; cat "$work/log"; fi
}
# trust NAME EDIT: a copy of trust.json, edited by a line of python.
trust() {
	python3 -c "import json
t = json.load(open('$t/trust.json'))
k = {v['role']: v for v in t['keys'].values()}
ca = lambda n: open('$t/' + n + '-ca.pem').read()
$2
json.dump(t, open('$t/$1.json', 'w'))"
}
# graft PACK TOKEN: puts a token into the approver's bundle.
graft() {
	python3 -c "import base64, json
b = json.load(open('$1/sig/approver.sigstore.json'))
b['verificationMaterial']['timestampVerificationData'] = {'rfc3161Timestamps': [
    {'signedTimestamp': base64.b64encode(open('$2', 'rb').read()).decode()}]}
json.dump(b, open('$1/sig/approver.sigstore.json', 'w'))"
}

cp "$pack/data/log/refunds/checkpoint.prev" "$t/kept.note"
cp -r "$pack" "$t/ts"; rm -r "$t/ts/sig"
sign="$EXHIBIT sign $t/ts --demo-key --yes --as-of $asof"
trust required "t['tsa'] = [ca('one')]; t['time'] = 'required'"
$sign --role preparer --person jane.doe@acme.example >/dev/null 2>&1
ok "sign writes a query" "$EXHIBIT" sign "$t/ts" --role preparer --tsa-query "$t/tq1"
ok "openssl reads the query" openssl ts -query -in "$t/tq1" -text
reply one "$t/tq1" "$t/r1"
"$EXHIBIT" sign "$t/ts" --role preparer --tsa-query "$t/tq2" >/dev/null
no "the answer to another query" "$EXHIBIT" sign "$t/ts" --role preparer --tsa-query "$t/tq2" --tsa-response "$t/r1"
ok "sign takes the answer in" "$EXHIBIT" sign "$t/ts" --role preparer --tsa-query "$t/tq1" --tsa-response "$t/r1"
$sign --role approver --trust "$t/trust.json" >/dev/null 2>&1
no "no stamp on a preparer after approval" "$EXHIBIT" sign "$t/ts" --role preparer --tsa-query "$t/tq3"
code 5 TIME_MISSING "an approval without timestamp, where one is required" "$t/required.json" "$t/ts"
"$EXHIBIT" sign "$t/ts" --role approver --tsa-query "$t/tq3" >/dev/null
reply one "$t/tq3" "$t/r3"
cp -r "$t/ts" "$t/bare"
ok "sign stamps the approval" "$EXHIBIT" sign "$t/ts" --role approver --tsa-query "$t/tq3" --tsa-response "$t/r3"
code 0 "L3 ok .*2 signatures stamped" "two stamped signatures" "$t/required.json" "$t/ts"
python3 -c "import base64, json
b = json.load(open('$t/ts/sig/approver.sigstore.json'))
open('$t/token', 'wb').write(base64.b64decode(b['verificationMaterial']['timestampVerificationData']['rfc3161Timestamps'][0]['signedTimestamp']))
open('$t/sigbytes', 'wb').write(base64.b64decode(b['dsseEnvelope']['signatures'][0]['sig']))"
ok "openssl ts verifies the token" openssl ts -verify -data "$t/sigbytes" -in "$t/token" -CAfile "$t/one-ca.pem"

trust other "t['tsa'] = [ca('two')]; t['time'] = 'required'"
code 5 TIME_UNTRUSTED "an authority that is not trusted" "$t/other.json" "$t/ts"
trust optional "t['tsa'] = [ca('two')]"
code 0 "TIME_UNTRUSTED" "the same, where no time is required" "$t/optional.json" "$t/ts"
trust ended "t['tsa'] = [ca('one')]; k['approver']['valid_until_us'] = 1"
code 3 KEY_VALIDITY "stamped when the key had ended" "$t/ended.json" "$t/ts"
trust revoked "t['tsa'] = [ca('one')]; k['approver']['revoked_us'] = 4102444800000000"
code 0 "L2 ok" "a key that was revoked after its stamp" "$t/revoked.json" "$t/ts"
trust early "t['tsa'] = [ca('one')]; k['approver']['revoked_us'] = 1"
code 3 KEY_REVOKED "a key that was revoked before its stamp" "$t/early.json" "$t/ts"

cp -r "$t/bare" "$t/graft"; graft "$t/graft" "$t/r1"
code 3 TIME_IMPRINT "a timestamp of other data" "$t/required.json" "$t/graft"
for weak in md5 sha1; do
	openssl ts -query -data "$t/sigbytes" -$weak -cert -out "$t/q.$weak" 2>/dev/null
	reply one "$t/q.$weak" "$t/r.$weak"
	graft "$t/graft" "$t/r.$weak"
	code 2 TIME_ALGORITHM "a $weak imprint" "$t/required.json" "$t/graft"
done
head -c 200 "$t/r3" >"$t/cut"; graft "$t/graft" "$t/cut"
code 3 TIME_TOKEN "half a token" "$t/required.json" "$t/graft"
python3 -c "d = bytearray(open('$t/r3', 'rb').read()); d[-5] ^= 1; open('$t/flip', 'wb').write(d)"
graft "$t/graft" "$t/flip"
code 3 TIME_TOKEN "a flipped token" "$t/required.json" "$t/graft"
